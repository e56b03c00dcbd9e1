"""A study in the queue of a server, and how it begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...database import Database
from ...studies import StillRun, Study, StudyStore, compared_config
from ..forms import AskedStudy
from ..runs import STUDIES
from ..safety import Refused
from .run_queue import QueuedRun


class StudyRun(QueuedRun):
    """One study of this server: `asked` and `config` are what the request said, for the process that runs it; None
    where that goes on with a stored one.
    """

    worker_module = "study_worker"
    of = STUDIES

    def __init__(
        self, run_id: int, asked: Mapping[str, Any] | None = None, config: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(run_id)
        self._asked, self._config = asked, config

    @property
    def job(self) -> dict[str, Any]:
        """What was asked for, and the configuration as it was given: what it leaves out may follow from a profile."""
        if self._asked is None:
            return {}
        return {
            "asked": {name: value for name, value in self._asked.items() if name != "config"},
            "config": self._config,
        }

    def note_end(self, database: Database, message: str, cancelled: bool) -> None:
        """Give its row the status that it has ended with."""
        status = "interrupted" if cancelled else "error"
        StudyStore(database).note_end(self.run_id, status, None if cancelled else message)

    def settle(self, database: Database, message: str) -> None:
        """Do nothing: the row of a study tells by itself that the process that has run it is gone."""


def announced(database: Database, asked: AskedStudy, values: Mapping[str, Any], config: Mapping[str, Any]) -> StudyRun:
    """Store a study that waits for its turn, and return what the queue takes."""
    runs, _ = asked.planned()
    is_counted = asked.kind not in ("certificate", "card")
    planned = runs if is_counted else 1
    config_now = compared_config(asked.config)
    given = tuple(name for name in config_now if asked.config.gives(name))
    study = Study(asked.kind, config_now, asked.parameters, asked.metrics, planned, given=given)
    study_id = StudyStore(database).announce(study, label=asked.label, of_kind=asked.announced_of_kind)
    return StudyRun(study_id, values, config)


def announced_again(database: Database, study_id: int) -> StudyRun:
    """Store that a study waits for its turn to go on, and return what the queue takes."""
    try:
        StudyStore(database).announce_again(study_id)
    except StillRun as error:
        raise Refused(409, f"study {study_id} is still being run") from error
    return StudyRun(study_id)
