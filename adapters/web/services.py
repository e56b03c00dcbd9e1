"""What the requests of one server share."""

from __future__ import annotations

from threading import Lock
from typing import Annotated

from fastapi import Depends, Request

from ..database import Database
from .kline_reader import KlineReader
from .program_check import ProgramCheck
from .result_reader import ResultReader
from .run_queue import RunQueue
from .settings import ServerSettings


class Services:
    """The database and what reads it, the queue of runs, and what looks at programs. `heavy` is held by what computes
    for long.
    """

    def __init__(self, settings: ServerSettings, database: Database) -> None:
        self.settings, self.database = settings, database
        self.results, self.klines = ResultReader(database), KlineReader(database)
        self.queue = RunQueue(database, settings)
        self.heavy = Lock()
        self.programs = ProgramCheck()

    async def close(self) -> None:
        """Cancel every run and end everything; the server is going down."""
        await self.queue.close()
        self.programs.close()


def _services(request: Request) -> Services:
    found = request.app.state.services
    assert isinstance(found, Services)
    return found


ServicesOf = Annotated[Services, Depends(_services)]
