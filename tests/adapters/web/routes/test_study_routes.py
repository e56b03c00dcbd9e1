"""Requests about studies: each kind, from its start to its outcome, and what is refused."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

from adapters import load_market, open_database
from adapters.database import crypto_klines, perp_studies, perp_trials
from adapters.studies import list_studies, note_trial_result, read_study, trial_of_result
from engine import BacktestConfig
from processes import ProgramBacktestEngine, trusted_executor
from tests.support.commands import perpsim
from tests.support.patience import until
from tests.support.process_facts import children
from tests.support.web_server import DIPS, SLOW, Server, configuration, copied, read_events

pytestmark = pytest.mark.xdist_group("api")

SHORT = configuration(scheduled_interval="1h", end_time="2024-01-08T00:00:00Z", params={"threshold": 40})
Events = list[tuple[int, str, dict[str, Any]]]


@pytest.fixture(scope="module")
def server(web_market: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    found = Server(copied(web_market, tmp_path_factory.mktemp("studies")), "--runs", "1")
    yield found
    found.close()


def begin(server: Server, config: dict[str, Any] = SHORT, **asked: Any) -> int:
    answer = server.client.post("/api/studies", json={"config": config, **asked})
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/api/studies/{answer.json()['id']}"
    found: int = answer.json()["id"]
    return found


def events(server: Server, study_id: int) -> Events:
    with server.client.stream("GET", f"/api/studies/{study_id}/events") as answer:
        return list(read_events(answer))


@pytest.fixture(scope="module")
def sweep(server: Server) -> int:
    study_id = begin(server, kind="sweep", label="mine", over={"threshold": "30:50:10"}, vary={"fee_rate": "0.02,0.1"})
    found = events(server, study_id)
    assert [kind for _, kind, _ in found][:2] == ["calculating", "init"]
    assert found[-1][1] == "complete"
    last = found[-2][2]
    assert (last["done"], last["total"], last["left_s"], last["best"]["figure"]) == (6, 6, 0.0, "sharpe_ratio")
    return study_id


def test_a_sweep_is_stored_as_the_command_stores_one(server: Server, sweep: int) -> None:
    database = open_database(server.market, read_only=True)
    row = next(each for each in list_studies(database) if each["id"] == sweep)
    assert (row["kind"], row["status"], row["label"], row["done"], row["failed"]) == (
        "sweep",
        "completed",
        "mine",
        6,
        0,
    )
    study, plan = read_study(database, sweep)
    assert "strategy" not in plan["given"]
    trial = study[3]
    config = BacktestConfig.from_dict({**SHORT, "language": "platform", "params": {"threshold": 40}, "fee_rate": 0.1})
    assert trial.values == {"threshold": 40, "fee_rate": 0.1}
    result = ProgramBacktestEngine(load_market(database, config), executor_for=trusted_executor).run(config)
    assert trial.outcome.digest == result.digest


def test_a_study_is_listed_with_its_best_and_told_as_a_whole(server: Server, sweep: int) -> None:
    item = next(each for each in server.get("/api/studies", kind="sweep")["items"] if each["id"] == sweep)
    assert item["best"] == server.get(f"/api/studies/{sweep}/trials")["items"][item["best_number"]]["values"]
    assert (item["symbols"], item["progress"], item["planned"]) == (["BTC", "ETH"], None, 6)
    found = server.get(f"/api/studies/{sweep}")
    assert [(each["name"], each["is_field"]) for each in found["parameters"]] == [
        ("threshold", False),
        ("fee_rate", True),
    ]
    assert found["config"]["code"] == SHORT["code"]
    assert server.get("/api/studies", kind="card", limit=1)["items"] == []


def test_trials_are_sorted_and_filtered(server: Server, sweep: int) -> None:
    place = f"/api/studies/{sweep}/trials"
    page = server.get(place, sort="total_pnl_percent", descending=True, limit=4)
    values = [each["figures"]["total_pnl_percent"] for each in page["items"]]
    assert (page["total"], page["all"], values) == (6, 6, sorted(values, reverse=True))
    assert [each["values"]["threshold"] for each in server.get(place, sort="threshold")["items"]] == [
        30,
        30,
        40,
        40,
        50,
        50,
    ]
    assert [each["number"] for each in server.get(place, q="threshold=50")["items"]] == [4, 5]
    assert server.get(place, state="failed") == {"total": 0, "all": 6, "offset": 0, "items": []}
    assert server.client.get(place, params={"sort": "no such"}).status_code == 422


def test_a_figure_lies_over_two_parameters_or_one(server: Server, sweep: int) -> None:
    place, trials = f"/api/studies/{sweep}", server.get(f"/api/studies/{sweep}/trials")["items"]
    grid = server.get(f"{place}/grid", x="threshold", y="fee_rate", figure="total_trades")
    assert (grid["x"]["labels"], grid["y"]["labels"], grid["numbers"]) == (
        ["30", "40", "50"], ["0.02", "0.1"], [[0, 2, 4], [1, 3, 5]],
    )  # fmt: skip
    assert grid["values"] == [[trials[number]["figures"]["total_trades"] for number in row] for row in grid["numbers"]]
    line = server.get(f"{place}/grid", x="threshold")
    best = [max(trials[2 * at : 2 * at + 2], key=lambda each: each["figures"]["sharpe_ratio"]) for at in range(3)]
    assert line["numbers"] == [[each["number"] for each in best]]
    assert line["trials"] == [[2, 2, 2]]
    assert server.client.get(f"{place}/grid", params={"x": "threshold", "y": "threshold"}).status_code == 422
    assert server.client.get(f"{place}/walk").status_code == 409
    judged = server.get(f"{place}/judgement")
    assert "Deflated Sharpe ratio" in [each["label"] for each in judged["rows"]]
    assert judged["verdict"]


def test_a_trial_becomes_a_result_that_leads_back(server: Server, sweep: int) -> None:
    place = f"/api/studies/{sweep}/trials/2/result"
    run_id = server.client.post(place).json()["id"]
    assert list(server.events(run_id))[-1][1] == "complete"
    assert server.get(f"/api/backtests/{run_id}")["study"] == {"id": sweep, "number": 2, "is_same": True}
    assert server.get(f"/api/studies/{sweep}/trials")["items"][2]["result"] == {
        "id": run_id, "status": "completed", "is_same": True,
    }  # fmt: skip
    assert server.client.post(place).json()["id"] == run_id  # once is enough
    assert server.client.post(f"/api/studies/{sweep}/trials/99/result").status_code == 404
    other = server.run(**SHORT)
    assert server.get(f"/api/backtests/{other}")["study"] is None
    note_trial_result(open_database(server.market), sweep, 1, other)  # as if the market were another now
    assert server.get(f"/api/backtests/{other}")["study"]["is_same"] is False
    assert trial_of_result(open_database(server.market), other) == (sweep, 1)


def test_how_many_runs_and_about_how_long(server: Server, sweep: int) -> None:
    def told(**asked: Any) -> dict[str, Any]:
        answer = server.client.post("/api/studies/validate", json={"config": SHORT, **asked})
        found: dict[str, Any] = answer.json()
        return found

    found = told(kind="sweep", over={"threshold": "10:50:1"})
    assert (found["valid"], found["runs"], found["measured"]) == (True, 41, f"study {sweep}")
    assert found["seconds"] > 0
    walk = told(kind="walk-forward", train="1d", test="1d", over={"threshold": "30,40"})
    assert walk["runs"] == 2 * (2 + 1)
    assert walk["seconds"] < found["seconds"]
    bad = told(kind="sweep", over={"treshold": "1,2"})
    assert (bad["valid"], bad["runs"]) == (False, None)
    assert "threshold" in bad["problems"][0]["message"]


def test_a_search_and_a_walk_forward(server: Server) -> None:
    search = begin(server, kind="search", over={"threshold": "int(20,60)"}, trials=3, seed=1, sampler="random")
    scheme = {"train": "1d", "test": "1d", "metrics": ["total_pnl_percent"]}
    walk = begin(server, kind="walk-forward", over={"threshold": "30,45"}, **scheme)
    assert events(server, search)[-1][2]["done"] == 3
    assert events(server, walk)[-1][1] == "complete"
    found = server.get(f"/api/studies/{walk}/walk")
    trials = server.get(f"/api/studies/{walk}/trials")["items"]
    assert [each["is_tested"] for each in found["windows"]] == [True, True]
    for window in found["windows"]:
        own = [each for each in trials if each["notes"]["window"] == window["window"]]
        best = max(own[:2], key=lambda each: each["figures"]["total_pnl_percent"])
        assert window["in_metric"] == best["figures"]["total_pnl_percent"]
        assert window["parameters"]["threshold"] == best["values"]["threshold"]
    assert found["equity"][-1] == pytest.approx(trials[-1]["figures"]["final_equity"])
    item = next(each for each in server.get("/api/studies")["items"] if each["id"] == walk)
    assert (item["tests"], item["tests_return_percent"]) == (2, found["figures"]["tests_return_percent"])


def test_a_stress_test_has_a_trial_for_each_fault(server: Server) -> None:
    study_id = begin(server, kind="stress", faults=["outage:4h", "rejects:25"])
    assert events(server, study_id)[-1][1] == "complete"
    trials = server.get(f"/api/studies/{study_id}/trials")["items"]
    assert [each["notes"]["fault"] for each in trials] == [None, "outage:4h", "rejects:25"]
    assert "orders" in trials[2]["notes"]["effect"]
    shown = perpsim("studies", "--database", f"sqlite:///{server.market}", "show", study_id).output
    for each in trials:
        name, drawdown = each["notes"]["fault"] or "as it is", each["figures"]["max_drawdown_percent"]
        assert re.search(rf"{each['number']}  {name} .* {drawdown:.2f} %", shown), shown
    judged = perpsim("studies", "--database", f"sqlite:///{server.market}", "judge", study_id)
    assert (judged.exit_code, "none of its trials is chosen" in judged.output) == (1, True)
    run_id = server.client.post(f"/api/studies/{study_id}/trials/2/result").json()["id"]
    assert list(server.events(run_id))[-1][1] == "complete"
    assert server.get(f"/api/backtests/{run_id}")["study"]["is_same"] is True


def test_a_certificate_comes_with_its_result_and_a_card_with_its_lines(server: Server) -> None:
    config = {**SHORT, "end_time": "2024-01-05T12:00:00Z"}
    proof = begin(server, config, kind="certificate", cuts=1, ties=1)
    card = begin(server, config, kind="card")
    assert events(server, proof)[-1][1] == "complete"
    result = server.get(f"/api/studies/{proof}")["result"]
    assert len(server.get(f"/api/backtests/{result}")["certificate"]["checks"]) == 7
    assert server.get(f"/api/backtests/{result}")["study"] == {"id": proof, "number": 0, "is_same": True}
    found = events(server, card)
    assert found[-1][1] == "complete"
    assert {data["step"] for _, kind, data in found if kind == "progress"} >= {"running neighbours"}
    judged = server.get(f"/api/studies/{card}/judgement")
    assert (judged["verdict"], judged["rows"]) == ("", [])  # there is nothing to choose from
    shown = perpsim("studies", "--database", f"sqlite:///{server.market}", "show", card).output
    assert len(judged["card"]["lines"]) > 5
    for line in judged["card"]["lines"]:
        assert re.search(rf"{line['title']} .*{line['verdict']}", shown), line
    shown = perpsim("studies", "--database", f"sqlite:///{server.market}", "show", proof).output
    assert f"back-test {result}" in shown


def test_a_cancelled_study_keeps_what_is_done_and_one_that_waits_ends_too(server: Server) -> None:
    config = {**SHORT, "code": SLOW, "end_time": "2024-01-06T00:00:00Z"}
    running = begin(server, config, kind="sweep", vary={"fee_rate": "0:0.9:0.01"})
    waiting = begin(server, kind="sweep", over={"threshold": "1,2"})
    until(lambda: server.get(f"/api/studies/{running}")["done"] >= 1)
    assert server.get(f"/api/studies/{waiting}")["progress"] == {"stage": "queued"}
    for study_id in (waiting, running):
        assert server.client.delete(f"/api/studies/{study_id}").json() == {"id": study_id, "status": "interrupted"}
        until(lambda study_id=study_id: server.get(f"/api/studies/{study_id}")["status"] == "interrupted")
    assert events(server, running)[-1][2]["cancelled"] is True
    assert server.get(f"/api/studies/{running}/trials")["all"] >= 1
    assert server.client.delete(f"/api/studies/{running}").status_code == 409


def came_to(server: Server, study_id: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What a study came to, without how long it took and what else is its own."""
    study = server.get(f"/api/studies/{study_id}")
    assert (study["status"], study["can_go_on"], study["error"]) == ("completed", False, None)
    trials = server.get(f"/api/studies/{study_id}/trials")["items"]
    for each in trials:
        del each["duration_ms"], each["result"]
    return {name: study[name] for name in ("planned", "done", "failed", "best_number", "best_value", "best")}, trials


@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "sweep", "over": {"threshold": "20:60:4"}},
        {"kind": "search", "over": {"threshold": "int(20,60)"}, "trials": 12, "batch": 3, "prune": 0.3, "seed": 2},
        {"kind": "walk-forward", "over": {"threshold": "20:60:10"}, "train": "2d", "test": "1d"},
        {
            "kind": "stress",
            "faults": "wick fees rejects:25 outage:4h spread latency restart missed_ticks clock_skew".split(),
        },
    ],
    ids=lambda asked: asked["kind"],
)
def test_a_study_whose_server_is_killed_goes_on_and_comes_to_the_same(market: Path, asked: dict[str, Any]) -> None:
    config = {**SHORT, "scheduled_interval": "15m", "end_time": "2024-01-10T00:00:00Z"}
    first = Server(market, "--runs", "1")
    running, waiting = begin(first, config, **asked), begin(first, config, **asked)
    until(lambda: first.get(f"/api/studies/{running}")["done"] >= 2)
    assert first.client.post(f"/api/studies/{running}/resume").status_code == 409
    workers = children(first.process.pid)
    first.kill()
    for each in workers:
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)
    first.close()
    second = Server(market, "--runs", "1")
    try:
        for study_id in (running, waiting):
            until(lambda study_id=study_id: second.get(f"/api/studies/{study_id}")["status"] == "interrupted")
            assert second.get(f"/api/studies/{study_id}")["progress"] is None
            assert events(second, study_id)[-1][1] == "error"
        kept = {each["number"]: each["duration_ms"] for each in second.get(f"/api/studies/{running}/trials")["items"]}
        assert 2 <= len(kept) < second.get(f"/api/studies/{running}")["planned"]
        for study_id in (running, waiting):  # which was never interrupted, so the other one is held against it
            assert second.client.post(f"/api/studies/{study_id}/resume").json()["status"] == "running"
            assert second.client.post(f"/api/studies/{study_id}/resume").status_code == 409
            assert events(second, study_id)[-1][1] == "complete"
        assert came_to(second, running) == came_to(second, waiting)
        trials = second.get(f"/api/studies/{running}/trials")["items"]
        assert {number: trials[number]["duration_ms"] for number in kept} == kept  # these did not run again
        assert second.client.post(f"/api/studies/{running}/resume").status_code == 409
    finally:
        second.close()


def test_a_study_of_the_command_goes_on_from_the_page_but_not_on_another_market(market: Path, tmp_path: Path) -> None:
    file = tmp_path / "backtest.toml"
    (tmp_path / "dips.py").write_text(DIPS)
    file.write_text(
        'strategy = "dips.py"\nsymbols = ["BTC", "ETH"]\nstart_time = "2024-01-05T00:00:00Z"\n'
        'end_time = "2024-01-06T00:00:00Z"\nscheduled_interval = "1h"\n'
    )
    url = f"sqlite:///{market}"
    perpsim("sweep", str(file), "--param", "threshold=30,40,50", "--database", url, "--save", "--workers", "1")
    database = open_database(market)
    with database.writing() as connection:
        connection.execute(update(perp_studies).values(status="interrupted", done=1))
        connection.execute(delete(perp_trials).where(perp_trials.c.number > 0))
    before = [each.outcome.digest for each in read_study(database, 1)[0]]
    server = Server(market)
    try:
        assert server.client.post("/api/studies/1/resume").status_code == 202
        assert events(server, 1)[-1][1] == "complete"
        study, _ = read_study(database, 1)
        assert [each.values for each in study] == [{"threshold": each} for each in (30, 40, 50)]
        assert [study[0].outcome.digest] == before
        with database.writing() as connection:
            connection.execute(update(perp_studies).values(status="interrupted"))
            c = crypto_klines.c
            connection.execute(delete(crypto_klines).where(c.symbol == "ETH", c.timestamp == 1704450000))
        assert server.client.post("/api/studies/1/resume").status_code == 202
        assert "the klines of ETH" in events(server, 1)[-1][2]["message"]
        assert server.get("/api/studies/1")["can_go_on"] is True  # the klines may come back
    finally:
        server.close()


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({}, "kind: give one of"),
        ({"kind": "sweep"}, "nothing varies"),
        ({"kind": "sweep", "over": {"threshold": "1:100000:1"}}, "more than the 10,000"),
        ({"kind": "sweep", "over": {"threshold": "1,2"}, "cuts": 3}, "cuts: is no field of a sweep"),
        ({"kind": "sweep", "over": {"threshold": "1,2"}, "nonsense": 3}, "nonsense: there is no such field"),
        ({"kind": "sweep", "over": {"threshold": 3}}, "over: "),
        ({"kind": "sweep", "vary": {"strategy": "a.py,b.py"}}, "vary: programs vary as files"),
        ({"kind": "search", "over": {"threshold": "int(1,9)"}, "constraints": ["nonsense"]}, "constraints: "),
        ({"kind": "walk-forward", "over": {"threshold": "1,2"}, "train": "1d", "test": "9d"}, "test: "),
        ({"kind": "walk-forward", "over": {"threshold": "1,2"}, "train": "1d"}, "test: is required"),
        ({"kind": "stress", "faults": ["earthquake"]}, "earthquake"),
        ({"kind": "certificate", "cuts": 0}, "cuts: "),
        ({"kind": "card", "study": 2_000_000_000}, "study: there is no study"),
    ],
)
def test_what_cannot_be_run_is_refused_with_its_field(server: Server, asked: dict[str, Any], problem: str) -> None:
    answer = server.client.post("/api/studies", json={"config": SHORT, **asked})
    assert answer.status_code == 422, answer.text
    told = [f"{each['field']}: {each['message']}" for each in answer.json()["problems"]]
    assert any(problem in each for each in told), told


def test_a_wrong_configuration_is_told_with_its_fields(server: Server) -> None:
    answer = server.client.post("/api/studies", json={"kind": "sweep", "config": {**SHORT, "symbols": []}})
    assert [each["field"] for each in answer.json()["problems"]] == ["symbols"]
    assert server.client.post("/api/studies", json={"kind": "sweep"}).json()["problems"][0]["field"] == "config"
    assert server.client.get("/api/studies/999").status_code == 404
