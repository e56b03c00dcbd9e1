"""How the benchmarks measure: CPU time of this process, in turns with SimPy's own cost, in tables for the end."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import simpy

TIMEOUTS = 100_000
TIMEOUTS_A_TURN = 2  # times that they are measured
#: What so many timeouts took, in ms, on the machine on which the goals were set.
GOALS_TIMEOUTS_MS = 64.0

#: What is measured: it makes ready, outside of the time, and returns what is timed.
Prepare = Callable[[], Callable[[], object]]


@dataclass(frozen=True)
class Cost:
    """CPU seconds of some work, best and median of its rounds, and the best of SimPy's timeouts in the same turns."""

    best_s: float
    median_s: float
    simpy_s: float

    @classmethod
    def of(cls, rounds: Sequence[float], simpy_s: float) -> Cost:
        return cls(min(rounds), statistics.median(rounds), simpy_s)

    def __sub__(self, other: Cost) -> Cost:
        return Cost(self.best_s - other.best_s, self.median_s - other.median_s, self.simpy_s)

    def __mul__(self, factor: float) -> Cost:
        return Cost(self.best_s * factor, self.median_s * factor, self.simpy_s)


@dataclass
class Table:
    """Rows of texts under a title; the first column is a name."""

    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        rows = [self.columns, *self.rows]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        yield self.title
        for name, *values in rows:
            cells = (value.rjust(width) for value, width in zip(values, widths[1:], strict=True))
            yield "  ".join([f"  {name.ljust(widths[0])}", *cells])


def cpu_s(work: Callable[[], object]) -> float:
    """Return the CPU time of some work, without the garbage of what was before."""
    gc.collect()
    began = time.process_time()
    work()
    return time.process_time() - began


def timeouts() -> None:
    """Let one process of SimPy sleep 100,000 times: the least that as many events can cost."""

    def sleeper(env: simpy.Environment) -> Iterator[simpy.Event]:
        for _ in range(TIMEOUTS):
            yield env.timeout(1)

    env = simpy.Environment()
    env.process(sleeper(env))
    env.run()


def in_turns(works: Mapping[str, Prepare], rounds: int) -> dict[str, Cost]:
    """Measure all of the works and the timeouts in turns, after one round that does not count."""
    own: dict[str, list[float]] = {name: [] for name in works}
    simpys: list[float] = []
    for number in range(rounds + 1):
        taken = {name: cpu_s(prepare()) for name, prepare in works.items()}
        between = [cpu_s(timeouts) for _ in range(TIMEOUTS_A_TURN)]
        if number:
            simpys += between
            for name, seconds in taken.items():
                own[name].append(seconds)
    return {name: Cost.of(seconds, min(simpys)) for name, seconds in own.items()}


TIMES = ("", "CPU ms, best", "median", "x SimPy", "goal x", "each, us")


def times_row(name: str, cost: Cost, count: int = 0, goal_ms: float | None = None) -> tuple[str, ...]:
    """Return the row of a table of times; `count` is how many triggers, or what the name tells, share the time."""
    each = f"{1e6 * cost.best_s / count:.2f}" if count else ""
    goal = "" if goal_ms is None else f"{goal_ms / GOALS_TIMEOUTS_MS:.2f}"
    return (
        name,
        f"{1e3 * cost.best_s:.2f}",
        f"{1e3 * cost.median_s:.2f}",
        f"{cost.best_s / cost.simpy_s:.3f}",
        goal,
        each,
    )
