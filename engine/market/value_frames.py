"""Funding rates, mark prices and order flow from pandas frames."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import DataError
from ..periods import MINUTE_MS
from .column_titles import KLINE_TITLES, MARK_TITLES, PERCENT_WORDS, RATE_TITLES, place_of_title
from .flow import LATEST_VALUES, ROW_MS, BookRows, FlowHistory, TimedValues, TradeRows
from .frame_rows import FrameRows, frame_of_one, required_frame, rows_of_frame
from .kline_frames import frame_klines
from .series import FloatColumn, KlineColumns

Remarks = tuple[str, ...]

#: Rates beyond these are percent more often than fractions of the notional.
_UNUSUAL_MEDIAN, _UNUSUAL_RATE = 0.001, 0.05

_TRADED = ("buy_volume", "sell_volume", "buy_notional", "sell_notional")
_PRICES = ("vwap", "high", "low")
_BOOK = ("bid_depth", "ask_depth", "spread")
#: The columns of a frame of 15-second rows: as the tables of a database call them, or as `FlowHistory` does.
_FLOW_TITLES = {
    **{name: (f"taker_{name}", name) for name in _TRADED},
    "vwap": ("vwap",),
    "high": ("high_price", "high"),
    "low": ("low_price", "low"),
    "bid_depth": ("bid_depth_5", "bid_depth"),
    "ask_depth": ("ask_depth_5", "ask_depth"),
    "spread": ("spread",),
    **{name: (name,) for name in LATEST_VALUES},
}


def frame_funding(what: str, value: Any) -> tuple[TimedValues, Remarks]:
    """Return funding rates: fractions of the notional, or percent where the title says so; + means that longs pay.

    The value is a frame, a series or `TimedValues`, which are believed. `DataError` for rates that are more often
    percent than fractions, and for whatever is not as it should be.
    """
    if isinstance(value, TimedValues):
        return value, ()
    rows, title = _one_column(what, value, "rate", RATE_TITLES)
    rates = rows.values["rate"]
    remarks = rows.remarks
    if any(word in title.lower() for word in PERCENT_WORDS):
        remarks += (f"{what}: column {title!r} is taken as percent: {rates[0]:g} is {rates[0] / 100.0:g}",)
        rates = rates / 100.0
    way_out = "divide percent by 100; a TimedValues(timestamp_ms, value) in place of the frame is taken as it is"
    if np.median(np.abs(rates)) > _UNUSUAL_MEDIAN:
        raise DataError(f"{what}: half of the rates are beyond {_UNUSUAL_MEDIAN:.1%} of the notional: {way_out}")
    rows.require(
        np.abs(rates) <= _UNUSUAL_RATE,
        lambda place: f"the rate {rates[place]:g} is {rates[place]:.4%} of the notional: {way_out}",
    )
    return TimedValues(rows.ms, rates), remarks


def frame_marks(what: str, value: Any) -> tuple[TimedValues, KlineColumns | None, Remarks]:
    """Return mark prices, each known from its time on, and the 1m klines of the mark price, if that is what they are.

    The value is a frame of 1m klines, whose closes are the prices, a frame or a series of prices, `KlineColumns` or
    `TimedValues`. `DataError` for klines of another period, and for whatever is not as it should be.
    """
    if isinstance(value, TimedValues):
        return value, None, ()
    remarks: Remarks = ()
    if not isinstance(value, KlineColumns):
        frame, _ = frame_of_one(what, required_frame(what, value))
        titles = list(map(str, frame.columns))
        if any(place_of_title(KLINE_TITLES[name], titles) is None for name in ("open", "high", "low", "close")):
            rows, title = _one_column(what, frame, "mark_price", (*MARK_TITLES, *KLINE_TITLES["close"]))
            prices = rows.values["mark_price"]
            rows.require(prices > 0.0, lambda place: f"{prices[place]:g} is no price")
            if place_of_title(KLINE_TITLES["close"], [title]) is not None:
                remarks = (
                    f"{what}: column {title!r} is taken as prices known at the times of its rows; if they "
                    "are the opens of klines, that looks ahead: give open, high, low and close",
                )
            return TimedValues(rows.ms, prices), None, rows.remarks + remarks
        klines = frame_klines(
            what, frame if place_of_title(("volume",), titles) is not None else frame.assign(volume=0)
        )
        value, remarks = klines.columns, klines.remarks
    if value.period_ms != MINUTE_MS:
        raise DataError(
            f"{what}: these are not 1m klines, and a mark price counts for a minute: give 1m klines, or the prices "
            "alone with the times at which they were known"
        )
    return TimedValues(value.open_ms + MINUTE_MS, value.close), value, remarks


def frame_flow(what: str, value: Any) -> tuple[FlowHistory, Remarks]:
    """Return order flow: rows of 15 seconds, each known at its time, which is their end. The columns are called as in
    the tables of a database (taker_buy_volume, vwap, high_price, bid_depth_5, open_interest, mark_price, ...).

    A `FlowHistory` is taken as it is. `DataError` for whatever is not as it should be.
    """
    if isinstance(value, FlowHistory):
        return value, ()
    frame, _ = frame_of_one(what, required_frame(what, value))
    rows = rows_of_frame(what, frame, _FLOW_TITLES, optional=_FLOW_TITLES, may_be_missing=True, whole_ms=True)
    rows.require(rows.ms % ROW_MS == 0, "the time is not the end of 15 seconds, counted from the full minute")
    for name in (*_TRADED, "bid_depth", "ask_depth"):
        if name in rows.values:
            rows.require(~(rows.values[name] < 0.0), f"the {name} is negative")
    trades, book = _trades(rows), _book(rows)
    latest: dict[str, Any] = {
        name: TimedValues.present(rows.ms, rows.values[name]) for name in LATEST_VALUES if name in rows.values
    }
    if trades is None and book is None and not latest:
        raise DataError(f"{what}: none of the columns is one of {', '.join(each[0] for each in _FLOW_TITLES.values())}")
    return FlowHistory(trades, book, **latest), rows.remarks


def with_series(flow: FlowHistory, **series: TimedValues) -> FlowHistory:
    """Return the same flow with other series in the place of its own, by the names of `LATEST_VALUES`."""
    own = {name: getattr(flow, name) for name in LATEST_VALUES}
    latest: dict[str, Any] = {name: None if each is None else each.rows for name, each in own.items()}
    return FlowHistory(flow.trades, flow.book, **{**latest, **series}, back_filled_ms=flow.back_filled_ms)


def _one_column(what: str, value: Any, field: str, accepted: tuple[str, ...]) -> tuple[FrameRows, str]:
    """Return the rows of the one column that is wanted, the only one whatever it is called, and its title."""
    frame, _ = frame_of_one(what, required_frame(what, value))
    titles = list(map(str, frame.columns))
    if len(titles) == 1:
        accepted = (titles[0],)
    place = place_of_title(accepted, titles)
    return rows_of_frame(what, frame, {field: accepted}), field if place is None else titles[place]


def _whole_rows(rows: FrameRows, names: tuple[str, ...], what: str) -> npt.NDArray[np.bool_] | None:
    """Return which rows have all of some columns, None where no row has; one that has only some is refused."""
    there = [name for name in names if name in rows.values]
    if not there:
        return None
    absent = [name for name in names if name not in rows.values]
    if absent:
        raise DataError(f"{rows.what}: {what} need a column {_FLOW_TITLES[absent[0]][0]} too")
    missing = sum(np.isnan(rows.values[name]).astype(np.int64) for name in names)
    rows.require(np.isin(missing, (0, len(names))), f"some of {', '.join(names)} are missing")
    whole: npt.NDArray[np.bool_] = np.asarray(missing == 0)
    return whole if whole.any() else None


def _trades(rows: FrameRows) -> TradeRows | None:
    whole = _whole_rows(rows, _TRADED, "rows of trades")
    if whole is None:
        return None
    buy, sell, bought, sold = (rows.values[name][whole] for name in _TRADED)
    nothing = np.full(int(whole.sum()), np.nan)
    vwap, high, low = (rows.values[name][whole] if name in rows.values else nothing for name in _PRICES)
    if "vwap" not in rows.values:
        vwap = _mean_price(buy + sell, bought + sold)
    return TradeRows(rows.ms[whole], buy, sell, bought, sold, vwap, high, low)


def _mean_price(volume: FloatColumn, notional: FloatColumn) -> FloatColumn:
    return np.asarray(np.divide(notional, volume, out=np.full(len(volume), np.nan), where=volume > 0.0))


def _book(rows: FrameRows) -> BookRows | None:
    depths = _BOOK[:2]
    whole = _whole_rows(rows, depths, "rows of the order book")
    if whole is None:
        return None
    spread = rows.values.get("spread", np.zeros(len(rows.ms)))[whole]
    bid, ask = (rows.values[name][whole] for name in depths)
    return BookRows(rows.ms[whole], bid, ask, np.where(np.isnan(spread), 0.0, spread))
