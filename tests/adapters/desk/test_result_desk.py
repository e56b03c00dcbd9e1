"""The list of results: sorted, filtered, and never of what has gone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from adapters.database import Database, backtest_results
from adapters.desk import DeskFilter, ResultDesk, RunState, change_notes, condition
from adapters.results import CANCELLED, LOST, ResultStore, delete_results, hide_results
from engine import BacktestConfig
from tests.support.web_server import DIPS, configuration

BEGUN = datetime(2026, 1, 1)


def ended(database: Database, pnl: float | None, error: str | None = None, **fields: Any) -> int:
    """Store a run that has ended with a net PnL, begun a minute after the one before."""
    run = ResultStore(database).begin(BacktestConfig.from_dict(configuration(**fields)))
    at = BEGUN + timedelta(minutes=run.run_id)
    values = {
        "status": "completed" if error is None else "error",
        "error_message": error,
        "total_pnl": pnl,
        "created_at": at,
        "completed_at": at + timedelta(seconds=run.run_id),
    }
    with database.writing() as connection:
        of_it = backtest_results.c.id == run.run_id
        connection.execute(update(backtest_results).where(of_it).values(values))
    return run.run_id


@pytest.fixture
def four(any_database: Database) -> Database:
    ended(any_database, 5.0, params={"low": 3})
    ended(any_database, None, CANCELLED, params={"low": 12}, symbols=["BTC"])
    ended(any_database, -2.0, code=DIPS.replace("Dips", "Other"))
    ended(any_database, 1.0, LOST, params={"low": "x"})
    change_notes(any_database, 2, {"label": "Straße", "tags": ["b", "a"], "note": "seldom\nseen", "starred": True})
    change_notes(any_database, 3, {"tags": ["a"]})
    return any_database


def ids(database: Database, desk: ResultDesk | None = None, **order: Any) -> list[int]:
    given = {name: order.pop(name) for name in [*order] if name in DeskFilter.__dataclass_fields__}
    return [row["id"] for row in (desk or ResultDesk(database)).page(DeskFilter(**given), 0, 50, **order)["items"]]


def test_it_is_sorted_by_any_column_and_what_has_no_value_comes_last(four: Database) -> None:
    desk = ResultDesk(four)
    assert ids(four, desk) == [4, 3, 2, 1]
    assert ids(four, desk, sort="total_pnl") == [1, 4, 3, 2]
    assert ids(four, desk, sort="total_pnl", descending=False) == [3, 4, 1, 2]
    assert ids(four, desk, sort="params.low", descending=False) == [1, 2, 4, 3]
    assert ids(four, desk, sort="label", descending=False) == [2, 4, 3, 1]
    assert ids(four, desk, sort="took_ms") == [4, 3, 2, 1]
    page = desk.page(DeskFilter(), 1, 2, sort="total_pnl")
    assert ([row["id"] for row in page["items"]], page["total"], page["stored"]) == ([4, 3], 4, 4)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"states": (RunState.CANCELLED, RunState.INTERRUPTED)}, [4, 2]),
        ({"symbol": "ETH"}, [4, 3, 1]),
        ({"program": "oth"}, [3]),
        ({"exchange": "Hyperliquid", "starred": True}, [2]),
        ({"tags": ("a",)}, [3, 2]),
        ({"tags": ("a", "b")}, [2]),
        ({"text": "STRASSE"}, [2]),
        ({"text": "seen"}, [2]),
        ({"text": "other"}, [3]),
        ({"where": (condition("net_pnl > 0"),)}, [4, 1]),
        ({"where": (condition("total_pnl>=-2"), condition("params.low < 4"))}, [1]),
        ({"since_ms": 1_767_225_780_000}, [4, 3]),
        ({"until_ms": 1_767_225_720_000}, [2, 1]),
    ],
)
def test_it_is_narrowed_down(four: Database, wanted: dict[str, Any], found: list[int]) -> None:
    assert ids(four, **wanted) == found


@pytest.mark.parametrize("text", ["", "net_pnl", "net_pnl > x", "net_pnl > nan", "balance > 1", "params.a b > 1"])
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="compares nothing"):
        condition(text)


def test_what_it_can_be_filtered_by_is_told_with_how_many_have_it(four: Database) -> None:
    found = ResultDesk(four).choices()
    assert found["tags"] == [{"value": "a", "count": 2}, {"value": "b", "count": 1}]
    assert found["further_columns"] == [{"value": "params.low", "count": 3}]
    assert {each["value"] for each in found["programs"]} == {"Dips", "Other"}


def test_changes_show_at_once(four: Database) -> None:
    desk = ResultDesk(four)
    assert ids(four, desk, sort="total_pnl") == [1, 4, 3, 2]
    change_notes(four, 4, {"label": "new"})
    assert desk.page(DeskFilter(text="new"), 0, 9)["items"][0]["label"] == "new"
    hide_results(four, [1])
    assert ids(four, desk, sort="total_pnl") == [4, 3, 2]
    assert (ids(four, desk), ids(four, desk, hidden=True), desk.choices()["deleted"]) == ([4, 3, 2], [1], 1)


def test_an_id_that_is_given_anew_shows_the_new_run(four: Database) -> None:
    desk = ResultDesk(four)
    assert ids(four, desk, sort="total_pnl") == [1, 4, 3, 2]
    delete_results(four, [3, 4])
    with four.writing() as connection:
        rows = [{"id": 3, "total_pnl": 9.0, "status": "completed", "config": "{}", "created_at": BEGUN}]
        connection.execute(insert(backtest_results), rows)
    assert ids(four, desk, sort="total_pnl") == [3, 1, 2]
    assert desk.page(DeskFilter(), 0, 1)["items"][0]["tags"] == []


def test_who_waits_is_told_by_who_runs_it(any_database: Database) -> None:
    run = ResultStore(any_database).begin(BacktestConfig.from_dict(configuration()))
    desk = ResultDesk(any_database)
    states = [desk.page(DeskFilter(), 0, 9, waiting=waiting)["items"][0]["state"] for waiting in ((), (run.run_id,))]
    assert states == [RunState.RUNNING, RunState.WAITING]
    assert desk.page(DeskFilter(states=(RunState.WAITING,)), 0, 9, waiting=(run.run_id,))["total"] == 1
    run.fail(CANCELLED)
    assert desk.page(DeskFilter(), 0, 9, waiting=(run.run_id,))["items"][0]["state"] == RunState.CANCELLED
