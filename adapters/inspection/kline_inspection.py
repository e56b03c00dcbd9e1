"""What is in stored klines: holes, doubles, jumps and nonsense, to be known before a result is trusted."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from engine import KlineColumns
from engine.market import disagreeing
from engine.market.flow import back_filled
from engine.periods import MINUTE_MS

from ..database import (
    Database,
    KlineRows,
    StoredSeries,
    flow_statement,
    market_trades_aggregated,
    period_length,
    possible_prices,
    read_mark_rows,
    read_rows,
)

#: A close that lies further than this from the close of the kline right before it is an outlier.
OUTLIER_PCT = 10.0

_LISTED = 3


@dataclass(frozen=True)
class Gap:
    """Klines that are missing in a row: how many, and the opens of the first and the last of them."""

    missing: int
    first_ms: int
    last_ms: int


@dataclass(frozen=True)
class Outlier:
    """A kline whose close is far from the close of the kline right before it."""

    open_ms: int
    change_pct: float


@dataclass(frozen=True)
class Stretch:
    """Rows one after another: how many, and the times of the first and the last of them."""

    rows: int
    first_ms: int
    last_ms: int


@dataclass(frozen=True)
class Inspection:
    """What was found in one series.

    `count` are distinct klines; `duplicates` further rows of the same times. `missing` klines lie in `gaps` between
    the first and the last. `off_grid` klines do not open at a multiple of the period, `incomplete` ones lack a value
    and `inconsistent` ones have a high below the low, an open or close outside both, or a price that is not positive.
    `back_filled` rows of order flow, in stretches, are whole minutes that a platform stamped at their open.
    `disagreeing` klines are not what the 1m klines of their period say. `price` tells klines of traded prices ("last")
    from those of the mark price ("mark").
    """

    count: int
    first_ms: int
    last_ms: int
    gaps: int
    missing: int
    longest_gap: Gap | None
    duplicates: int
    outliers: int
    first_outliers: tuple[Outlier, ...]
    zero_volume: int
    off_grid: int
    incomplete: int
    inconsistent: int
    back_filled: int = 0
    first_back_fills: tuple[Stretch, ...] = ()
    disagreeing: int = 0
    first_disagreeing_ms: int | None = None
    price: str = "last"

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)


def inspect_series(period_ms: int, rows: KlineRows | KlineColumns) -> Inspection:
    """Inspect the klines of one series, at least one, in order of time."""
    first_of_time = np.concatenate(([True], rows.open_ms[1:] != rows.open_ms[:-1]))
    times = rows.open_ms[first_of_time]
    steps = np.diff(times)
    absent = np.maximum(-(-steps // period_ms) - 1, 0)
    outliers = _outliers(rows.close[first_of_time], times, period_ms)
    return Inspection(
        count=len(times),
        first_ms=int(times[0]),
        last_ms=int(times[-1]),
        gaps=int(np.count_nonzero(absent)),
        missing=int(absent.sum()),
        longest_gap=_longest_gap(times, absent, period_ms),
        duplicates=len(rows.open_ms) - len(times),
        outliers=len(outliers),
        first_outliers=tuple(outliers[:_LISTED]),
        zero_volume=int(np.count_nonzero(rows.volume[first_of_time] == 0)),
        off_grid=int(np.count_nonzero(times % period_ms)),
        incomplete=int(np.count_nonzero(_incomplete(rows))),
        inconsistent=int(np.count_nonzero(_inconsistent(rows) & ~_incomplete(rows))),
    )


def inspect_stored(database: Database, series: StoredSeries) -> Inspection:
    """Read one stored series and inspect it: 1m klines with the order flow beside them, longer ones against those."""
    rows = read_rows(database, series.exchange, series.symbol, series.period)
    found = inspect_series(period_length(series.period), rows)
    if series.period != "1m":
        differ = _disagreeing(database, series, rows)
        return replace(found, disagreeing=len(differ), first_disagreeing_ms=int(differ[0]) if len(differ) else None)
    stretches = _back_fills(database, series)
    return replace(found, back_filled=sum(each.rows for each in stretches), first_back_fills=tuple(stretches[:_LISTED]))


def inspect_marks(database: Database, series: StoredSeries) -> Inspection:
    """Read the stored klines of one mark price and inspect them; they have no volume, which is no finding."""
    found = inspect_series(period_length(series.period), read_mark_rows(database, series))
    return replace(found, zero_volume=0, price="mark")


def _disagreeing(database: Database, series: StoredSeries, rows: KlineRows) -> npt.NDArray[np.int64]:
    """Return the opens of the klines that are not what the stored 1m klines say."""
    minutes = read_rows(database, series.exchange, series.symbol, "1m")
    return disagreeing(_columns(period_length(series.period), rows), _columns(MINUTE_MS, minutes))


def _columns(period_ms: int, rows: KlineRows) -> KlineColumns:
    """Return the klines that are on the grid, have all values, and are the first of their time."""
    first_of_time = np.diff(rows.open_ms, prepend=rows.open_ms[:1] - 1) != 0
    good = first_of_time & ~_incomplete(rows) & (rows.open_ms % period_ms == 0)
    return KlineColumns(period_ms, *(column[good] for column in rows))


def _back_fills(database: Database, series: StoredSeries) -> list[Stretch]:
    with database.reading() as connection:
        if not database.has_table(connection, market_trades_aggregated):
            return []
        statement = flow_statement(market_trades_aggregated.name, series.exchange, series.symbol)
        flow = database.read_columns(connection, statement)
    times = flow["timestamp"][back_filled(flow["timestamp"], flow["vwap"], flow["taker_sell_count"])]
    begins = np.flatnonzero(np.diff(times, prepend=times[:1] - 1) != MINUTE_MS)
    parts = np.split(times, begins[1:]) if len(times) else []
    return [Stretch(len(part), int(part[0]), int(part[-1])) for part in parts]


def _longest_gap(times: npt.NDArray[np.int64], absent: npt.NDArray[np.int64], period_ms: int) -> Gap | None:
    if not absent.any():
        return None
    place = int(np.argmax(absent))
    missing = int(absent[place])
    first_ms = int(times[place]) + period_ms
    return Gap(missing, first_ms, first_ms + (missing - 1) * period_ms)


def _outliers(close: npt.NDArray[np.float64], times: npt.NDArray[np.int64], period_ms: int) -> list[Outlier]:
    with np.errstate(divide="ignore", invalid="ignore"):
        change_pct = (close[1:] / close[:-1] - 1.0) * 100.0
    found = np.flatnonzero((np.abs(change_pct) > OUTLIER_PCT) & (np.diff(times) == period_ms))
    return [Outlier(int(times[place + 1]), float(change_pct[place])) for place in found]


def _incomplete(rows: KlineRows | KlineColumns) -> npt.NDArray[np.bool_]:
    values = (rows.open, rows.high, rows.low, rows.close, rows.volume)
    return np.asarray(np.any([~np.isfinite(column) for column in values], axis=0))


def _inconsistent(rows: KlineRows | KlineColumns) -> npt.NDArray[np.bool_]:
    return np.asarray(~possible_prices(rows.open, rows.high, rows.low, rows.close) | (rows.volume < 0))
