"""Runs that say that they run, and whose process is gone: they are marked as lost when somebody looks at them."""

from __future__ import annotations

import time
from threading import Lock

from engine import DataError

from ...database import Database
from ...results import ResultStore

#: Not looked for more often.
_LEAST_S = 1.0


class LostRuns:
    """Marks lost runs, at most once a second, however many ask."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._looked = -_LEAST_S

    def look(self) -> bool:
        """Mark what is lost; return whether that was looked for just now. A database that is away has none."""
        with self._lock:
            if time.monotonic() - self._looked < _LEAST_S:
                return False
            self._looked = time.monotonic()
        try:
            ResultStore(self._database)  # opening it marks them
        except DataError:
            return False
        return True
