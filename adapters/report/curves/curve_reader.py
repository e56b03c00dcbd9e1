"""Reads the curves of stored results for their charts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine import KlineColumns
from engine.periods import PERIOD_MS

from ...database import Database
from ...results import StoredResult
from ..prices import KlineReader, NotStored
from .account_curves import AccountCurve, equity_window, exposure_window, minutes_of
from .asked_indicators import indicator_of, indicators_asked, is_among_prices
from .funding_marks import Funding, funding_of, funding_window
from .holding_curve import Holding, holding_of, holding_window
from .indicator_curves import IndicatorCurve, indicator_curve, indicator_window
from .kept_runs import KeptOfRuns, Results
from .recorded_curves import RecordedCurve, recorded_of, recorded_window
from .shared_axis import ComparedCurve, compared_curves
from .signal_marks import signals_window
from .thinning import Window

#: A year of minutes takes 25 MB as columns, an indicator of it 8 MB.
_FEW, _SEVERAL = 4, 12


class CurveReader:
    """Answers what a chart asks for by windows; the curves of the last few results are kept."""

    def __init__(self, database: Database, results: Results, klines: KlineReader) -> None:
        self._database, self._results, self._klines = database, results, klines
        self._curves: KeptOfRuns[AccountCurve] = KeptOfRuns(_FEW)
        self._holdings: KeptOfRuns[Holding] = KeptOfRuns(_FEW)
        self._recorded: KeptOfRuns[dict[str, RecordedCurve]] = KeptOfRuns(_FEW)
        self._asked: KeptOfRuns[dict[str, Any]] = KeptOfRuns(_SEVERAL)
        self._funding: KeptOfRuns[Funding] = KeptOfRuns(_SEVERAL)
        self._indicators: KeptOfRuns[IndicatorCurve] = KeptOfRuns(_SEVERAL)

    def equity(self, run_id: int, window: Window) -> dict[str, Any]:
        """Return equity, balance and drawdown (USD, and percent of the peak) in a window, every extreme kept."""
        return equity_window(self._curve(self._results.result(run_id)), window)

    def compared(self, run_ids: Sequence[int], is_aligned: bool) -> dict[str, Any]:
        """Return the equity of several results at instants that they share, as `compared_curves` does."""
        return compared_curves([self._compared(self._results.result(run_id)) for run_id in run_ids], is_aligned)

    def _compared(self, found: StoredResult) -> ComparedCurve:
        curve = self._curve(found)
        initial = (found.figures or {}).get("initial_balance") or found.config.get("initial_balance")
        return ComparedCurve(curve.timestamp_ms, curve.equity, initial)

    def hold(self, run_id: int, window: Window) -> dict[str, Any]:
        """Return in USD what buying and holding the symbols came to, at the instants of the equity."""
        found = self._results.result(run_id)
        curve = self._curve(found)
        symbols = found.config.get("symbols") or []
        holding = self._holdings.get(found, lambda: holding_of(curve, symbols, self._klines_of(found)))
        return holding_window(curve, holding, window)

    def exposure(self, run_id: int, window: Window) -> dict[str, Any]:
        """Return the worth of all positions as a multiple of equity."""
        found = self._results.result(run_id)
        return exposure_window(self._curve(found), found, self._klines_of(found), window)

    def records(self, run_id: int, window: Window) -> dict[str, Any]:
        """Return the series that the program recorded, by name."""
        found = self._results.result(run_id)
        return recorded_window(self._recorded.get(found, lambda: recorded_of(self._database, found)), window)

    def indicators(self, run_id: int) -> dict[str, Any]:
        """Return which indicators the program asked for."""
        found = self._results.result(run_id)
        return self._asked.get(found, lambda: indicators_asked(self._database, run_id))

    def indicator(self, run_id: int, symbol: str, name: str, period: str, window: Window) -> dict[str, Any]:
        """Return an indicator at the closes of stored klines; `NotStored` where there are none, or no such one."""
        found, wanted = self._results.result(run_id), indicator_of(name)
        if wanted is None:
            raise NotStored("there is no indicator of that name")
        klines = self._klines_of(found)(symbol)
        if klines is None:
            raise NotStored(f"there are no klines of {symbol} beside back-test {run_id}")
        curve = self._indicators.get(
            found, lambda: indicator_curve(symbol, klines, wanted, PERIOD_MS[period]), symbol, wanted.name, period
        )
        asked = {"symbol": symbol, "name": wanted.name, "period": period, "among_prices": is_among_prices(wanted.name)}
        return {**asked, **indicator_window(curve, window)}

    def funding(self, run_id: int, symbol: str, window: Window) -> dict[str, Any]:
        """Return the settlements of funding of a symbol, and what the run paid or received."""
        found = self._results.result(run_id)
        funding = self._funding.get(found, lambda: funding_of(self._database, found, symbol), symbol)
        return funding_window(funding, window)

    def signals(self, run_id: int, symbol: str, window: Window) -> dict[str, Any]:
        """Return the stored triggers of signal pools in a symbol."""
        self._results.result(run_id)
        return signals_window(self._database, run_id, symbol, window)

    def _curve(self, found: StoredResult) -> AccountCurve:
        return self._curves.get(found, lambda: minutes_of(self._database, found))

    def _klines_of(self, found: StoredResult) -> Callable[[str], KlineColumns | None]:
        faults = self._results.faults(found.run_id)
        exchange = str(found.config.get("exchange") or "")
        return lambda symbol: self._klines.columns(exchange, symbol, faults)
