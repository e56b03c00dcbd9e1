"""One run of many: what it differs in, and what is kept of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from engine import MarketHistory, Simulation
from engine.market.series import FloatColumn, TimeColumn


class MarketChange(Protocol):
    """What a trial does to its market before it runs; immutable, small, and of a kind that can be pickled.

    Trials with an equal change follow one another, so that it is worked out once for all of them.
    """

    def applied(self, market: MarketHistory) -> MarketHistory:
        """Return the changed market; the given one stays as it is."""


class Surroundings(Protocol):
    """What a trial runs in; of a kind that can be pickled."""

    def entered(
        self, held_by: Sequence[object], market: MarketHistory, changed: MarketHistory
    ) -> AbstractContextManager[object]:
        """Return a context around the run on a `changed` market, from before its program is made; `held_by` are the
        program, what wakes it and what adds processes.
        """


@dataclass(frozen=True, slots=True)
class Trial:
    """The run with the number `number` (from 0) of a study: `fields` stand in place of those of the job's
    configuration, `params` in place of single parameters of its program. It runs on the job's ground of that name,
    after its `change`, in its `surroundings`. With `stop_ms` it need not be run further than to that instant (epoch
    ms), and its outcome has its journal up to it, but where that ends with `known_line`, whose hash says that it is the
    known one. `prepare`, which can be pickled, gets the simulation after that of the job; `record_queries` is as
    `ProgramBacktestEngine.run` takes it.
    """

    number: int
    fields: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    ground: str = ""
    change: MarketChange | None = None
    surroundings: Surroundings | None = None
    stop_ms: int | None = None
    prepare: Callable[[Simulation], None] | None = None
    record_queries: bool = False
    known_line: bytes | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TrialOutcome:
    """What a trial came to.

    `figures` are all figures of its result that are single values, {} where it came to no result; `digest` is that of
    `BacktestResult.digest`. `error` says why it did not come to its end, None where it did. `daily_ms` and
    `daily_equity` are the marks of the daily returns and the equity there in USD; `curve` is the equity at
    `Job.curve_points` + 1 evenly spaced instants from start to end, empty where none were asked for; `trade_exits_ms`
    and `trade_pnl` are exit and net PnL in USD of each closed trade, in order, empty without `Job.keep_trades`.
    `journal_head` is the hash of its journal's last line and `journal` all of its lines, or with `Trial.stop_ms` those
    up to then: None and empty where nobody asks for them, empty also where it ends with `Trial.known_line`.
    `duration_ms` depends on the machine. `liquidations` is how many there were, `faults` what those of its
    configuration did, a line each.
    """

    number: int
    figures: Mapping[str, Any]
    digest: str | None
    error: str | None
    duration_ms: float
    daily_ms: TimeColumn
    daily_equity: FloatColumn
    curve: FloatColumn
    trade_exits_ms: TimeColumn
    trade_pnl: FloatColumn
    journal_head: str | None = None
    journal: bytes = b""
    liquidations: int = 0
    faults: tuple[str, ...] = ()
