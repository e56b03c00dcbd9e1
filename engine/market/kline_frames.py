"""Klines from a pandas frame, as people have them: `Open` or `open`, an index of times or a column of them."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ..errors import DataError
from ..instants import duration_text, utc_text
from ..periods import MINUTE_MS, PERIOD_MS
from ..plain_values import shown
from .column_titles import KLINE_TITLES, PRICE_NAMES, letters_of
from .frame_rows import FrameRows, frame_of_one, required_frame, rows_of_frame
from .series import FloatColumn, KlineColumns, TimeColumn

#: Digits that were lost on the way, as when prices are adjusted: a close may be so much above the high, as a share.
_ROUNDING = 1e-9


class FrameKlines(NamedTuple):
    """Klines, the ticker that stood above their columns, if one did, and what a user should know of them."""

    columns: KlineColumns
    ticker: str | None
    remarks: tuple[str, ...]


def frame_klines(what: str, value: Any, period: str | None = None) -> FrameKlines:
    """Return the klines of a pandas frame, `KlineColumns` as they are; their times are those of the opens.

    The period is the commonest step between the times unless it is given, and then every step must be a multiple of
    it. Without a column of volumes these are 0, which a remark says. Raises `DataError`, which begins with `what`, for
    a time without a zone, a missing value, one beside the grid of the period, and whatever else is wrong.
    """
    if isinstance(value, KlineColumns):
        return FrameKlines(value, None, ())
    frame, ticker = frame_of_one(what, required_frame(what, value))
    rows = rows_of_frame(what, frame, KLINE_TITLES, optional=("volume",), whole_ms=True)
    period_ms = _period_ms(rows, period)
    _require_grid(rows, period_ms)
    prices = _prices(rows)
    remarks = rows.remarks
    if "volume" not in rows.values:
        _refuse_unknown_volume(what, list(map(str, frame.columns)))
        remarks += (f"{what}: the frame has no column volume: the volume of every kline is taken as 0",)
    volume = rows.values.get("volume", np.zeros(len(rows.ms)))
    rows.require(volume >= 0.0, lambda place: f"the volume {volume[place]:g} is negative")
    return FrameKlines(KlineColumns(period_ms, rows.ms, **prices, volume=volume), ticker, remarks)


def _refuse_unknown_volume(what: str, titles: list[str]) -> None:
    found = [title for title in titles if "vol" in letters_of(title)]
    if found:
        raise DataError(
            f"{what}: none of the columns {', '.join(found)} is called volume: write "
            f'df = df.rename(columns={{{found[0]!r}: "volume"}}) for the one that is in coins, or drop them'
        )


def _prices(rows: FrameRows) -> dict[str, Any]:
    """Return open, high, low and close, which must be possible prices of a kline."""
    prices = {name: rows.values[name] for name in PRICE_NAMES}
    for name, price in prices.items():
        rows.require(price > 0.0, partial(_no_price, name, price))
    highest = np.maximum.reduce([prices["open"], prices["close"], prices["low"]])
    lowest = np.minimum.reduce([prices["open"], prices["close"], prices["high"]])
    high, low = prices["high"], prices["low"]
    rows.require(
        high >= highest * (1 - _ROUNDING),
        lambda place: f"the high {high[place]:.15g} is below {highest[place]:.15g}, another price of the kline",
    )
    rows.require(
        low <= lowest * (1 + _ROUNDING),
        lambda place: f"the low {low[place]:.15g} is above {lowest[place]:.15g}, another price of the kline",
    )
    return {**prices, "high": np.maximum(high, highest), "low": np.minimum(low, lowest)}


def _no_price(name: str, prices: FloatColumn, place: int) -> str:
    return f"the {name} {prices[place]:g} is no price"


def _period_ms(rows: FrameRows, period: str | None) -> int:
    """Return the length of the klines: that of the period, or the commonest step between them."""
    if period is not None and period not in PERIOD_MS:
        raise DataError(f"{rows.what}: period: {shown(period)} is not one of {', '.join(PERIOD_MS)}")
    steps, counts = np.unique(np.diff(rows.ms), return_counts=True)
    if period is not None:
        _require_multiples(rows, steps, period)
        return PERIOD_MS[period]
    if not len(steps):
        raise DataError(f'{rows.what}: one kline does not tell its period: give it, as in period="1h"')
    step = int(steps[np.argmax(counts)])
    if step not in PERIOD_MS.values():
        raise DataError(
            f"{rows.what}: most rows are {_length_text(step)} apart, which is none of {', '.join(PERIOD_MS)}: give "
            'another period (period="1m" for klines of which many are missing), or frames of one of these'
        )
    return step


def _require_multiples(rows: FrameRows, steps: TimeColumn, period: str) -> None:
    wrong = steps[steps % PERIOD_MS[period] != 0]
    if len(wrong):
        raise DataError(
            f"{rows.what}: rows are {_length_text(int(wrong[0]))} apart, so they are no {period} klines; "
            "leave out period= to have it told from the steps"
        )


def _length_text(milliseconds: int) -> str:
    return duration_text(milliseconds) if milliseconds % MINUTE_MS == 0 else f"{milliseconds:,} ms"


def _require_grid(rows: FrameRows, period_ms: int) -> None:
    """Refuse klines that do not open at a multiple of their period."""
    name = next(name for name, length in PERIOD_MS.items() if length == period_ms)
    beside = rows.ms % period_ms
    if len(np.unique(beside)) == 1 and beside[0]:
        shift = f"pd.Timedelta({int(beside[0])}, unit='ms')"
        raise DataError(
            f"{rows.what}: {rows.row(0)} and all others are {int(beside[0]):,} ms after the start of a {name} kline, "
            f"counted from 00:00 UTC: times must be those of the opens; df.index = df.index - {shift} moves them"
        )
    rows.require(
        beside == 0,
        lambda place: (
            f"{utc_text(int(rows.ms[place]))} is not the start of a {name} kline; "
            f'df = df[df.index.floor("{period_ms // MINUTE_MS}min") == df.index] leaves such rows out'
        ),
    )
