"""Klines for charts: a range in a period that fits, as compact columns."""

from __future__ import annotations

import time
from collections import OrderedDict
from threading import Lock
from typing import Any

import numpy as np
from sqlalchemy import select

from engine import PERIOD_MS, KlineColumns

from ...database import Database, Fingerprint, StoredSeries, crypto_klines, stored_periods, stored_series
from ...market import load_klines
from .disturbed_prices import SeenFaults
from .unknown import NotStored

MOST_POINTS = 10_000
_MOST_KEPT = 8

#: What is kept is asked for again after so long: an import shows in charts that much later.
_KEPT_S = 30.0

#: By name in ms: beyond the known periods, whole days, weeks and months of charts.
CHART_PERIODS = {**PERIOD_MS, "3d": 3 * PERIOD_MS["1d"], "1w": 7 * PERIOD_MS["1d"], "30d": 30 * PERIOD_MS["1d"]}


class KlineReader:
    """Reads the klines of a database for charts; the last few series are kept in memory for half a minute."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: OrderedDict[tuple[str, str, str, str], tuple[float, KlineColumns]] = OrderedDict()
        self._series: list[StoredSeries] = []
        self._series_state: Fingerprint | None = None
        self._series_due = 0.0
        self._lock, self._series_lock = Lock(), Lock()

    def series(self) -> list[StoredSeries]:
        """Return what is stored."""
        with self._series_lock:
            if time.monotonic() > self._series_due:
                state = self._database.fingerprint(select(crypto_klines.c.timestamp))
                if state is None or state != self._series_state:
                    self._series, self._series_state = stored_series(self._database), state
                self._series_due = time.monotonic() + _KEPT_S
            return self._series

    def klines(
        self,
        exchange: str,
        symbol: str,
        start_ms: int,
        end_ms: int,
        period: str | None,
        points: int,
        faults: SeenFaults | None = None,
    ) -> dict[str, Any]:
        """Return the klines that open in [start_ms, end_ms) as columns, at most about `points` of them.

        The period is the wanted one or, where that would be too many klines or none is named, the shortest that fits.
        A kline is put together from the base klines that open in it; times are opens in epoch ms. With the faults of a
        run they are those that it saw.
        """
        periods = self._periods(exchange, symbol)
        if not periods:
            raise NotStored(f"there are no klines of {symbol} on {exchange}")
        base = self._base(exchange.lower(), symbol, periods[0], faults or SeenFaults())
        shortest = max(PERIOD_MS[periods[0]], CHART_PERIODS[period] if period else 0)
        fitting = [name for name, length in CHART_PERIODS.items() if length >= shortest]
        step = next((name for name in fitting if (end_ms - start_ms) / CHART_PERIODS[name] <= points), fitting[-1])
        found = grouped(base, start_ms, end_ms, CHART_PERIODS[step])
        return {
            "exchange": exchange.lower(),
            "symbol": symbol,
            "period": step,
            "period_ms": CHART_PERIODS[step],
            **found,
        }

    def columns(self, exchange: str, symbol: str, faults: SeenFaults) -> KlineColumns | None:
        """Return all stored klines of the shortest period of a symbol, as the run of some faults saw them; None where
        there are none.
        """
        periods = self._periods(exchange, symbol)
        return self._base(exchange.lower(), symbol, periods[0], faults) if periods else None

    def _periods(self, exchange: str, symbol: str) -> list[str]:
        """Return the stored periods of a series; none for what cannot be a name."""
        if not (exchange.isprintable() and exchange.strip() and symbol.isprintable()):
            return []
        return stored_periods(self._database, exchange, symbol)

    def _base(self, exchange: str, symbol: str, period: str, faults: SeenFaults) -> KlineColumns:
        key = exchange, symbol, period, faults.key
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and time.monotonic() < kept[0]:
                self._kept.move_to_end(key)
                return kept[1]
            columns = faults.columns(symbol, load_klines(self._database, exchange, symbol, period))
            self._kept[key] = time.monotonic() + _KEPT_S, columns
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return columns


def grouped(columns: KlineColumns, start_ms: int, end_ms: int, period_ms: int) -> dict[str, list[Any]]:
    """Return the klines of a range put together into longer ones, as lists by name."""
    first = start_ms - start_ms % period_ms
    begin, stop = np.searchsorted(columns.open_ms, [first, end_ms])
    opened = columns.open_ms[begin:stop]
    if not len(opened):
        return {name: [] for name in ("time", "open", "high", "low", "close", "volume")}
    # the first kline of each group, found from the groups: there are far fewer of them than of klines
    starts = np.unique(np.searchsorted(opened, np.arange(first, end_ms, period_ms)))
    starts = starts[starts < len(opened)]
    last = np.append(starts[1:], len(opened)) - 1
    part = {name: getattr(columns, name)[begin:stop] for name in ("open", "high", "low", "close", "volume")}
    return {
        "time": (opened[starts] // period_ms * period_ms).tolist(),
        "open": part["open"][starts].tolist(),
        "high": np.maximum.reduceat(part["high"], starts).tolist(),
        "low": np.minimum.reduceat(part["low"], starts).tolist(),
        "close": part["close"][last].tolist(),
        "volume": np.round(np.add.reduceat(part["volume"], starts), 8).tolist(),
    }
