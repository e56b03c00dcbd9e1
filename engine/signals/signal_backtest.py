"""Back-tests of signals: when they would have fired, for people who tune them and for the signal source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import ConfigurationError
from ..market import MarketHistory, SymbolHistory
from .condition import Condition
from .detection import Detection, detect
from .parse import parse_condition
from .pool import SignalDefinition, SignalPool


@dataclass(frozen=True)
class SignalBacktest:
    """When a pool, a signal or a condition fired for one symbol."""

    symbol: str
    pool: SignalPool
    detection: Detection
    single: bool

    def to_dict(self) -> dict[str, Any]:
        """Return plain values: what was judged, trigger_count, and triggers with timestamp (ms) and their figures."""
        condition = self.pool.signals[0].condition
        windows = sorted({signal.condition.time_window for signal in self.pool.signals})
        entry: dict[str, Any] = {"symbol": self.symbol, "time_window": ", ".join(windows)}
        if not self.single:
            entry.update(pool_id=self.pool.pool_id, pool_name=self.pool.name, logic=self.pool.logic)
        triggers = [
            self._single_trigger(condition, each.timestamp, each.triggered_signals[0])
            if self.single
            else self._pool_trigger(each.timestamp, each.triggered_signals)
            for each in self.detection.triggers
        ]
        return {**entry, "trigger_count": len(triggers), "triggers": triggers}

    def _pool_trigger(self, timestamp: int, facts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        kind = "any" if self.pool.logic == "OR" else "all"
        return {"timestamp": timestamp, "triggered_signals": [dict(fact) for fact in facts], "trigger_type": kind}

    @staticmethod
    def _single_trigger(condition: Condition, timestamp: int, fact: Mapping[str, Any]) -> dict[str, Any]:
        return {"timestamp": timestamp, **{key: fact[key] for key in condition.told}}


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
        if pool_id not in self._pools:
            known = ", ".join(map(str, self._pools)) or "none"
            raise ConfigurationError([f"signal pool {pool_id}: there is no such pool (there: {known})"])
        return self._run(self._pools[pool_id], symbol, start_ms, end_ms, single=False)

    def backtest_signal(self, signal_id: int, symbol: str, start_ms: int, end_ms: int) -> SignalBacktest:
        """Return the triggers of a defined signal by itself."""
        if signal_id not in self._signals:
            known = ", ".join(map(str, self._signals)) or "none"
            raise ConfigurationError([f"signal {signal_id}: there is no such signal (there: {known})"])
        signal = self._signals[signal_id]
        return self._run(SignalPool(None, signal.name, (signal,)), symbol, start_ms, end_ms, single=True)

    def backtest_condition(
        self, condition: str | Mapping[str, Any] | Condition, symbol: str, start_ms: int, end_ms: int
    ) -> SignalBacktest:
        """Return the triggers of a condition, given as JSON text, a mapping, or parsed."""
        parsed = parse_condition(condition) if isinstance(condition, (str, Mapping)) else condition
        pool = SignalPool(None, parsed.describe(), (SignalDefinition(None, parsed.describe(), parsed),))
        return self._run(pool, symbol, start_ms, end_ms, single=True)

    def _run(self, pool: SignalPool, symbol: str, start_ms: int, end_ms: int, single: bool) -> SignalBacktest:
        return SignalBacktest(symbol, pool, detect(pool, self._history(symbol), start_ms, end_ms), single)

    def _history(self, symbol: str) -> SymbolHistory:
        history = self._market.get(symbol)
        if history is None:
            known = ", ".join(self._market.symbols) or "none"
            raise ConfigurationError([f"{symbol} is not in the market history (there: {known})"])
        return history
