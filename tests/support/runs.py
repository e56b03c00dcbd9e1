"""Small markets written by hand, and strategies that do what a table says, for tests of whole runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from engine import (
    BacktestConfig,
    BacktestResult,
    Decision,
    Fill,
    FundingPaid,
    InProcessExecutor,
    KlineColumns,
    MarketData,
    MarketHistory,
    Simulation,
)
from processes import ProgramBacktestEngine, TriggerSource, start_standard_processes, trusted_executor

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
START = 1_704_067_200_000  # 2024-01-01T00:00:00Z, a Monday and a boundary of every period

Row = Sequence[float] | float | None


def klines(*rows: Row, start_ms: int = START, period_ms: int = MINUTE) -> KlineColumns:
    """Klines one after another from `start_ms`: (open, high, low, close[, volume]), one price for all four, or None
    for a missing one.
    """
    kept = [(place, row if isinstance(row, Sequence) else (row,) * 4) for place, row in enumerate(rows) if row]
    columns = [[float(row[field]) for _, row in kept] for field in range(4)]
    volume = [float(row[4]) if len(row) > 4 else 1.0 for _, row in kept]
    return KlineColumns(period_ms, [start_ms + place * period_ms for place, _ in kept], *columns, volume)


def market(**symbols: KlineColumns) -> MarketHistory:
    """A market of base klines alone."""
    return MarketHistory.from_klines(symbols)


def walk(
    count: int, seed: int = 1, start_ms: int = START, holes: float = 0.0, volatility: float = 0.002
) -> KlineColumns:
    """A random walk of 1m klines with gaps between close and open; a share `holes` of them is missing."""
    random = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(random.standard_normal(count) * volatility))
    opened = np.concatenate(([100.0], close[:-1])) * np.exp(random.standard_normal(count) * volatility / 4)
    high = np.maximum(opened, close) * (1 + random.random(count) * volatility)
    low = np.minimum(opened, close) * (1 - random.random(count) * volatility)
    keep = random.random(count) >= holes
    keep[0] = True
    columns = (each[keep] for each in (opened, high, low, close, 1 + random.random(count)))
    return KlineColumns(MINUTE, (start_ms + MINUTE * np.arange(count))[keep], *columns)


def changed_after(columns: KlineColumns, time_ms: int, seed: int = 99) -> KlineColumns:
    """The same klines with everything that closes after `time_ms` replaced by something wild."""
    random = np.random.default_rng(seed)
    late = columns.open_ms + columns.period_ms > time_ms
    new = {}
    factor = np.where(late, np.exp(random.standard_normal(len(columns)) * 0.5), 1.0)
    for name in ("open", "high", "low", "close", "volume"):
        new[name] = getattr(columns, name) * factor
    return KlineColumns(columns.period_ms, columns.open_ms, **new)


class Script:
    """A strategy that answers at each minute after `START` what a table says, and keeps every `data` it got."""

    def __init__(self, decisions: Mapping[float, Decision | Callable[[MarketData], Decision | None]]) -> None:
        self.decisions = decisions
        self.seen: dict[float, MarketData] = {}

    def should_trade(self, data: MarketData) -> Decision | None:
        minute = (data.timestamp - START) / MINUTE
        self.seen[minute] = data
        answer = self.decisions.get(minute)
        return answer(data) if callable(answer) else answer


class Hold:
    """A strategy that never trades."""

    def should_trade(self, data: MarketData) -> Decision | None:
        return None


def config(strategy: Any, minutes: float, symbols: Sequence[str] = ("X",), **fields: Any) -> BacktestConfig:
    """A run of `minutes` from `START` with a tick a minute, without fees and slippage unless `fields` say so."""
    values = {
        "symbols": symbols,
        "start_time": START,
        "end_time": START + round(minutes * MINUTE),
        "scheduled_interval": 60,
        "slippage_percent": 0.0,
        "fee_rate": 0.0,
    }
    key = "code" if isinstance(strategy, str) else "strategy"
    return BacktestConfig(**{**values, key: strategy, **fields})


def wired(
    history: MarketHistory, settings: BacktestConfig, signals: Sequence[TriggerSource] = (), **simulation: Any
) -> Simulation:
    """A simulation with the standard processes that checks its account at every event; not started."""
    sim = Simulation(history, settings, **simulation)
    for message in (Fill, FundingPaid):
        sim.bus.listen(message, lambda _: sim.account.check())
    executor = InProcessExecutor(settings.strategy, settings.params, restarts=bool(settings.faults))
    start_standard_processes(sim, executor, signals)
    return sim


def run_script(
    history: MarketHistory,
    decisions: Mapping[float, Any],
    minutes: float,
    signals: Sequence[TriggerSource] = (),
    **fields: Any,
) -> tuple[Script, Simulation, BacktestResult]:
    """Run a `Script` and return it, the finished simulation, and the result."""
    script = Script(decisions)
    sim = wired(history, config(script, minutes, tuple(history.symbols), **fields), signals)
    return script, sim, sim.run()


def run(history: MarketHistory, strategy: Any, minutes: float, **fields: Any) -> BacktestResult:
    """Run any strategy on all symbols of a market through the engine that users use."""
    engine = ProgramBacktestEngine(history, executor_for=trusted_executor)
    return engine.run(config(strategy, minutes, tuple(history.symbols), **fields))


def buy(symbol: str = "X", portion: float = 0.5, leverage: int = 1, **fields: Any) -> Decision:
    """A market buy of half the balance unless told otherwise."""
    return Decision("buy", symbol, target_portion_of_balance=portion, leverage=leverage, **fields)


def sell(symbol: str = "X", portion: float = 0.5, leverage: int = 1, **fields: Any) -> Decision:
    """A market sale of half the balance unless told otherwise."""
    return Decision("sell", symbol, target_portion_of_balance=portion, leverage=leverage, **fields)


def close(symbol: str = "X", portion: float = 0.0, **fields: Any) -> Decision:
    """Close a position."""
    return Decision("close", symbol, target_portion_of_balance=portion, **fields)
