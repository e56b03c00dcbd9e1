"""Back-tests of signals: when they would have fired, for people who tune them and for the signal source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from ..errors import ConfigurationError
from ..market import MarketHistory
from .condition import Condition
from .detection import Detection, judge_pool
from .parse import parse_condition
from .pool import SignalDefinition, SignalPool
from .pool_triggers import PoolTrigger

T = TypeVar("T")


@dataclass(frozen=True)
class SignalBacktest:
    """When a pool, a signal or a condition fired for one symbol."""

    symbol: str
    pool: SignalPool
    detection: Detection
    single: bool

    def to_dict(self) -> dict[str, Any]:
        """Return plain values: what was judged, trigger_count, and triggers with timestamp (ms) and their figures."""
        windows = sorted({signal.condition.time_window for signal in self.pool.signals})
        entry: dict[str, Any] = {"symbol": self.symbol, "time_window": ", ".join(windows)}
        if not self.single:
            entry.update(pool_id=self.pool.pool_id, pool_name=self.pool.name, logic=self.pool.logic)
        triggers = [self._told(each) for each in self.detection.triggers]
        return {**entry, "trigger_count": len(triggers), "triggers": triggers}

    def _told(self, trigger: PoolTrigger) -> dict[str, Any]:
        facts = trigger.triggered_signals
        if self.single:
            return {
                "timestamp": trigger.timestamp,
                **{key: facts[0][key] for key in self.pool.signals[0].condition.told},
            }
        kind = "any" if self.pool.logic == "OR" else "all"
        return {"timestamp": trigger.timestamp, "triggered_signals": list(map(dict, facts)), "trigger_type": kind}


class SignalBacktestService:
    """Answers when the defined pools and signals, or any condition, would have fired on a market history."""

    def __init__(
        self, market: MarketHistory, signals: Iterable[SignalDefinition] = (), pools: Iterable[SignalPool] = ()
    ) -> None:
        self._market = market
        self._signals = {signal.signal_id: signal for signal in signals}
        self._pools = {pool.pool_id: pool for pool in pools}

    def backtest_pool(self, pool_id: int, symbol: str, start_ms: int, end_ms: int) -> SignalBacktest:
        """Return the triggers of a defined pool in [start_ms, end_ms]."""
        pool = _known(self._pools, pool_id, f"signal pool {pool_id}: there is no such pool")
        return self._run(pool, symbol, start_ms, end_ms, single=False)

    def backtest_signal(self, signal_id: int, symbol: str, start_ms: int, end_ms: int) -> SignalBacktest:
        """Return the triggers of a defined signal by itself."""
        signal = _known(self._signals, signal_id, f"signal {signal_id}: there is no such signal")
        return self._run(SignalPool(None, signal.name, (signal,)), symbol, start_ms, end_ms, single=True)

    def backtest_condition(
        self, condition: str | Mapping[str, Any] | Condition, symbol: str, start_ms: int, end_ms: int
    ) -> SignalBacktest:
        """Return the triggers of a condition, given as JSON text, a mapping, or parsed."""
        parsed = parse_condition(condition) if isinstance(condition, (str, Mapping)) else condition
        return self._run(SignalPool.of(parsed), symbol, start_ms, end_ms, single=True)

    def _run(self, pool: SignalPool, symbol: str, start_ms: int, end_ms: int, single: bool) -> SignalBacktest:
        history = _known(self._market.symbols, symbol, f"{symbol} is not in the market history")
        return SignalBacktest(symbol, pool, judge_pool(pool, history, start_ms, end_ms), single)


def _known(table: Mapping[Any, T], key: object, problem: str) -> T:
    if key not in table:
        raise ConfigurationError([f"{problem} (there: {', '.join(map(str, table)) or 'none'})"])
    return table[key]
