"""What a page in a file has of the curves beside its equity: holding, exposure, and the volume of its klines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from engine import BacktestResult, KlineColumns
from engine.market.series import FloatColumn

from ..prices import CHART_PERIODS, grouped
from .account_curves import AccountCurve, exposure_of
from .holding_curve import holding_of, holding_window
from .thinning import Window, windowed

#: So many volumes all symbols have together: a number of one's own takes about twelve bytes, and none is rounded.
_MOST_VOLUMES = 4_000
_WINDOW = Window(points=1_000)


def curve_in_memory(result: BacktestResult) -> AccountCurve:
    """Return the curve of a result in memory; of one that was stored and read again the points that it has."""
    curve = result.equity
    peak = curve.equity + curve.drawdown
    percent = np.divide(100.0 * curve.drawdown, peak, out=np.zeros(len(peak)), where=peak > 0.0)
    notional: FloatColumn | None = curve.notional
    if notional is not None and np.isnan(notional).any():
        notional = None
    return AccountCurve(
        curve.timestamp_ms, curve.equity, curve.balance, curve.drawdown, percent, notional, "as the result has it", True
    )


def curves_for_file(
    curve: AccountCurve,
    symbols: Sequence[str],
    klines_of: Callable[[str], KlineColumns | None],
    held: Sequence[Any] = (),
) -> dict[str, Any]:
    """Return as plain values, each where it is known: `hold` and `exposure` as the API has them, of 2,000 instants of
    the whole run with every extreme, and the `volumes` of the klines of each symbol, in a period in which they are few.
    """
    klines = {symbol: each for symbol in symbols if (each := klines_of(symbol)) is not None}
    found: dict[str, Any] = {}
    if klines:
        found["hold"] = holding_window(curve, holding_of(curve, symbols, klines.get), _WINDOW)
        found["volumes"] = _volumes(klines, curve)
    exposure = exposure_of(curve, held, klines.get)
    if exposure is not None:
        answer = windowed(curve.timestamp_ms, {"exposure": exposure}, _WINDOW, ("exposure",))
        found["exposure"] = {**answer, "resolution": curve.resolution, "is_whole": True}
    return found


def _volumes(klines: Mapping[str, KlineColumns], curve: AccountCurve) -> dict[str, dict[str, Any]]:
    if not len(curve.timestamp_ms):
        return {}
    start, end = curve.timestamp_ms[[0, -1]].tolist()
    most = _MOST_VOLUMES // len(klines)
    return {symbol: _volume(each, start - each.period_ms + 1, end, most) for symbol, each in klines.items()}


def _volume(klines: KlineColumns, start: int, end: int, most: int) -> dict[str, Any]:
    lengths = [each for each in CHART_PERIODS.values() if each >= klines.period_ms] or [klines.period_ms]
    period_ms = next((each for each in lengths if (end - start) / each <= most), lengths[-1])
    found = grouped(klines, start, end, period_ms)
    return {"period_ms": period_ms, "time": found["time"], "volume": found["volume"]}
