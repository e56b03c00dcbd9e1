"""How much a sandboxed program may use."""

from __future__ import annotations

from dataclasses import dataclass

MEBIBYTE = 1 << 20


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
