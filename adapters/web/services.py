"""What the requests of one server share."""

from __future__ import annotations

from threading import Lock
from typing import Annotated

from fastapi import Depends, Request

from ..database import Database
from ..sandbox import jail_problem
from .kline_reader import KlineReader
from .result_reader import ResultReader
from .run_queue import RunQueue
from .settings import ServerSettings


class Services:
    """The database and what reads it, and the queue of runs. `heavy` is held by what computes for long.

    `sandbox_problem` says why this machine has no sandbox; then no program is run.
    """

    def __init__(self, settings: ServerSettings, database: Database) -> None:
        self.settings, self.database = settings, database
        self.results, self.klines = ResultReader(database), KlineReader(database)
        self.queue = RunQueue(database, settings)
        self.heavy = Lock()
        self.sandbox_problem = jail_problem()


def _services(request: Request) -> Services:
    found = request.app.state.services
    assert isinstance(found, Services)
    return found


ServicesOf = Annotated[Services, Depends(_services)]
