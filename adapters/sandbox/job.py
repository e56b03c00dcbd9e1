"""What a worker gets: one sealed memory file with the program, the configuration and the columns of the market."""

from __future__ import annotations

import fcntl
import mmap
import os
import pickle
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from engine import BacktestConfig, MarketData, MarketHistory, TriggerEvent

from .sandbox_limits import SandboxLimits

_ALIGNMENT = 64
_SEAL_ALL = 0x1 | 0x2 | 0x4 | 0x8
_ADD_SEALS = getattr(fcntl, "F_ADD_SEALS", 1033)


@dataclass(frozen=True)
class RunJob:
    """A whole back-test: the market, its configuration with the source text, and what each trigger source fires."""

    market: MarketHistory
    config: BacktestConfig
    triggers: tuple[tuple[TriggerEvent, ...], ...]
    record_queries: bool


@dataclass(frozen=True)
class CallJob:
    """A single call of a program."""

    source: str
    params: dict[str, object]
    data: MarketData


@dataclass(frozen=True)
class Job:
    """Something to run, and how."""

    task: RunJob | CallJob
    limits: SandboxLimits
    uid: int
    restricted: bool = True


def pack(job: Job) -> int:
    """Return the descriptor of a memory file with the job, which nobody can change any more."""
    buffers: list[pickle.PickleBuffer] = []
    head = pickle.dumps(job, protocol=5, buffer_callback=buffers.append)
    views = [buffer.raw() for buffer in buffers]
    table_size = 8 * (2 + 2 * len(views))
    places, end = [], table_size + len(head)
    for view in views:
        start = -(-end // _ALIGNMENT) * _ALIGNMENT
        places.append(start)
        end = start + view.nbytes
    numbers = [
        len(head),
        len(views),
        *(n for place, view in zip(places, views, strict=True) for n in (place, view.nbytes)),
    ]
    descriptor = os.memfd_create("perpsim-job", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        os.ftruncate(descriptor, max(end, 1))
        _write(descriptor, 0, struct.pack(f"={len(numbers)}Q", *numbers) + head)
        for place, view in zip(places, views, strict=True):
            _write(descriptor, place, view)
        fcntl.fcntl(descriptor, _ADD_SEALS, _SEAL_ALL)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _write(descriptor: int, place: int, data: bytes | memoryview) -> None:
    view = memoryview(data)
    while view.nbytes:
        written = os.pwrite(descriptor, view, place)
        place, view = place + written, view[written:]


def unpack(descriptor: int) -> Job:
    """Return the job in a memory file; its columns stay where they are and cannot be written to."""
    content = memoryview(mmap.mmap(descriptor, 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ))
    head_size, count = struct.unpack_from("=2Q", content)
    numbers: Sequence[int] = struct.unpack_from(f"={2 * count}Q", content, 16)
    start = 8 * (2 + 2 * count)
    columns = [content[place : place + size] for place, size in zip(numbers[::2], numbers[1::2], strict=True)]
    job = pickle.loads(content[start : start + head_size], buffers=columns)
    assert isinstance(job, Job)
    return job
