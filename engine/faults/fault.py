"""A fault as a configuration has it, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from ..durations import parse_length
from ..instants import instant_ms
from ..plain_values import plain, shown
from .fault_kinds import KINDS, OWN, FaultKind

#: When it happens, how strong it is, and what chance draws from.
WHEN = ("start", "duration", "every", "times", "rate_per_day", "seed", "intensity")
_MOST_A_DAY, _MOST_INTENSITY, _LEAST_EVERY_MS = 1_440.0, 1_000.0, 60_000
_LARGEST = 2**63
_MOST_TIMES = 100_000
_TIMES = ("duration", "every", "delay", "skew")


class FaultProblems(ValueError):
    """What is wrong with the faults of a configuration: a sentence for each, in `problems`."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problems))


@dataclass(frozen=True)
class Fault:
    """A fault of a kind, with what is `given` of it beside; looked at when a configuration gets it. `process` is that
    of a fault of one's own.
    """

    kind: str
    given: Mapping[str, Any] = field(default_factory=dict)
    process: Callable[..., Any] | None = None

    @classmethod
    def of(cls, value: Fault | Mapping[str, Any]) -> Fault:
        """Return a fault that is given as a table, too."""
        if isinstance(value, Fault):
            return value
        return cls(value["kind"], {name: each for name, each in value.items() if name != "kind"})

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values: times in epoch ms, a process of one's own by its name."""
        own = {} if self.process is None else {"process": getattr(self.process, "__qualname__", shown(self.process))}
        return {"kind": self.kind, **own, **{name: _plain(name, each) for name, each in self.given.items()}}

    @property
    def is_own(self) -> bool:
        """Whether it is a user's own."""
        return self.process is not None

    @property
    def changes_market(self) -> bool:
        """Whether it changes rows of the market."""
        return not self.is_own and KINDS[self.kind].changes_market

    @property
    def changes_sight(self) -> bool:
        """Whether it changes rows that the program is told of."""
        return not self.is_own and KINDS[self.kind].changes_sight


def _plain(name: str, value: Any) -> Any:
    if name == "start" and value is not None:
        return [instant_ms(each) for each in value] if isinstance(value, (list, tuple)) else instant_ms(value)
    is_delta = name in _TIMES and not isinstance(value, (int, str, type(None)))
    return f"{parse_length(value, signed=True)}ms" if is_delta else plain(value)


def checked_faults(value: object) -> tuple[Fault, ...]:
    """Return the faults of a configuration. Raises `FaultProblems` with all that is wrong with them."""
    if isinstance(value, (str, Mapping, Fault)) or not isinstance(value, Sequence):
        such = 'is no list of faults such as [{kind = "outage", duration = "2h"}]'
        table = "; in TOML each is a table under [[faults]], in double brackets" if isinstance(value, Mapping) else ""
        raise FaultProblems([f"{shown(value)} {such}{table}"])
    problems: list[str] = []
    found = []
    for number, each in enumerate(value, 1):
        if not isinstance(each, (Fault, Mapping)) or not isinstance(getattr(each, "kind", None) or _kind(each), str):
            problems.append(f'number {number}: {shown(each)} is no fault, which has a kind: {{kind = "outage"}}')
            continue
        fault = Fault.of(each)
        problems += [f"number {number}, {shown(fault.kind)[1:-1]}: {problem}" for problem in _problems(fault)]
        found.append(fault)
    if problems:
        raise FaultProblems(problems)
    return tuple(found)


def _kind(value: object) -> object:
    return value.get("kind") if isinstance(value, Mapping) else None


def _problems(fault: Fault) -> Iterator[str]:
    """Yield what is wrong with a fault by itself."""
    kind = KINDS.get(fault.kind)
    if kind is None and not fault.is_own:
        yield _unknown_kind(fault)
        return
    if kind is not None and fault.is_own:
        yield "that is the name of a kind: give a fault of one's own another"
        return
    if fault.is_own and not callable(fault.process):
        yield f"{shown(fault.process)} is no process: a generator function process(sim, fault)"
    known = None if kind is None else taken_by(kind)
    for name, value in fault.given.items():
        problem = f"there is no such field{_near(name, known)}" if known and name not in known else None
        problem = problem or _value_problem(kind, str(name), value)
        if problem is not None:
            yield f"{name}: {problem}"
    yield from _together(fault, kind)


def _unknown_kind(fault: Fault) -> str:
    if fault.kind == OWN or "process" in fault.given:
        return "a fault of one's own has a process, which only Python can give: perpsim.faults.own(process, ...)"
    return f"there is no such kind of fault{_near(fault.kind, KINDS) or '; there are ' + ', '.join(KINDS)}"


def _near(name: object, there: Any) -> str:
    found = get_close_matches(str(name)[:100], list(there), 1, 0.6)
    return f"; did you mean {found[0]}?" if found else ""


def taken_by(kind: FaultKind) -> tuple[str, ...]:
    """Return the names of what a fault of a kind may be given."""
    own = [kind.figure] * bool(kind.figure) + ["symbols"] * kind.by_symbol + ["direction"] * bool(kind.directions)
    return (*own, *WHEN)


def _value_problem(kind: FaultKind | None, name: str, value: Any) -> str | None:
    """Return what is wrong with one value, or None. What a fault of one's own is given beside may be anything."""
    try:
        if name in _CHECKS:
            _CHECKS[name](value)
        elif kind is not None and name == "direction" and value not in kind.directions:
            return f"{shown(value)} is not one of {', '.join(kind.directions)}"
        elif kind is not None and name == "percent":
            _number(value, 0.0, kind.most)
        elif kind is not None and name in ("delay", "skew"):
            parse_length(value, signed=name == "skew")
    except ValueError as error:
        return str(error)
    return None


def _together(fault: Fault, kind: FaultKind | None) -> Iterator[str]:
    given = {name for name, value in fault.given.items() if value is not None}
    if "rate_per_day" in given and given & {"every", "times"}:
        yield "rate_per_day: chance says when it happens, so every and times cannot be given too"
    if "times" in given and "every" not in given:
        yield "times: needs every, the time from one to the next"
    if isinstance(fault.given.get("start"), (list, tuple)) and given & {"every", "rate_per_day"}:
        yield "start: give several times, or every or rate_per_day from one on, and not both"
    if given & {"every", "rate_per_day"} and "duration" not in given and (kind is None or kind.lasts is None):
        yield "duration: is needed where it happens again: without one it lasts to the end of the run"
    if kind is not None and kind.figure == "percent" and kind.name != "partial_volume":
        percent, intensity = fault.given.get("percent", kind.default), fault.given.get("intensity", 1.0)
        are_numbers = all(isinstance(each, (int, float)) for each in (percent, intensity))
        if are_numbers and percent <= kind.most < percent * intensity:
            yield f"intensity: {percent:g} % x {intensity:g} is above {kind.most:g} %"


def _number(value: Any, least: float, most: float) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
        raise ValueError(f"{shown(value)} is no number from {least:g} to {most:g}")


def _whole(value: Any, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise ValueError(f"{shown(value)} is no whole number from 0 on" + f" to {most:,}" * (most < _LARGEST))


def _starts(value: Any) -> None:
    if isinstance(value, (list, tuple)) and not value:
        raise ValueError("names no time: leave it out for the start of the run")
    for each in value if isinstance(value, (list, tuple)) else () if value is None else (value,):
        instant_ms(each)


def _every(value: Any) -> None:
    if value is not None and parse_length(value) < _LEAST_EVERY_MS:
        raise ValueError(f"{shown(value)} is shorter than a minute")


def _symbols(value: Any) -> None:
    names = value if isinstance(value, (list, tuple)) else None
    if not names or any(not isinstance(each, str) or not each for each in names):
        raise ValueError(f'{shown(value)} is no list of symbols such as ["BTC"]: leave it out for all')


def _or_none(check: Callable[[Any], object]) -> Callable[[Any], object]:
    return lambda value: None if value is None else check(value)


_CHECKS: Mapping[str, Callable[[Any], object]] = {
    "start": _starts,
    "duration": _or_none(parse_length),
    "every": _every,
    "times": _or_none(lambda value: _whole(value, _MOST_TIMES)),
    "rate_per_day": _or_none(lambda value: _number(value, 0.0, _MOST_A_DAY)),
    "seed": lambda value: _whole(value, _LARGEST),
    "intensity": lambda value: _number(value, 0.0, _MOST_INTENSITY),
    "symbols": _or_none(_symbols),
}
