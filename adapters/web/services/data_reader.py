"""What is stored of the market, for the page: the list is kept for a while, it takes a question for each series."""

from __future__ import annotations

import time
from threading import Lock

from ...database import Database
from ...inspection import DataHoles, DataSeries, holes_of, stored_data

_KEPT_S = 30.0
_MOST_HOLES = 1_000


class DataReader:
    """Reads the list of stored series and the holes in one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._series: list[DataSeries] = []
        self._due = 0.0
        self._lock = Lock()

    def series(self) -> list[DataSeries]:
        """Return every stored series, as it was half a minute ago at most."""
        with self._lock:
            if time.monotonic() > self._due:
                self._series = stored_data(self._database)
                self._due = time.monotonic() + _KEPT_S
            return self._series

    def forget(self) -> None:
        """Look anew: something was stored."""
        with self._lock:
            self._due = 0.0

    def holes(self, kind: str, exchange: str, symbol: str, period: str | None, feature: str | None) -> DataHoles:
        """Return where rows of a series are missing."""
        return holes_of(self._database, kind, exchange, symbol, period, feature, _MOST_HOLES)
