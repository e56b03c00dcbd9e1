"""What the requests of one server share."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import Annotated

from fastapi import Depends, Request

from ..database import Database
from .kline_reader import KlineReader
from .result_reader import ResultReader
from .run_queue import RunQueue
from .settings import ServerSettings


@dataclass(frozen=True)
class Services:
    """The database and what reads it, and the queue of runs. `heavy` is held by what computes for long.

    `sandbox_problem` says why this machine has no sandbox; then no program is run.
    """

    settings: ServerSettings
    database: Database
    results: ResultReader
    klines: KlineReader
    queue: RunQueue
    heavy: Lock
    sandbox_problem: str | None


def _services(request: Request) -> Services:
    found = request.app.state.services
    assert isinstance(found, Services)
    return found


ServicesOf = Annotated[Services, Depends(_services)]
