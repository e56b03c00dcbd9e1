"""Faults that begin at an instant of a run, or later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine import PERIOD_MS, BacktestConfig, ConfigurationError, utc_text
from engine.faults import Fault, FaultLike, FaultProblems, checked_faults, fault_of
from engine.instants import instant_ms


def given_faults(faults: FaultLike | Sequence[FaultLike] | None) -> tuple[Fault, ...]:
    """Return the faults that a user gives: words as on a command line ("outage:2h"), faults of `perpsim.faults`, tables
    of one, or a list of such. Raises `ConfigurationError` with all that is wrong with them.
    """
    if faults is None:
        return ()
    if isinstance(faults, (str, Fault, Mapping)):
        faults = [faults]
    found: list[Fault] = []
    problems: list[str] = []
    for each in faults:
        try:
            fault = fault_of(each)
            found += checked_faults([fault])
        except FaultProblems as error:
            problems += [problem.replace("number 1, ", "fault ", 1) for problem in error.problems]
    if problems:
        raise ConfigurationError(problems)
    return tuple(found)


def beginning_at(faults: Sequence[Fault], at_ms: int, config: BacktestConfig) -> tuple[Fault, ...]:
    """Return faults that begin at an instant (epoch ms) of a run, where they do not say when.

    Raises `ConfigurationError` for one that begins earlier, or when the run has ended.
    """
    problems = [problem for each in faults for problem in _problems(each, at_ms, config)]
    if problems:
        raise ConfigurationError(problems)
    return tuple(_placed(each, at_ms, config) for each in faults)


def _starts(fault: Fault) -> list[int]:
    given = fault.given.get("start")
    given = given if isinstance(given, list | tuple) else [] if given is None else [given]
    return list(map(instant_ms, given))


def _problems(fault: Fault, at_ms: int, config: BacktestConfig) -> Iterator[str]:
    starts = _starts(fault)
    early = [each for each in starts if each < at_ms]
    if early:
        yield (
            f"fault {fault.kind}: it begins at {utc_text(min(early))}, before {utc_text(at_ms)}, from when on "
            "something is other: leave out its start, or ask from an earlier instant on"
        )
    elif starts and min(starts) > config.end_ms:
        yield (
            f"fault {fault.kind}: it begins at {utc_text(min(starts))}, when the run has ended, at "
            f"{utc_text(config.end_ms)}: nothing of it would happen"
        )
    for symbol in fault.given.get("symbols") or ():
        if symbol not in config.symbols:
            yield f"fault {fault.kind}: symbols: {symbol} is not one of the symbols of the run"


def _placed(fault: Fault, at_ms: int, config: BacktestConfig) -> Fault:
    """Return a fault with its start. Of a wick, which may turn anywhere in the kline of its start, that is the first
    kline which opens then or later: the one that is forming has rows that are known already.
    """
    starts = _starts(fault) or [at_ms]
    if fault.kind == "wick":
        period = PERIOD_MS[config.base_period]
        first = -(-at_ms // period) * period
        starts = [max(each, first) for each in starts]
    is_list = isinstance(fault.given.get("start"), list | tuple)
    return Fault(fault.kind, {**fault.given, "start": starts if is_list else starts[0]}, fault.process)


def is_laid_out(fault: Fault, config: BacktestConfig) -> bool:
    """Whether a fault is there from the start of a run on, so that no run which goes on already can have it: it changes
    rows of the market, or needs a copy of an object that no run has used.
    """
    starts_object_anew = fault.kind == "restart" and config.code is None and not isinstance(config.strategy, type)
    return fault.changes_market or fault.changes_sight or starts_object_anew


def fault_text(fault: Fault, at_ms: int) -> str:
    """Return a fault in words, as in "fault outage (duration 2h)", with its start where that is not `at_ms`."""
    starts = _starts(fault)
    parts = [f"start {', '.join(map(utc_text, starts))}"] if starts not in ([], [at_ms]) else []
    parts += [f"{name} {_shown(each)}" for name, each in fault.to_dict().items() if name not in ("kind", "start")]
    return f"fault {fault.kind}" + (f" ({', '.join(parts)})" if parts else "")


def _shown(value: object) -> str:
    return "+".join(map(str, value)) if isinstance(value, list) else str(value)
