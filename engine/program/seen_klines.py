"""The klines of one symbol and period as a program sees them: as far as they are known at an instant."""

from __future__ import annotations

from ..market import KlineSeries, SymbolHistory
from ..market.indicators import Indicator, IndicatorHistory, window_of
from ..market.series import FormingKline, Kline, KlineColumns, ReadyKlines


class KlinesUpTo:
    """Klines up to an instant, `at` (epoch ms): how many are `finished`, and the one that is `forming` (None on a
    boundary of the period, and where nothing is known of it).

    All queries of an instant share one search for it. It serves one reader at a time.
    """

    __slots__ = ("_history", "_ready", "at", "finished", "forming", "series")

    def __init__(self, history: SymbolHistory, series: KlineSeries) -> None:
        self._history = history
        self._ready = ReadyKlines(series.columns)
        self.series = series
        self.at = -1  # no instant yet
        self.finished = 0
        self.forming: FormingKline | None = None

    def move(self, time_ms: int) -> None:
        """Move the instant, forth or back."""
        series = self.series
        period_ms = series.period_ms
        finished = series.index.count_upto(time_ms - period_ms)
        self.forming = self._history.forming(period_ms, time_ms) if time_ms % period_ms else None
        self.finished, self.at = finished, time_ms

    def last(self, count: int) -> list[Kline]:
        """Return the last `count` klines, oldest first, the forming one included, in a list of the caller's own."""
        if count <= 0:
            return []
        finished, forming = self.finished, self.forming
        if forming is not None:
            count -= 1
        klines = self._ready.window(finished - count if count < finished else 0, finished)
        if forming is not None:
            klines.append(forming.whole)
        return klines

    def columns(self, count: int) -> KlineColumns:
        """Return the last `count` klines, the forming one included, in columns."""
        return window_of(self.series.columns, self.finished, self.forming, count)

    def indicator(self, indicator: Indicator) -> IndicatorHistory:
        """Return an indicator over all of the klines."""
        return self._history.indicator(self.series, indicator)
