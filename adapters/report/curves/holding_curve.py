"""What buying and holding the symbols of a run would have come to, beside its equity."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from engine import KlineColumns
from engine.market.series import FloatColumn, TimeColumn
from engine.periods import MINUTE_MS

from .account_curves import AccountCurve, closes_at
from .thinning import Window, windowed


class Holding(NamedTuple):
    """The worth in USD of what was put into all symbols at the start, in equal parts, at the instants of a curve;
    `missing` says in sentences which klines were not there.
    """

    value: FloatColumn
    missing: list[str]


def holding_of(curve: AccountCurve, symbols: Sequence[str], klines_of: Callable[[str], KlineColumns | None]) -> Holding:
    """Return what the equity that a curve begins with comes to where it is put into symbols and left there. The part of
    a symbol without klines stays in cash; in a hole it is worth what it was before.
    """
    times, missing = curve.timestamp_ms, []
    worth = np.zeros(len(times))
    for symbol in symbols:
        growth, lacking = _growth(symbol, klines_of(symbol), times)
        worth += growth
        missing += lacking
    first = curve.equity.item(0) if len(times) else 0.0
    return Holding(first * worth / max(len(symbols), 1), missing)


def _growth(symbol: str, klines: KlineColumns | None, times: TimeColumn) -> tuple[FloatColumn, list[str]]:
    """Return what 1 USD is worth that was put into a symbol at its first price, and what is missing of that."""
    if not len(times):
        return np.ones(0), []
    start, end = int(times[0]), int(times[-1])
    bought = 0.0 if klines is None else _first_price(klines, start, end)
    if klines is None or not bought:
        return np.ones(len(times)), [f"no klines of {symbol} are stored from start to end: its part stays in cash"]
    closes, known = closes_at(klines, times)
    late = int(np.count_nonzero(times - known >= klines.period_ms + MINUTE_MS)) if closes[0] else 0
    lacking = [f"{symbol}: at {late:,} of {len(times):,} instants its last kline is older"] if late else []
    return np.where(closes == 0.0, 1.0, closes / bought), lacking


def _first_price(klines: KlineColumns, start: int, end: int) -> float:
    """Return the last close at the start, or the first open after it; 0.0 when there is none up to the end."""
    close = closes_at(klines, np.array([start]))[0].item(0)
    place = int(np.searchsorted(klines.open_ms, start))
    is_within = place < len(klines) and klines.open_ms[place] <= end
    return float(close or (klines.open.item(place) if is_within else 0.0))


def holding_window(curve: AccountCurve, holding: Holding, window: Window) -> dict[str, Any]:
    """Return a window of what holding came to, as columns, every extreme kept."""
    found = windowed(curve.timestamp_ms, {"value": holding.value}, window, ("value",))
    return {**found, "missing": holding.missing, "resolution": curve.resolution, "is_whole": curve.is_whole}
