"""Requests about the list of results, of a server of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters import open_database
from adapters.desk import RunState
from adapters.results import remove_hidden
from tests.support.databases import raw_database
from tests.support.patience import PATIENCE_S
from tests.support.web_server import ENDLESS, Server, copied

pytestmark = pytest.mark.xdist_group("api")

HOURLY = {"scheduled_interval": "1h"}


@pytest.fixture(scope="module")
def alone(web_market: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    found = Server(copied(web_market, tmp_path_factory.mktemp("desk")), "--runs", "1")
    yield found
    found.close()


@pytest.fixture(scope="module")
def pair(alone: Server) -> tuple[int, int]:
    return alone.run(**HOURLY, params={"threshold": 30}), alone.run(**HOURLY, params={"threshold": 40})


def listed(server: Server, **query: Any) -> list[int]:
    return [item["id"] for item in server.get("/api/backtests", **query)["items"]]


def test_what_is_noted_is_listed_and_agrees_with_the_command_line(alone: Server, pair: tuple[int, int]) -> None:
    first, second = pair
    notes = {"label": "<b>mine</b>", "note": "one\ntwo", "starred": True, "tags": ["x", "y z"]}
    answer = alone.client.patch(f"/api/backtests/{first}", json=notes)
    assert answer.json() == {"id": first, **notes}
    assert alone.get(f"/api/backtests/{first}").items() >= notes.items()
    assert listed(alone, tag="y z", starred=True, q="two") == [first]
    assert listed(alone, sort="params.threshold") == [second, first]
    assert alone.get("/api/desk")["further_columns"] == [{"value": "params.threshold", "count": 2}]
    with raw_database(f"sqlite:///{alone.market}") as raw:
        assert raw.execute("select backtest_id, label from backtest_labels") == [(first, "<b>mine</b>")]
    alone.client.patch(f"/api/backtests/{first}", json={"label": None})
    assert alone.get(f"/api/backtests/{first}").items() >= {**notes, "label": None}.items()


def test_conditions_states_and_tags_come_several_times_and_nothing_else_does(
    alone: Server, pair: tuple[int, int]
) -> None:
    first, _ = pair
    above, below = "params.threshold >= 30", "params.threshold < 40"
    assert sorted(listed(alone, where=[above])) == sorted(pair)
    assert listed(alone, where=[above, below], state=["completed", "failed"]) == [first]
    assert listed(alone, where=[below, "params.threshold > 30"]) == []
    refused = alone.client.get("/api/backtests", params={"q": ["a", "b"]})
    assert (refused.status_code, refused.json()["problems"][0]["field"]) == (422, "q")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({}, "label"),
        ({"label": " a"}, "label"),
        ({"label": "x" * 101}, "label"),
        ({"note": "a\x00"}, "note"),
        ({"note": None}, "note"),
        ({"starred": 1}, "starred"),
        ({"tags": ["a", "a"]}, "tags"),
        ({"tags": "a"}, "tags"),
        ({"name": "a"}, "name"),
    ],
)
def test_what_cannot_be_noted_is_refused(
    alone: Server, pair: tuple[int, int], changes: dict[str, Any], field: str
) -> None:
    refused = alone.client.patch(f"/api/backtests/{pair[0]}", json=changes)
    assert (refused.status_code, refused.json()["problems"][0]["field"]) == (422, field)
    assert alone.client.patch("/api/backtests/999", json={"note": ""}).status_code == 404


def test_what_is_deleted_is_gone_at_once_and_comes_back(alone: Server, pair: tuple[int, int]) -> None:
    first, second = pair
    assert alone.client.post("/api/desk/delete", json={"ids": [first, 999]}).status_code == 404
    assert alone.get(f"/api/backtests/{first}/trades")["total"]  # what is kept of it in memory is gone, too
    assert alone.client.post("/api/desk/delete", json={"ids": [first]}).json() == {"ids": [first]}
    assert (listed(alone), listed(alone, deleted=True)) == ([second], [first])
    for part in ("", "/trades", "/equity", "/triggers", "/events", "/download/json"):
        assert alone.client.get(f"/api/backtests/{first}{part}").status_code == 404, part
    assert alone.client.post("/api/desk/restore", json={"ids": [first, second]}).json() == {"ids": [first]}
    assert listed(alone) == [second, first]
    assert alone.client.post("/api/desk/restore", json={"ids": [first]}).status_code == 404
    assert alone.client.post("/api/desk/delete", json={"ids": ["1"]}).status_code == 422


def test_two_are_compared_with_the_first_trade_that_differs(alone: Server, pair: tuple[int, int]) -> None:
    found = alone.get("/api/compare", ids=",".join(map(str, pair)))
    assert found["config"] == {"params": [{"threshold": 30}, {"threshold": 40}]}
    assert [item["id"] for item in found["items"]] == list(pair)
    assert found["figures"]["total_trades"]["differs"]
    assert found["first_trade"] is not None
    assert alone.get("/api/compare", ids=f"{pair[0]},{pair[0]}")["config"] == {}
    assert alone.client.get("/api/compare", params={"ids": str(pair[0])}).status_code == 422


def test_a_run_says_where_it_stands_and_what_it_ended_by(alone: Server, pair: tuple[int, int]) -> None:
    running, waiting = alone.start(code=ENDLESS), alone.start(code=ENDLESS)
    begun = next(kind for _, kind, _ in alone.events(running) if kind == "init")
    items = {item["id"]: item for item in alone.get("/api/backtests")["items"]}
    assert (begun, items[running]["state"], items[waiting]["state"]) == ("init", RunState.RUNNING, RunState.WAITING)
    assert (items[running]["progress"]["place"], items[waiting]["progress"]["place"]) == (None, 1)
    assert 0 <= items[running]["progress"]["elapsed_ms"] < 1_000 * PATIENCE_S
    assert listed(alone, state="waiting") == [waiting]
    assert alone.client.post("/api/desk/delete", json={"ids": [pair[0], waiting]}).status_code == 409
    for run_id in (waiting, running):
        alone.client.delete(f"/api/backtests/{run_id}")
        list(alone.events(run_id))
    assert set(listed(alone, state="cancelled")) == {running, waiting}
    assert listed(alone, state="interrupted") == []


def test_what_explained_a_deleted_run_does_not_explain_the_next(alone: Server) -> None:
    first = alone.run(**HOURLY)
    assert alone.get(f"/api/backtests/{first}/trades/1/explanation")
    alone.client.post("/api/desk/delete", json={"ids": [first]})
    remove_hidden(open_database(f"sqlite:///{alone.market}"), 0)
    idle = "class Idle:\n    def should_trade(self, data):\n        return None\n"
    assert alone.run(**HOURLY, code=idle) == first
    assert alone.client.get(f"/api/backtests/{first}/trades/1/explanation").status_code == 404
    assert next(alone.events(first))[1] in ("calculating", "complete")
