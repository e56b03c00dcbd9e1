"""Storing studies: a row for the study as soon as it starts, its trials while it runs, how it ended."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, update

from engine import DataError
from engine.plain_values import counted
from engine.result import program_name

from ..database import STUDY_TABLES, Database, perp_studies, perp_trials
from ..results import Runner, add_tables, require_storable, utc_time
from ..runs import let_go
from .metric import Metric
from .stored_studies import is_running, read_study, study_row
from .study import Study, StudyTrial
from .study_plan import plan_of, require_kind, require_same
from .trial_rows import json_text, row_of

logger = logging.getLogger("perpsim.studies")

#: What is done waits no longer than so until it is written: so much is lost when the process is killed.
_WAIT_S = 0.5
#: So long a study that is done waits for a database that has gone away.
_PATIENCE_S = 5.0


class StillRun(DataError):
    """A study cannot be gone on with, because a process runs it."""


class StudyStore:
    """Stores studies in a database, in tables that the first one makes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def require_usable(self) -> None:
        """Raise `DataError` where no study can be stored, before what is to be stored takes its time. Nothing is
        changed.
        """
        require_storable(self._database, STUDY_TABLES)

    def create(
        self,
        study: Study,
        *,
        label: str | None = None,
        of_kind: Mapping[str, Any] | None = None,
        programs: Mapping[str, Any] | None = None,
    ) -> StudyKeeper:
        """Add the row of a study that begins now, and return what keeps its trials. `of_kind` is what its kind adds to
        the plan (sampler, seed, windows), `programs` as a `Job` has them. `study` gets its id.
        """
        owner = Runner.part_of_this()
        self._begin(study, owner, label, of_kind, programs)
        return StudyKeeper(self._database, study, owner)

    def announce(self, study: Study, *, label: str | None = None, of_kind: Mapping[str, Any] | None = None) -> int:
        """Add the row of a study that waits for the process that will run it, and return its id; until that takes it
        over it is this process that answers for it.
        """
        return self._begin(study, Runner.this(), label, of_kind, None)

    def announce_again(self, study_id: int) -> None:
        """Note that a stored study waits for the process that will go on with it: until then this process answers for
        it. Raises `DataError` for an unknown id, and for one that is being run.
        """
        with self._database.writing() as connection:
            self._claim(connection, study_id, Runner.this())

    def _begin(
        self,
        study: Study,
        owner: Runner,
        label: str | None,
        of_kind: Mapping[str, Any] | None,
        programs: Mapping[str, Any] | None,
    ) -> int:
        add_tables(self._database, STUDY_TABLES)
        row = {"status": "running", "label": label, "created_at": _now(), **_described(study, owner, of_kind, programs)}
        with self._database.writing() as connection:
            key = connection.execute(insert(perp_studies).values(row)).inserted_primary_key
        assert key is not None
        study.study_id, study.label = int(key[0]), label
        return int(key[0])

    def take_over(
        self,
        study_id: int,
        study: Study,
        *,
        of_kind: Mapping[str, Any] | None = None,
        programs: Mapping[str, Any] | None = None,
    ) -> StudyKeeper:
        """Note that this process runs a study that was announced, and what is known of it now; return what keeps its
        trials.
        """
        owner = Runner.part_of_this()
        of_it = perp_studies.c.id == study_id
        with self._database.writing() as connection:
            connection.execute(update(perp_studies).where(of_it).values(_described(study, owner, of_kind, programs)))
        study.study_id = study_id
        return StudyKeeper(self._database, study, owner)

    def note_end(self, study_id: int, status: str, message: str | None = None) -> None:
        """Note that a study whose process has ended without saying so is over, where that can be done: else its row
        tells by itself that this process is gone.
        """
        is_open = (perp_studies.c.id == study_id) & (perp_studies.c.status == "running")
        values = {"status": status, "error_message": message, "completed_at": _now()}
        try:
            with self._database.writing() as connection:
                connection.execute(update(perp_studies).where(is_open).values(values))
        except DataError as error:
            logger.warning("study %d could not be marked as %s: %s", study_id, status, error)

    def resume(
        self,
        study_id: int,
        study: Study,
        *,
        of_kind: Mapping[str, Any] | None = None,
        programs: Mapping[str, Any] | None = None,
        is_announced: bool = False,
    ) -> StudyKeeper:
        """Put the stored trials of a study into `study`, which goes on with it, and return what keeps the others. With
        `is_announced` it waits for this process.

        Raises `ConfigurationError` where configuration, programs or plan are not the stored ones, and `DataError` for
        an unknown id, and for one that is being run.
        """
        stored, plan = read_study(self._database, study_id)
        now = json.loads(json_text(plan_of(study, of_kind or {}, programs or {})))
        require_kind(stored, study.kind)
        require_same(f"study {study_id}", (stored.config, plan), (json.loads(json_text(study.config)), now))
        owner = Runner.part_of_this()
        with self._database.writing() as connection:
            self._claim(connection, study_id, owner, is_announced, planned=study.planned)
        study.trials.update(stored.trials)
        study.study_id, study.label, study.duration_s = study_id, stored.label, stored.duration_s
        return StudyKeeper(self._database, study, owner)

    def _claim(
        self, connection: Connection, study_id: int, owner: Runner, is_announced: bool = False, **values: object
    ) -> None:
        """Note that `owner` answers for a stored study; `StillRun` where another process does."""
        c, row = perp_studies.c, study_row(self._database, connection, study_id)
        as_read = (c.id == study_id) & (c.status == row["status"])
        as_read &= c.error_message.is_not_distinct_from(row["error_message"])
        values |= {"status": "running", "error_message": owner.to_text(), "completed_at": None}
        is_free = is_announced or not is_running(row)
        if is_free and connection.execute(update(perp_studies).where(as_read).values(values)).rowcount:
            return
        runner = Runner.parse(row["error_message"])
        raise StillRun(f"study {study_id} is still being run{'' if runner is None else f' by process {runner.pid}'}")


def _described(
    study: Study, owner: Runner, of_kind: Mapping[str, Any] | None, programs: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return what the row of a study says of what it is, and who runs it."""
    config = study.config
    return {
        "kind": study.kind,
        "program": program_name(config),
        "symbols": ", ".join(config.get("symbols") or ()),
        "exchange": config.get("exchange"),
        "start_time": utc_time(config["start_time"]),
        "end_time": utc_time(config["end_time"]),
        "metric": study.metrics[0].name if study.metrics else None,
        "error_message": owner.to_text(),
        "config": json_text(config),
        "plan": json_text(plan_of(study, of_kind or {}, programs or {})),
        "planned": study.planned,
    }


@dataclass(frozen=True)
class _Sums:
    """What the row of a study says of the trials that are stored."""

    done: int = 0
    failed: int = 0
    best_number: int | None = None
    best_value: float | None = None

    def with_trials(self, trials: Iterable[StudyTrial], metric: Metric | None) -> _Sums:
        """Return the sums when some more are stored."""
        done, failed, best = self.done, self.failed, self.best_number
        value = self.best_value
        for each in trials:
            done, failed = done + 1, failed + (each.outcome.error is not None)
            found = None if metric is None or each.state != "done" else metric.value(each.figures)
            if metric is None or found is None:
                continue
            if best is None or value is None or metric.is_before(found, each.number, value, best):
                best, value = each.number, found
        return _Sums(done, failed, best, value)


class StudyKeeper:
    """Keeps what is done of a study: `add` notes a trial, a thread writes what was noted, all of it half a second
    later at most; so it costs the study no time, and a process that is killed loses no more than that.

    A database that goes away meanwhile does not hold the study up: what could not be written is tried again.
    """

    def __init__(self, database: Database, study: Study, owner: Runner) -> None:
        assert study.study_id is not None
        self.study_id = study.study_id
        self._database, self._study, self._owner = database, study, owner
        self._metric = study.metrics[0] if study.metrics else None
        self._best_by = None if study.is_walk else self._metric
        self._sums = _Sums().with_trials(study.trials.values(), self._best_by)
        self._before_s, self._began = study.duration_s, time.monotonic()
        self._lock = threading.Lock()
        self._waiting: list[StudyTrial] = []
        self._wake, self._over = threading.Event(), threading.Event()
        self._defect: Exception | None = None
        self._thread = threading.Thread(target=self._write_on, name="perpsim-study", daemon=True)
        self._thread.start()

    def add(self, done: StudyTrial) -> None:
        """Note a trial that is done."""
        with self._lock:
            self._waiting.append(done)
        self._wake.set()

    def finish(self, status: str, error: str | None = None, patience_s: float = 0.0) -> None:
        """Write the rest, and how the study ended: "completed", "interrupted" or "error". Tries again while it fails,
        for `patience_s` seconds; then raises `DataError`.
        """
        self._over.set()
        self._wake.set()
        self._thread.join()
        try:
            self._finish(status, error, patience_s)
        finally:
            self._owner.end()

    def _finish(self, status: str, error: str | None, patience_s: float) -> None:
        if self._defect is not None:
            raise self._defect
        deadline = time.monotonic() + patience_s
        while True:
            try:
                return self._write(self._taken(), status=status, error_message=error, completed_at=_now())
            except DataError as problem:
                if time.monotonic() >= deadline:
                    text = f"study {self.study_id} is not stored as a whole: {problem}; {self._rest}"
                    raise DataError(text) from problem
                time.sleep(_WAIT_S)

    @property
    def _rest(self) -> str:
        done, number = f"{self._sums.done:,} of {counted(len(self._study), 'trial')}", self.study_id
        return f"{done} are, and --resume {number} (resume={number}) runs the others"

    def _write_on(self) -> None:
        """Write what is waiting, time and again, until the study is over."""
        while True:
            self._wake.wait()
            if self._over.wait(_WAIT_S):
                return
            self._wake.clear()
            try:
                self._write(self._taken())
            except DataError as error:
                logger.info("study %d: %s", self.study_id, error)
                self._wake.set()
            except Exception as error:  # a defect: `finish` raises it
                self._defect = error
                return

    def _taken(self) -> list[StudyTrial]:
        with self._lock:
            waiting, self._waiting = self._waiting, []
        return waiting

    def _write(self, trials: list[StudyTrial], **values: object) -> None:
        """Write trials and what the row of the study says, all at once; what cannot be written waits on."""
        sums = self._sums.with_trials(trials, self._best_by)
        duration_s = self._before_s + time.monotonic() - self._began
        try:
            rows = [row_of(self.study_id, each, self._metric) for each in trials]
            with self._database.writing() as connection:
                if rows:
                    connection.execute(insert(perp_trials), rows)
                row = {**asdict(sums), "duration_s": duration_s, "planned": self._study.planned, **values}
                connection.execute(update(perp_studies).where(perp_studies.c.id == self.study_id).values(row))
        except BaseException:
            with self._lock:
                self._waiting[:0] = trials
            raise
        self._sums = sums


@contextmanager
def kept(keeper: StudyKeeper | None, study: Study) -> Iterator[None]:
    """A context in which a study runs: how it is left says how the study ended, and that is stored with `keeper`."""
    began, before_s = time.monotonic(), study.duration_s
    try:
        yield
        study.status = "completed"
    except BaseException as error:
        study.status = "interrupted" if isinstance(error, KeyboardInterrupt) else "error"
        let_go(error)
        message = None if study.status == "interrupted" else str(error) or type(error).__name__
        study.duration_s = before_s + time.monotonic() - began
        if keeper is not None:
            _note_end(keeper, study.status, message)
        raise
    study.duration_s = before_s + time.monotonic() - began
    if keeper is not None:
        keeper.finish(study.status, patience_s=_PATIENCE_S)


def _note_end(keeper: StudyKeeper, status: str, message: str | None) -> None:
    """Store how a study ended where that can be done: what ended it is what is told."""
    try:
        keeper.finish(status, message)
    except DataError as error:
        logger.warning("study %d could not be stored as a whole: %s", keeper.study_id, error)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
