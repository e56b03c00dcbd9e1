"""What the faults of a configuration mean in one run: their names, their figures, and when each is on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

from ..durations import parse_length
from ..instants import instant_ms
from ..periods import DAY_MS
from .fault import WHEN, Fault
from .fault_kinds import KINDS


class Span(NamedTuple):
    """A span of time in epoch ms: from its start on, and before its end."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True)
class FaultPlan:
    """A fault in one run, known by its `name` (of several of one kind: "outage 2"). `spans` are those in which it is
    on, one after another; `amount` is its figure times its intensity: percent, or ms. `symbols` are those that it
    concerns. `values` are those of a fault of one's own.
    """

    name: str
    fault: Fault
    spans: tuple[Span, ...]
    amount: float
    symbols: tuple[str, ...]
    direction: str = ""
    intensity: float = 1.0
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The kind, of a fault of one's own the name of its process."""
        return self.fault.kind

    @property
    def seed(self) -> str:
        """What all of its chance is drawn from."""
        return f"{self.fault.given.get('seed', 0)}/{self.name}"


def plans_of(faults: Sequence[Fault], symbols: Sequence[str], start_ms: int, end_ms: int) -> tuple[FaultPlan, ...]:
    """Return the plans of faults for a run of `symbols` from `start_ms` to `end_ms`; one that is of no intensity or
    never falls into the run has no spans.
    """
    counts: dict[str, int] = {}
    plans = []
    for fault in faults:
        counts[fault.kind] = number = counts.get(fault.kind, 0) + 1
        name = fault.kind if number == 1 else f"{fault.kind} {number}"
        plans.append(_plan(name, fault, tuple(symbols), Span(start_ms, end_ms)))
    return tuple(plans)


def _plan(name: str, fault: Fault, symbols: tuple[str, ...], run: Span) -> FaultPlan:
    kind, given = KINDS.get(fault.kind), fault.given
    intensity, amount, direction = float(given.get("intensity", 1.0)), 0.0, ""
    if kind is not None:
        amount = _amount(kind.figure, given.get(kind.figure, kind.default), kind.name, intensity)
        direction = given.get("direction", kind.directions[0] if kind.directions else "")
    is_nothing = intensity == 0.0 or (kind is not None and bool(kind.figure) and amount == 0.0)
    spans = () if is_nothing else tuple(_within(_spans(name, fault, intensity, run), run))
    values = {key: each for key, each in given.items() if fault.is_own and key not in (*WHEN, "symbols")}
    return FaultPlan(name, fault, spans, amount, tuple(given.get("symbols") or symbols), direction, intensity, values)


def _amount(figure: str, value: Any, kind: str, intensity: float) -> float:
    """Return percent or ms; a share of the volume is so much larger as the intensity is smaller."""
    if not figure:
        return 0.0
    amount = float(value if figure == "percent" else parse_length(value, signed=True))
    if kind == "partial_volume":
        return amount / intensity if intensity else 0.0
    return amount * intensity if figure == "percent" else round(amount * intensity)


def _spans(name: str, fault: Fault, intensity: float, run: Span) -> Iterator[Span]:
    """Yield when it happens. What has no figure lasts for its duration times its intensity."""
    kind = KINDS.get(fault.kind)
    text = fault.given.get("duration")
    text = text if text is not None or kind is None else kind.lasts
    for start in _starts(name, fault.given, None if text is None else parse_length(text), run):
        length = run.end_ms + 1 - start if text is None else parse_length(text)
        scales = kind is not None and not kind.figure
        lasts_always = kind is not None and kind.lasts == "0m"
        if length > 0 or lasts_always:
            yield Span(start, start + (round(length * intensity) if scales else length))


def _starts(name: str, given: Mapping[str, Any], length: int | None, run: Span) -> Iterator[int]:
    start, rate, every = given.get("start"), given.get("rate_per_day"), given.get("every")
    if isinstance(start, (list, tuple)):
        yield from sorted(map(instant_ms, start))
        return
    first = run.start_ms if start is None else instant_ms(start)
    if rate is not None:
        yield from _drawn(Random(f"{given.get('seed', 0)}/{name}/times"), rate, first, run.end_ms)
    elif every is not None:
        step, times = parse_length(every), given.get("times")
        begun = max(0, (run.start_ms - first - (length or 0)) // step)
        last = (run.end_ms - first) // step
        places = range(begun, last + 1 if times is None else min(last + 1, times))
        yield from (first + place * step for place in places)
    else:
        yield first


def _drawn(random: Random, rate: float, start_ms: int, end_ms: int) -> Iterator[int]:
    """Yield instants of a Poisson process."""
    at = float(start_ms)
    while rate > 0.0:
        at += random.expovariate(rate / DAY_MS)
        if at > end_ms:
            return
        yield int(at)


def _within(spans: Iterator[Span], run: Span) -> Iterator[Span]:
    """Yield the parts of spans, which come in the order of their starts, that a run has; those that overlap are one."""
    before: Span | None = None
    for start, end in spans:
        if start > run.end_ms or end < run.start_ms or (start < end and (end == run.start_ms or start == run.end_ms)):
            continue  # outside, or with nothing but its edge inside
        start = max(start, run.start_ms)
        if before is not None and start <= before.end_ms and end > start:
            before = Span(before.start_ms, max(before.end_ms, end))
            continue
        if before is not None:
            yield before
        before = Span(start, end)
    if before is not None:
        yield before
