"""A trial of a study, run again: its whole result, and where that is stored."""

from __future__ import annotations

import warnings
from collections.abc import Callable

from sqlalchemy import delete, insert, select

from engine import BacktestResult

from ..database import Database, perp_trial_results
from ..results import add_tables
from ..trials import Job, Trial, TrialRunner

_c = perp_trial_results.c


def rerunner(job: Job) -> Callable[[Trial], BacktestResult]:
    """Return what runs a trial of a job in this process, once more."""

    def run_again(trial: Trial) -> BacktestResult:
        with TrialRunner(job) as runner:
            return runner.result(trial)

    return run_again


def require_digest(result: BacktestResult, digest: str | None, number: int) -> BacktestResult:
    """Return the result of a trial that was run again; warn where it is not what the trial came to."""
    if digest is not None and result.digest != digest:
        warnings.warn(
            f"trial {number} comes to something else now: its market, or perpsim, has changed since the study",
            stacklevel=4,
        )
    return result


def note_trial_result(database: Database, study_id: int, number: int, run_id: int) -> None:
    """Note that a stored result is that of a trial."""
    add_tables(database, [perp_trial_results])
    with database.writing() as connection:
        connection.execute(delete(perp_trial_results).where(_c.backtest_id == run_id))  # of a result that is no more
        connection.execute(insert(perp_trial_results).values(backtest_id=run_id, study_id=study_id, number=number))


def results_of_trials(database: Database, study_id: int) -> dict[int, int]:
    """Return the ids of the stored results of a study's trials by the numbers of these, of several the newest."""
    with database.reading() as connection:
        if not database.has_table(connection, perp_trial_results):
            return {}
        found = select(_c.number, _c.backtest_id).where(_c.study_id == study_id).order_by(_c.backtest_id)
        return {row.number: row.backtest_id for row in connection.execute(found)}


def trial_of_result(database: Database, run_id: int) -> tuple[int, int] | None:
    """Return of which study a stored result is a trial, and its number there; None where it is of none."""
    with database.reading() as connection:
        if not database.has_table(connection, perp_trial_results):
            return None
        row = connection.execute(select(_c.study_id, _c.number).where(_c.backtest_id == run_id)).first()
    return None if row is None else (row[0], row[1])
