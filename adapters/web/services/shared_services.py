"""What the requests of one server share."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from engine import DataError

from ...database import Database
from ...desk import ResultDesk
from ...kept_programs import ProgramStore
from ...report import CurveReader, KlineReader, MarkReader, ResultReader, RowReader
from ..forms import ProgramCheck
from ..safety import ServerSettings
from .data_jobs import DataJobs
from .data_reader import DataReader
from .followed_runs import FollowedRuns
from .hidden_results import HiddenResults
from .limited_work import LimitedWork
from .lost_runs import LostRuns
from .run_queue import RunQueue
from .study_reader import StudyReader
from .trade_explanations import TradeExplanations
from .turn import Turn
from .waiting_files import WaitingFiles

#: What has not answered by then, when the server goes down, is not waited for.
_ANSWER_S = 0.5


class Services:
    """The database and what reads it, the desk of results, the queue of runs, what explains trades, and what looks at
    programs. `heavy` is held by what computes for long.
    """

    def __init__(self, settings: ServerSettings, database: Database) -> None:
        self.settings, self.database = settings, database
        self.results, self.klines = ResultReader(database), KlineReader(database)
        self.queue, self.lost, self.studies = RunQueue(database, settings), LostRuns(database), StudyReader(database)
        self.followed = FollowedRuns(self.queue, self.results, self.studies, self.lost)
        self.curves, self.marks = CurveReader(database, self.results, self.klines), MarkReader(database, self.results)
        self.rows = RowReader(database, self.results, self.marks)
        self.desk, self.hidden = ResultDesk(database), HiddenResults(database, self.queue)
        self.explanations = TradeExplanations(self.queue)
        self.heavy = Turn()
        self.programs, self.kept_programs = ProgramCheck(), ProgramStore(database)
        self.data, self.files, self.jobs = DataReader(database), WaitingFiles(), DataJobs(database, settings)
        self.limited = LimitedWork(settings)
        self._answer: asyncio.Task[bool] | None = None
        self._end: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Read all results beside the first requests: who sorts the list first need not wait for all of that."""
        asyncio.get_running_loop().run_in_executor(None, self._read_list)

    def _read_list(self) -> None:
        with suppress(DataError):  # who asks for the list is told
            self.desk.choices()

    async def close(self) -> None:
        """Cancel every run and end everything; the server is going down. Who calls it again waits for the same."""
        if self._end is None:
            self._end = asyncio.create_task(self._close())
        await self._end

    async def _close(self) -> None:
        self.hidden.close()
        self.limited.close()
        await self.jobs.close()
        await self.queue.close(await self.is_answering())
        self.files.close()
        self.programs.close()

    async def is_answering(self) -> bool:
        """Tell whether the database answers, as it did when this was asked first: a frozen machine does not, nor a
        locked file.
        """
        if self._answer is None:
            self._answer = asyncio.create_task(self._looked())
        return await self._answer

    async def _looked(self) -> bool:
        look = asyncio.create_task(run_in_threadpool(self._look))
        return bool((await asyncio.wait([look], timeout=_ANSWER_S))[0])

    def _look(self) -> None:
        with suppress(DataError), self.database.reading():
            return


def _services(request: Request) -> Services:
    found = request.app.state.services
    assert isinstance(found, Services)
    return found


ServicesOf = Annotated[Services, Depends(_services)]
