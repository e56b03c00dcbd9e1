"""Studies as they are stored: while they run, when they end, and when their process is killed."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from adapters import Database, open_database
from adapters.database import perp_studies
from adapters.studies import (
    Metric,
    Parameter,
    Study,
    StudyStore,
    count_studies,
    delete_studies,
    kept,
    list_studies,
    list_trials,
    read_study,
)
from adapters.trials import KEPT_FIGURES, Trial, TrialOutcome
from engine import ConfigurationError, DataError
from tests.conftest import ROOT

CONFIG = {"code": "class A:\n    def should_trade(self, data): pass", "symbols": ["BTC"], "exchange": "x",
          "start_time": 0, "end_time": 86_400_000, "params": {}}  # fmt: skip
NONE = np.empty(0)


def study(count: int | None = 3) -> Study:
    return Study("sweep", CONFIG, (Parameter("a", values=(1, 2, 3)),), (Metric("sharpe_ratio"),), count)


def outcome(number: int, sharpe: float | None, error: str | None = None) -> TrialOutcome:
    own = {"sharpe_ratio": sharpe, "total_trades": number, "profit_factor": float("inf")}
    figures = {**dict.fromkeys(KEPT_FIGURES), **own}
    days = np.arange(5, dtype=np.int64) * 86_400_000 + 7
    return TrialOutcome(
        number, {} if error else figures, None if error else f"{number:032}", error, 1.5,
        NONE.astype(np.int64) if error else days, NONE if error else np.linspace(1, 0.1 + number, 5),
        NONE, NONE.astype(np.int64), NONE,
    )  # fmt: skip


def add(keeper: object, to: Study, number: int, sharpe: float | None, error: str | None = None) -> None:
    keeper.add(to.add(Trial(number, {}, {"a": number + 1}), outcome(number, sharpe, error)))  # type: ignore[attr-defined]


def until_stored(database: Database, count: int) -> None:
    deadline = time.monotonic() + 30
    while list_studies(database)[0]["done"] < count:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_what_is_done_is_there_while_it_runs_and_bit_for_bit_later(any_database: Database) -> None:
    made = study()
    keeper = StudyStore(any_database).create(made, label="mine", of_kind={"seed": 7})
    with kept(keeper, made):
        add(keeper, made, 1, 0.1 + 0.2)
        until_stored(any_database, 1)
        assert list_studies(any_database)[0]["status"] == "running"
        add(keeper, made, 0, 2.5)
        add(keeper, made, 2, None, "it broke")
    (row,) = list_studies(any_database)
    assert (row["status"], row["done"], row["failed"], row["label"]) == ("completed", 3, 1, "mine")
    assert (row["best_number"], row["best_value"], row["best"]) == (0, 2.5, {"a": 1})
    restored, plan = read_study(any_database, row["id"])
    assert plan["of_kind"] == {"seed": 7}
    assert restored.parameters == made.parameters
    assert restored.metrics == made.metrics
    assert [*restored.trials] == [0, 1, 2]
    for number, each in made.trials.items():
        there = restored.trials[number]
        assert there.trial == each.trial
        assert dict(there.figures) == dict(each.figures)
        assert there.outcome.error == each.outcome.error
        np.testing.assert_array_equal(there.outcome.daily_ms, each.outcome.daily_ms)
        np.testing.assert_array_equal(there.outcome.daily_equity, each.outcome.daily_equity)
    assert restored.frame.equals(made.frame)
    assert restored.equity.equals(made.equity)
    fewest = Metric("total_trades", is_least=True)
    assert [each["number"] for each in list_trials(any_database, row["id"], fewest)] == [0, 1, 2]
    assert [each["number"] for each in list_trials(any_database, row["id"], Metric("sharpe_ratio"), 1)] == [0]


@pytest.mark.parametrize(("error", "status"), [(KeyboardInterrupt(), "interrupted"), (DataError("lost"), "error")])
def test_how_it_is_left_is_how_it_ended(any_database: Database, error: BaseException, status: str) -> None:
    made = study()
    keeper = StudyStore(any_database).create(made)

    def broken() -> None:
        with kept(keeper, made):
            add(keeper, made, 0, 1.0)
            raise error

    with pytest.raises(type(error)):
        broken()
    (row,) = list_studies(any_database)
    assert (row["status"], row["done"], made.status) == (status, 1, status)
    assert row["error"] == (None if status == "interrupted" else "lost")


def test_it_is_gone_on_with_as_it_was_begun_and_by_one_process_at_a_time(any_database: Database) -> None:
    made = study()
    keeper = StudyStore(any_database).create(made)
    add(keeper, made, 0, 1.0)
    until_stored(any_database, 1)
    with pytest.raises(DataError, match="study 1 is still being run by process"):
        StudyStore(any_database).resume(1, study())
    with pytest.raises(DataError, match="study 1 is still being run by process"):
        delete_studies(any_database, [1])
    keeper.finish("interrupted")
    again = study()
    more = StudyStore(any_database).resume(1, again)
    assert [*again.trials] == [0]
    with kept(more, again):
        add(more, again, 1, 3.0)
        add(more, again, 2, 2.0)
    (row,) = list_studies(any_database)
    assert (row["status"], row["done"], row["best_number"]) == ("completed", 3, 1)
    other = study()
    other.parameters = (Parameter("a", values=(1, 2)),)
    with pytest.raises(ConfigurationError, match=r"what a takes \(\[1, 2, 3\], now \[1, 2\]\)"):
        StudyStore(any_database).resume(1, other)
    with pytest.raises(ConfigurationError, match="seed"):
        StudyStore(any_database).resume(1, study(), of_kind={"seed": 3})
    with pytest.raises(DataError, match="is a sweep, so a search cannot go on with it"):
        StudyStore(any_database).resume(1, Study("search", CONFIG, made.parameters, made.metrics))


def test_a_process_that_is_killed_loses_a_second_at_most(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'm.db'}"
    open_database(url, create=True)
    code = f"""
import time
from adapters import open_database
from adapters.studies import StudyStore
from tests.adapters.studies.test_study_store import add, study
made = study()
keeper = StudyStore(open_database({url!r})).create(made)
add(keeper, made, 0, 1.0)
time.sleep(3)
add(keeper, made, 1, 2.0)
print("there", flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "there\n"
        running.kill()
    (row,) = list_studies(open_database(url))
    assert row["status"] == "interrupted"  # its process is gone
    assert row["done"] >= 1
    StudyStore(open_database(url)).resume(1, study()).finish("completed")


def test_no_password_is_stored(tmp_path: Path) -> None:
    path = tmp_path / "m.db"
    database = open_database(f"sqlite:///{path}", create=True)
    made = study()
    keeper = StudyStore(database).create(made)
    add(keeper, made, 0, None, "postgresql://me:topsecret@host/x is away")
    with kept(keeper, made):
        pass
    texts = [str(row) for row in sqlite3.connect(path).execute("SELECT * FROM perp_trials")]
    assert "is away" in texts[0]
    assert "topsecret" not in path.read_bytes().decode("latin-1")


def test_10_000_trials_are_listed_without_their_figures(any_database: Database) -> None:
    made = study(10_000)
    keeper = StudyStore(any_database).create(made)
    for number in range(10_000):
        add(keeper, made, number, number / 7)
    with kept(keeper, made):
        pass
    with any_database.writing() as connection:  # a list that read JSON would stumble
        connection.exec_driver_sql("UPDATE perp_trials SET figures = 'no json'")
        connection.execute(perp_studies.update().values(config="no json"))
    (row,) = list_studies(any_database)
    assert (row["done"], row["best_number"]) == (10_000, 9_999)


def test_one_that_is_announced_waits_is_taken_over_and_ends_once(any_database: Database) -> None:
    store, made = StudyStore(any_database), study()
    study_id = store.announce(made, label="waits")
    (row,) = list_studies(any_database)
    assert (row["status"], row["done"], row["label"]) == ("running", 0, "waits")
    keeper = store.take_over(study_id, made, of_kind={"seed": 7})
    with kept(keeper, made):
        add(keeper, made, 0, 1.0)
    store.note_end(study_id, "interrupted")  # it has ended already
    (row,) = list_studies(any_database)
    assert (row["status"], row["done"], row["label"]) == ("completed", 1, "waits")
    assert read_study(any_database, study_id)[1]["of_kind"] == {"seed": 7}
    store.note_end(store.announce(study()), "error", "it could not begin")
    newest = list_studies(any_database)[0]
    assert (newest["status"], newest["error"]) == ("error", "it could not begin")


def test_they_are_counted_and_listed_by_pages_and_kinds(any_database: Database) -> None:
    assert count_studies(any_database) == 0
    store = StudyStore(any_database)
    ids = [store.announce(study()) for _ in range(3)]
    assert [each["id"] for each in list_studies(any_database, 1, offset=1)] == [ids[1]]
    assert (count_studies(any_database), count_studies(any_database, "search")) == (3, 0)
    assert list_studies(any_database, kind="search") == []
