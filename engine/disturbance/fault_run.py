"""A fault as it goes in one run: what its process works with, and what is told and counted of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any, TypeVar

from simpy import Event

from ..errors import ProcessFailed, SimulationError
from ..faults import FaultPlan, Span
from ..instants import duration_text
from ..kernel import (
    Bus,
    Clock,
    FaultActed,
    FaultBegan,
    FaultEnded,
    Moment,
    Phase,
    is_length,
    own_failure,
    start_problem,
    watched,
)
from ..plain_values import shown

T = TypeVar("T")
#: How the line of a fault in the warnings of a result begins.
FAULT_LINE = "fault "
_WITHOUT_YIELD = (
    "the process of a fault is a generator function process(sim, fault), which is over when the fault is: let it end "
    "with yield fault.over()"
)
#: Takes an instant and a phase: what a process waits with.
At = Callable[[int, Phase], Moment]


class FaultRun:
    """A fault in one run. `percent` or `delay_ms` is its figure times its intensity, `symbols` those that it concerns,
    `random` its own chance, from its seed; `fault["name"]` is a value that a fault of one's own was given. `span` is
    the span of time in which it is on, None at other times.

    Its process is called once for each of its spans, with the simulation and this, and is over when the span is:
    ``yield fault.over()`` waits for that. What it does to anything it says with `act`.
    """

    def __init__(
        self, plan: FaultPlan, bus: Bus, clock: Clock, at: At, end_ms: int, touched: Mapping[Any, int]
    ) -> None:
        self.plan, self.name, self.symbols = plan, plan.name, plan.symbols
        self.percent, self.delay_ms = plan.amount, round(plan.amount)
        self.random = Random(plan.seed)
        self.span: Span | None = None
        #: How often it did what.
        self.acted: Counter[str] = Counter()
        self._bus, self._clock, self._at, self._end_ms = bus, clock, at, end_ms
        self._touched = touched
        self._begun, self._length_ms = 0, 0

    def __getitem__(self, name: str) -> Any:
        if name not in self.plan.values:
            given = ", ".join(self.plan.values) or "nothing"
            raise SimulationError(f"fault {self.name} has no value {name!r}: perpsim.faults.own(...) was given {given}")
        return self.plan.values[name]

    @property
    def is_cut(self) -> bool:
        """Whether the run ends before the present span does."""
        return self.span is not None and self.span.end_ms > self._end_ms

    @property
    def until_ms(self) -> int:
        """When the present span ends, or the run where that is earlier; `SimulationError` while it is not on."""
        if self.span is None:
            raise SimulationError(f"fault {self.name} is not on: its process is called in each of its spans")
        return min(self.span.end_ms, self._end_ms)

    def over(self) -> Event:
        """Return the event of that."""
        phase = Phase.BOOKKEEPING if self.is_cut else Phase.MARKET_DATA
        return self._at(max(self.until_ms, self._clock.now()), phase)

    def begin(self, span: Span) -> None:
        """Say that it is on."""
        self.span = span
        self._begun += 1
        self._length_ms += min(span.end_ms, self._end_ms) - span.start_ms
        self._bus.publish(FaultBegan(self._clock.now(), self.name, self.plan.kind, self.symbols, span.end_ms))

    def end(self) -> None:
        """Say that it is over."""
        self.span = None
        self._bus.publish(FaultEnded(self._clock.now(), self.name, self.plan.kind, sum(self.acted.values())))

    def act(self, symbol: str, effect: str, count: int = 1) -> None:
        """Say that it did something ("" for no symbol), `count` times. Raises `SimulationError` for a symbol that it
        does not concern, and for what is no count.
        """
        is_symbol = count == 0 or symbol in ("", *self.symbols)
        if not is_symbol or not is_length(count) or not isinstance(effect, str) or not effect:
            raise SimulationError(self._act_problem(symbol, effect, count))
        if count:
            self.acted[effect] += count
            self._bus.publish(FaultActed(self._clock.now(), self.name, symbol, effect, count))

    def _act_problem(self, symbol: object, effect: object, count: object) -> str:
        if not is_length(count):
            problem = f"{shown(count)} is no count, which is a whole number from 0 on"
        elif not isinstance(effect, str) or not effect:
            problem = f"{shown(effect)} does not say what it did: a text such as 'orders refused'"
        else:
            problem = f'{shown(symbol)} is none of its symbols ({", ".join(self.symbols)}): "" where it is of none'
        return f"fault {self.name}, act(symbol, what, count): {problem}"

    def require_process(self, made: object) -> None:
        """Raise `ProcessFailed` where what the process of a fault of one's own gave when it was called is none."""
        problem = start_problem(f"fault {self.name}", made, _WITHOUT_YIELD)
        if problem is not None:
            raise self.failed(SimulationError(problem), __file__)

    def failed(self, error: Exception, asked_in: str) -> ProcessFailed:
        """Return how an exception that the process of a fault of one's own has raised is told, with its name, the time
        and the user's line; code in the file `asked_in` has called it.
        """
        return own_failure(f"fault {self.name}", self._clock.now(), error, self.plan.fault.process, asked_in)

    def _mine(self, function: T, functions: object) -> T:
        """Return a function of a fault, that of one's own watched."""
        is_own = self.plan.fault.is_own
        return watched(f"fault {self.name}", function, functions, self._clock.now) if is_own else function

    def strikes(self) -> bool:
        """Draw whether chance, of its percent, hits this time."""
        return self.random.random() * 100.0 < self.percent

    def concerns(self, symbol: object) -> bool:
        """Tell whether it is one of its symbols."""
        return symbol in self.symbols

    @contextmanager
    def puts(self, functions: list[T], function: T) -> Iterator[None]:
        """A context in which a function stands in a list, such as `sim.exchange.checks`."""
        put = self._mine(function, functions)
        functions.append(put)
        try:
            yield
        finally:
            functions.remove(put)

    @contextmanager
    def hears(self, message_type: type[T], call: Callable[[T], None]) -> Iterator[None]:
        """A context in which a function is called with each message of a type."""
        called = self._mine(call, None)
        self._bus.listen(message_type, called)
        try:
            yield
        finally:
            self._bus.unsubscribe(message_type, called)

    def is_alone_among(self, faults: Sequence[FaultRun]) -> bool:
        """Tell whether no other of its kind is on now."""
        return not any(each.span and each.plan.kind == self.plan.kind for each in faults if each is not self)

    def touched(self) -> Iterator[tuple[str, int]]:
        """Yield what it has changed of the market before the run, in the present span: symbol, and how many rows."""
        start_ms = -1 if self.span is None else self.span.start_ms
        for symbol in self.symbols:
            yield symbol, self._touched.get((self.name, start_ms, symbol), 0)

    def summary(self) -> str:
        """Return in one line how often and how long it was on, and what it did."""
        if not self._begun:
            return f"{FAULT_LINE}{self.name}: nothing of it happened in this run"
        often = "once" if self._begun == 1 else f"{self._begun:,} times"
        long = f", {duration_text(self._length_ms)} in all" if self._length_ms else ""
        did = ", ".join(f"{effect}: {count:,}" for effect, count in self.acted.items())
        return f"{FAULT_LINE}{self.name}: {often}{long}; {did or self._nothing()}"

    def _nothing(self) -> str:
        if self.span is not None:
            return "it was on when the run stopped"
        own = "it says of nothing that it did it (fault.act)"
        return own if self.plan.fault.is_own else "no order, row or trigger was touched"
