"""What a worker gets: one sealed memory file with the program, the configuration and the columns of the market, and
how much the program may use.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import pickle
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from engine import BacktestConfig, MarketData, MarketHistory
from processes import KnownTriggers

MEBIBYTE = 1 << 20
_ALIGNMENT = 64
_SEAL_ALL = 0x1 | 0x2 | 0x4 | 0x8
_ADD_SEALS = getattr(fcntl, "F_ADD_SEALS", 1033)


@dataclass(frozen=True, kw_only=True)
class SandboxLimits:
    """Limits of one run. `call_s` is for each call of the program; one that is over it is interrupted and, when it has
    not come back `grace_s` later, killed. `total_s` is what the run waits for its program altogether, and the processor
    time it may take; `memory_bytes` is what it may use beside the market; `start_s` is for the sandbox's own start;
    `result_bytes` for all that it reports: decisions, logs, errors, queries.
    """

    call_s: float = 5.0
    grace_s: float = 1.0
    total_s: float = 3_600.0
    start_s: float = 30.0
    memory_bytes: int = 512 * MEBIBYTE
    result_bytes: int = 512 * MEBIBYTE


@dataclass(frozen=True)
class RunJob:
    """A whole back-test: the market, its configuration with the source text, and its trigger sources."""

    market: MarketHistory
    config: BacktestConfig
    sources: tuple[KnownTriggers, ...]
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
    table = [number for place, view in zip(places, views, strict=True) for number in (place, view.nbytes)]
    numbers = [len(head), len(views), *table]
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
