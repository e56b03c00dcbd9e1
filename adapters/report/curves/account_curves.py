"""Equity, drawdown and exposure of a stored result: of every minute, or of the points that an older version stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from engine import KlineColumns
from engine.market.series import FloatColumn, TimeColumn

from ...database import Database
from ...results import StoredResult
from ...series import NOTIONAL, stored_minutes, stored_series_of
from .thinning import Window, windowed

_EVERY_MINUTE = "every minute"


#: Symbol, size in coins, and from when until when it was held; until None: to the end.
Held = tuple[str, float, int, int | None]


class AccountCurve(NamedTuple):
    """The account of a run at rising instants (epoch ms), in USD: `drawdown` is below the peak so far, and
    `drawdown_percent` in percent of it. `notional` is the worth of all positions, None where it is not stored.
    `resolution` says in words how fine all that is, `is_whole` whether it is of every minute.
    """

    timestamp_ms: TimeColumn
    equity: FloatColumn
    balance: FloatColumn
    drawdown: FloatColumn
    drawdown_percent: FloatColumn
    notional: FloatColumn | None
    resolution: str
    is_whole: bool


def minutes_of(database: Database, found: StoredResult) -> AccountCurve:
    """Return the curve of a stored result: of its minutes where they are stored, else of the points that are."""
    minutes = stored_minutes(database, found.run_id)
    if minutes is None:
        return _points_of(found)
    percent = _percent(minutes.drawdown, minutes.equity + minutes.drawdown)
    notional = stored_series_of(database, found.run_id, (NOTIONAL,))[NOTIONAL].value
    return AccountCurve(*minutes, percent, notional, _EVERY_MINUTE, True)


def _points_of(found: StoredResult) -> AccountCurve:
    times = np.array([point["timestamp"] for point in found.curve], np.int64)
    names = ("equity", "balance", "drawdown")
    equity, balance, fall = (np.array([point.get(name) for point in found.curve], np.float64) for name in names)
    resolution = f"{len(times):,} points of the whole run: its minutes are not stored, a new run stores them"
    return AccountCurve(times, equity, balance, fall, _percent(fall, equity + fall), None, resolution, False)


def _percent(fall: FloatColumn, peak: FloatColumn) -> FloatColumn:
    return np.divide(100.0 * fall, peak, out=np.zeros(len(fall)), where=peak > 0.0)


def equity_window(curve: AccountCurve, window: Window) -> dict[str, Any]:
    """Return a window of equity, balance and drawdown as columns, every extreme of equity and drawdown kept."""
    columns = {name: getattr(curve, name) for name in ("equity", "balance", "drawdown", "drawdown_percent")}
    found = windowed(curve.timestamp_ms, columns, window, ("equity", "drawdown_percent"))
    return {**found, "resolution": curve.resolution, "is_whole": curve.is_whole}


def exposure_of(
    curve: AccountCurve, held: Sequence[Held], klines_of: Callable[[str], KlineColumns | None]
) -> FloatColumn | None:
    """Return the worth of all positions, long and short, as a multiple of equity, NaN where there is none. Where the
    worth is not stored it is that of what was `held`, at the closes of klines; None where that is not known either.
    """
    notional = curve.notional
    if notional is None:
        notional = _worth_of(curve.timestamp_ms, held, klines_of)
    if notional is None:
        return None
    exposure = np.full(len(notional), np.nan)
    np.divide(notional, curve.equity, out=exposure, where=curve.equity > 0.0)
    return exposure


def exposure_window(
    curve: AccountCurve, found: StoredResult, klines_of: Callable[[str], KlineColumns | None], window: Window
) -> dict[str, Any]:
    """Return a window of the exposure as columns; `resolution` says where it comes from."""
    exposure, note = exposure_of(curve, held_of(found), klines_of), curve.resolution
    if curve.notional is None:
        note += "; exposure is worked out from trades and klines, adds counting from the first entry on"
    if exposure is None:
        note, exposure = "neither minutes nor klines are stored", np.full(len(curve.timestamp_ms), np.nan)
    answer = windowed(curve.timestamp_ms, {"exposure": exposure}, window, ("exposure",))
    return {**answer, "resolution": note, "is_whole": curve.notional is not None}


def held_of(found: StoredResult) -> list[Held]:
    """Return what a stored result says that was held: its closed trades, and what was open at its end."""
    closed = [
        (each["symbol"], each["size"], each.get("entry_timestamp", each["timestamp"]), each["exit_timestamp"])
        for each in found.trades
    ]
    still = (found.figures or {}).get("open_positions") or ()
    return closed + [(each["symbol"], each["size"], each["opened_at"], None) for each in still if "opened_at" in each]


def _worth_of(
    times: TimeColumn, held: Iterable[Held], klines_of: Callable[[str], KlineColumns | None]
) -> FloatColumn | None:
    worth = np.zeros(len(times))
    of_symbol: dict[str, list[Held]] = {}
    for each in held:
        of_symbol.setdefault(each[0], []).append(each)
    for symbol, parts in of_symbol.items():
        klines = klines_of(symbol)
        if klines is None:
            return None
        change = np.zeros(len(times) + 1)
        for _, size, since, until in parts:
            change[np.searchsorted(times, since)] += size
            if until is not None:
                change[np.searchsorted(times, until)] -= size
        worth += np.cumsum(change)[:-1] * closes_at(klines, times)[0]
    return worth


def closes_at(klines: KlineColumns, times: TimeColumn) -> tuple[FloatColumn, TimeColumn]:
    """Return at each time the last close that is known, and when it was known (epoch ms); 0.0 and 0 where none is."""
    if not len(klines):
        return np.zeros(len(times)), np.zeros(len(times), np.int64)
    closed = klines.open_ms + klines.period_ms
    places = np.searchsorted(closed, times, side="right") - 1
    is_known = places >= 0
    return np.where(is_known, klines.close[places], 0.0), np.where(is_known, closed[places], 0)
