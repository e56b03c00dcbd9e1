"""A market whose warm-up is twice as long: before its first klines stand made-up ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine import KlineColumns, MarketHistory, SymbolHistory


@dataclass(frozen=True, slots=True)
class LongerPast:
    """Doubles the klines before `start_ms` (epoch ms): those that are there go on backwards, mirrored at the first."""

    start_ms: int

    def applied(self, market: MarketHistory) -> MarketHistory:
        """Return the market with a longer past; features that are functions are worked out anew on it."""
        symbols = [self._longer(history) for history in market.given.values()]
        return MarketHistory(symbols, market.regime, market.feature_functions, market.remarks)

    def _longer(self, history: SymbolHistory) -> SymbolHistory:
        features = {}
        for name in history.feature_names:
            feature = history.feature(name)
            assert feature is not None
            features[name] = feature.rows
        stored = [self.doubled(columns) for columns in history.stored]
        return SymbolHistory(
            history.symbol, self.doubled(history.base.columns), stored, history.flow, history.mark_klines, features
        )

    def doubled(self, columns: KlineColumns) -> KlineColumns:
        """Return klines with as many more before the first as there are before the start."""
        count = int(columns.open_ms.searchsorted(self.start_ms))
        if not count:
            return columns
        mirror = slice(count - 1, None, -1)
        times = 2 * int(columns.open_ms[0]) - columns.period_ms - columns.open_ms[mirror]
        before = (columns.close, columns.high, columns.low, columns.open, columns.volume)
        figures = (
            np.concatenate((made[mirror], recorded)) for made, recorded in zip(before, columns.figures, strict=True)
        )
        return KlineColumns(columns.period_ms, np.concatenate((times, columns.open_ms)), *figures)
