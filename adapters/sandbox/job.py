"""What a worker gets before it begins, and how much its program may use."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine import Language
from engine.account import MarginRules
from engine.market import RegimeConfig
from engine.market.past import SymbolFacts

MEBIBYTE = 1 << 20


@dataclass(frozen=True, kw_only=True)
class SandboxLimits:
    """Limits of one run. `call_s` is for each call of the program; one that is over it is interrupted and, when it has
    not come back `grace_s` later, killed. `total_s` is what the run waits for its program altogether, and the processor
    time it may take; `memory_bytes` is what it may use beside the market; `start_s` is for the sandbox's own start;
    `result_bytes` for all that it reports: decisions, logs, errors, queries. `derived_bytes` is for what is worked out
    for it and kept, such as columns of indicators: of a large market four times its size where that is more.
    """

    call_s: float = 5.0
    grace_s: float = 0.75
    total_s: float = 3_600.0
    start_s: float = 30.0
    memory_bytes: int = 512 * MEBIBYTE
    result_bytes: int = 160 * MEBIBYTE
    derived_bytes: int = 96 * MEBIBYTE


@dataclass(frozen=True)
class MarketFacts:
    """What is said of a market beforehand, how old a mark price may be (ms), and which flow metrics only the parent can
    work out; the rest is fetched part by part.
    """

    symbols: tuple[SymbolFacts, ...]
    regime: RegimeConfig
    margins: MarginRules
    mark_stale_ms: int
    own_metrics: tuple[str, ...] = ()


@dataclass(frozen=True)
class Job:
    """A program, and the market about which it is asked: without one its text is looked at and nothing run; with
    `symbols`, those of a run, mistakes are looked for too.
    """

    source: str
    params: Mapping[str, Any]
    limits: SandboxLimits
    facts: MarketFacts | None
    language: Language = "python"
    fresh_each_time: bool = False
    record_queries: bool = False
    symbols: tuple[str, ...] | None = None


def pack(job: Job) -> bytes:
    """Return a job as bytes for a worker of one's own."""
    return pickle.dumps(job, protocol=5)


def unpack(content: bytes) -> Job:
    """Return the job that its parent has packed."""
    job = pickle.loads(content)  # what the parent wrote, before any program runs
    assert isinstance(job, Job)
    return job
