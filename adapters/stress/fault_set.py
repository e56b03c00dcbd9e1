"""The faults that a stress test runs with: a set that suits any range, or what is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine import BacktestConfig, ConfigurationError
from engine.durations import parse_length
from engine.faults import KINDS, Fault, FaultLike, FaultProblems, checked_faults, fault_of

#: How each kind is taken, beside when. What is not said of when is on for the whole run.
_STRENGTH: Mapping[str, Mapping[str, Any]] = {
    "outage": {"duration": "2h"},
    "cancel_only": {"duration": "2h"},
    "rejects": {"percent": 10.0},
    "latency": {"delay": "90s"},
    "delayed_data": {"delay": "2m"},
    "dropped_data": {"percent": 5.0},
    "duplicated_data": {"percent": 5.0},
    "frozen_data": {"duration": "1h"},
    "stale_mark": {"duration": "1h"},
    "flash_crash": {"percent": 15.0, "duration": "15m"},
    "wick": {"percent": 5.0, "direction": "both"},
    "funding_spike": {"percent": 0.1, "duration": "8h"},
    "delisting": {},
    "spread": {"percent": 0.05},
    "partial_volume": {"percent": 1.0},
    "fees": {"percent": 0.03},
    "missed_ticks": {"percent": 10.0},
    "late_signals": {"delay": "2m"},
    "clock_skew": {"skew": "30s"},
    "slow_program": {"delay": "90s"},
    "restart": {"duration": "5m"},
}
#: So often those come that last for a while: one in the middle of each such part of the range.
_TIMES = 8


def standard_faults(config: BacktestConfig) -> dict[str, Fault]:
    """Return a fault of each kind by its name, as strong as it may well come, for the range of a configuration: what
    lasts for a while comes eight times, evenly, a delisting (of the first symbol) once, in the middle.
    """
    return {name: _standard(name, config) for name in KINDS}


def _standard(name: str, config: BacktestConfig) -> Fault:
    given, length = dict(_STRENGTH[name]), config.end_ms - config.start_ms
    if name == "delisting":
        given |= {"start": config.start_ms + length // 2, "symbols": [config.symbols[0]]}
    elif "duration" in given or KINDS[name].lasts is not None:
        given |= {"start": _middles(config.start_ms, length), "duration": _fitting(given.get("duration"), length)}
        if given["duration"] is None:
            del given["duration"]
    return Fault(name, given)


def _middles(start_ms: int, length: int) -> list[int]:
    """Return the middles of the parts of a range, on whole minutes where these are longer."""
    step = length // _TIMES
    exact = [start_ms + step * place + step // 2 for place in range(_TIMES)]
    return [each - each % 60_000 if step > 120_000 else each for each in exact]


def _fitting(duration: str | None, length: int) -> str | None:
    """Return a duration, but no more than half of a part of the range."""
    if duration is None or parse_length(duration) <= length // (2 * _TIMES):
        return duration
    return f"{length // (2 * _TIMES)}ms"


def parse_fault(given: FaultLike, config: BacktestConfig) -> tuple[str, Fault]:
    """Return a fault and what it is called. Words that say nothing of it, or nothing but a strength ("outage",
    "outage:4h"), leave all else as the standard set has it.

    Raises `ConfigurationError` for what is none.
    """
    try:
        fault = fault_of(given)
    except FaultProblems as error:
        raise ConfigurationError(error.problems) from error
    if not isinstance(given, str):
        return fault.kind, fault
    if "=" in given:
        return given, fault
    return given.strip(), Fault(fault.kind, {**_standard(fault.kind, config).given, **fault.given})


def chosen_faults(chosen: FaultLike | Sequence[FaultLike] | None, config: BacktestConfig) -> dict[str, Fault]:
    """Return the faults of a stress test by what they are called: those that are named or given, None: the standard
    set. Raises `ConfigurationError` with all that is wrong with them.
    """
    if chosen is None:
        return standard_faults(config)
    if isinstance(chosen, (str, Fault, Mapping)):
        chosen = [chosen]
    if not isinstance(chosen, Sequence):
        raise ConfigurationError(
            [f"fault: {chosen!r} is no list of faults: perpsim.faults.outage(...), or names of kinds"]
        )
    found: dict[str, Fault] = {}
    problems: list[str] = []
    for each in chosen:
        try:
            name, fault = parse_fault(each, config)
            checked_faults([fault])
        except FaultProblems as error:
            problems += [f"fault {name}: {problem.partition(': ')[2]}" for problem in error.problems]
            continue
        except ConfigurationError as error:
            problems += error.problems
            continue
        names = (name, *(f"{name} {number}" for number in range(2, len(chosen) + 1)))
        found[next(free for free in names if free not in found)] = fault
    if problems:
        raise ConfigurationError(problems)
    return found
