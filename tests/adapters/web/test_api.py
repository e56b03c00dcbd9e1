"""The HTTP API, asked over the wire."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from adapters import load_market, open_database, write_klines
from adapters.results import TriggerFilter, delete_results, read_result
from adapters.web import ServerSettings
from adapters.web.runs import RunEvents
from adapters.web.runs.run_events import MOST_PROGRESS
from engine import BacktestConfig, ConfigurationError
from engine.config import SETTINGS
from engine.contract import ExitReason
from engine.profiles import PROFILES
from processes import HASH_SEED_WARNING, ProgramBacktestEngine, trusted_executor
from tests.support.eventful_run import EVENTFUL
from tests.support.klines import random_klines
from tests.support.patience import until
from tests.support.web_server import (
    DAYS,
    DIPS,
    ENDLESS,
    SLOW,
    START,
    Server,
    configuration,
    copied,
    make_market,
    read_events,
)

pytestmark = pytest.mark.xdist_group("api")

TOKEN = "a secret of the tests"


@pytest.fixture(scope="session")
def web_market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_market(tmp_path_factory.mktemp("web"))


@pytest.fixture(scope="module")
def server(web_market: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    found = Server(copied(web_market, tmp_path_factory.mktemp("server")), "--runs", "2")
    yield found
    found.close()


@pytest.fixture(scope="module")
def done(server: Server) -> int:
    return server.run("?all_triggers=true")


@pytest.fixture
def market(web_market: Path, tmp_path: Path) -> Path:
    return copied(web_market, tmp_path)


def test_a_run_tells_what_it_does_in_order(server: Server) -> None:
    with server.client.stream("POST", "/api/backtests?stream=1", json=configuration()) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        found = list(read_events(answer))
    kinds = [kind for _, kind, _ in found]
    assert kinds[:2] == ["calculating", "init"]
    assert kinds[-1] == "complete"
    assert set(kinds[2:-1]) <= {"progress"}
    assert [number for number, _, _ in found] == sorted({number for number, _, _ in found})
    assert found[1][2]["total_triggers"] == found[-1][2]["total_triggers"] == 960
    place = answer.headers["location"]
    assert place == f"/api/backtests/{found[0][2]['id']}"
    assert server.get(place)["status"] == "completed"


def test_the_stored_result_is_the_one_that_the_engine_gives(server: Server, done: int, web_market: Path) -> None:
    config = BacktestConfig.from_dict(configuration())
    market = load_market(open_database(web_market, read_only=True), config)
    result = ProgramBacktestEngine(market, executor_for=trusted_executor).run(config)
    found = server.get(f"/api/backtests/{done}")
    want = json.loads(json.dumps(result.to_dict(timing=False)))
    for name in ("equity_curve", "trades", "trigger_log", "config"):
        want.pop(name)
    found["figures"].pop("execution_time_ms")
    want["warnings"] = [each for each in want["warnings"] if each != HASH_SEED_WARNING]  # of this process alone
    assert found["figures"] == want
    trades = server.get(f"/api/backtests/{done}/trades", limit=500)
    assert [{k: v for k, v in row.items() if k != "index"} for row in trades["items"]] == [
        json.loads(json.dumps(trade.to_dict())) for trade in result.trades
    ]


def test_a_client_that_comes_back_gets_what_it_missed_and_nothing_twice(server: Server, done: int) -> None:
    everything = list(server.events(done))
    assert list(server.events(done, after=1)) == everything[1:]
    assert list(server.events(done, after=everything[-1][0])) == []


def test_progress_comes_at_least_twice_a_second_however_slow_the_program(server: Server) -> None:
    run_id = server.start(code=SLOW, scheduled_interval="1h")
    arrivals = []
    for _, kind, data in server.events(run_id):
        if kind == "progress":
            arrivals.append((time.monotonic(), data["current"], data["total"], data["equity"]))
        if len(arrivals) == 6:
            break
    server.client.delete(f"/api/backtests/{run_id}")
    assert arrivals[0][2:] == (240, 10_000.0)
    assert max(b[0] - a[0] for a, b in pairwise(arrivals)) < 0.5


@pytest.mark.parametrize("code", [SLOW, ENDLESS], ids=["slow", "endless"])
def test_a_run_is_cancelled_within_a_second(server: Server, code: str) -> None:
    run_id = server.start(code=code)
    for _, kind, _ in server.events(run_id):
        if kind == "progress":
            break
    began = time.monotonic()
    answer = server.client.delete(f"/api/backtests/{run_id}")
    assert time.monotonic() - began < 1.0
    assert answer.json() == {"id": run_id, "status": "cancelled"}
    last = list(server.events(run_id))[-1]
    assert last[1:] == ("error", {"id": run_id, "message": "cancelled", "cancelled": True})
    found = server.get(f"/api/backtests/{run_id}")
    assert (found["status"], found["error"]) == ("error", "cancelled")
    assert server.client.delete(f"/api/backtests/{run_id}").status_code == 409


def test_runs_wait_for_a_place_and_can_be_cancelled_there(server: Server) -> None:
    running = [server.start(code=SLOW) for _ in range(2)]
    waiting = server.start(code=SLOW)
    assert server.get(f"/api/backtests/{waiting}")["progress"] == {"stage": "queued"}
    assert server.client.delete(f"/api/backtests/{waiting}").status_code == 200
    assert server.get(f"/api/backtests/{waiting}")["error"] == "cancelled"
    for run_id in running:
        assert server.client.delete(f"/api/backtests/{run_id}").status_code == 200


def test_what_is_wrong_in_the_market_ends_the_run_with_a_sentence(server: Server) -> None:
    last = list(server.events(server.start(symbols=["DOGE"])))[-1]
    assert last[1] == "error"
    assert "holds no klines of DOGE" in last[2]["message"]


def test_a_program_that_raises_ends_the_run_with_its_line(server: Server) -> None:
    run_id = server.run(code="class A:\n    def should_trade(self, data):\n        return 1 / 0\n")
    found = server.get(f"/api/backtests/{run_id}")
    assert "line 3" in found["error"]
    errors = server.get(f"/api/backtests/{run_id}/triggers", only="errors")
    assert errors["total"] == 1


def test_history_is_paged_and_filtered(server: Server, done: int) -> None:
    named = server.run(code=DIPS.replace("Dips", "Unmistakable"), symbols=["ETH"])
    assert server.get("/api/backtests", q="unmistakable")["items"][0]["id"] == named
    assert server.get("/api/backtests", q="unmistakable")["items"][0]["program"] == "Unmistakable"
    assert server.get("/api/backtests", q="no such text")["total"] == 0
    assert {item["status"] for item in server.get("/api/backtests", status="error")["items"]} <= {"error"}
    assert all("BTC" in item["symbols"] for item in server.get("/api/backtests", symbol="BTC")["items"])
    total = server.get("/api/backtests")["total"]
    one_by_one = [server.get("/api/backtests", offset=at, limit=1)["items"][0]["id"] for at in range(total)]
    assert one_by_one == sorted(one_by_one, reverse=True)
    assert {done, named} <= set(one_by_one)


def test_triggers_come_in_pages_and_one_by_one(server: Server, done: int) -> None:
    page = server.get(f"/api/backtests/{done}/triggers", offset=10, limit=5, all_triggers=True)
    assert (page["total"], [item["index"] for item in page["items"]]) == (960, [10, 11, 12, 13, 14])
    filled = server.get(f"/api/backtests/{done}/triggers", only="fills", limit=500)["items"]
    assert all(item["size"] > 0 and item["order_status"] == "filled" for item in filled)
    one = server.get(f"/api/backtests/{done}/triggers/{filled[0]['index']}")
    assert one["decision"]["operation"] == "buy"
    assert one["logs"][0].startswith(("BTC: RSI", "ETH: RSI"))
    assert any("RSI14" in json.dumps(query) for query in one["queries"])
    assert one["saw"]["available_balance"] > 0
    assert server.client.get(f"/api/backtests/{done}/triggers/960").status_code == 404


def test_trades_are_sorted_and_filtered(server: Server, done: int) -> None:
    path = f"/api/backtests/{done}/trades"
    everything = server.get(path, limit=500)["items"]
    best = server.get(path, sort="pnl", descending=True, limit=500)["items"]
    assert [row["pnl"] for row in best] == sorted((row["pnl"] for row in everything), reverse=True)
    lost = server.get(path, exit_reason="sl", symbol="ETH", limit=500)
    assert lost["items"] == [row for row in everything if row["exit_reason"] == "sl" and row["symbol"] == "ETH"]
    assert 0 < lost["total"] < len(everything)


def test_trades_are_filtered_by_every_exit(server: Server) -> None:
    run_id = server.run(**EVENTFUL)
    path = f"/api/backtests/{run_id}/trades"
    everything = server.get(path, limit=500)["items"]
    for reason in ExitReason:
        found = server.get(path, exit_reason=reason.value, limit=500)["items"]
        assert found == [row for row in everything if row["exit_reason"] == reason] != []
    refused = server.client.get(path, params={"exit_reason": "boredom"})
    assert (refused.status_code, "'trailing'" in refused.json()["message"]) == (422, True)
    assert server.client.get(path, params={"sort": "boredom"}).status_code == 422
    kinds = server.get(f"/api/backtests/{run_id}/markers", most=20_000)["columns"]["kind"]
    assert set(kinds) == {"entry", "trigger", *ExitReason}
    figures = server.get(f"/api/backtests/{run_id}")["figures"]
    other = server.run()
    compared = server.get(f"/api/backtests/{run_id}/compare/{other}")["figures"]
    assert compared["liquidations"] == [len(figures["liquidations"]), 0]
    assert compared["risk_limit_hits"] == [len(figures["risk_limit_hits"]), 0]


def test_every_kind_of_trigger_can_be_looked_for(server: Server, done: int) -> None:
    words = server.get("/api/vocabulary")
    totals = {kind: server.get(f"/api/backtests/{done}/triggers", only=kind)["total"] for kind in TriggerFilter}
    assert list(words["trigger_filters"]) == list(totals)
    assert 0 < totals["fills"] <= totals["decisions"] <= 960
    assert totals["errors"] == totals["rejected"] == 0


SELDOM = """
class Seldom:
    def should_trade(self, data):
        hours = data.timestamp // 3_600_000 % 24
        data.get_price("BTC")
        if hours == 3:
            log("three o'clock")
        if hours == 5:
            return Decision("sell", "BTC", target_portion_of_balance=0.2, leverage=1)
        return Decision("hold", "BTC") if hours % 2 else None
"""


def test_quiet_triggers_are_told_when_all_are_asked_for(server: Server) -> None:
    path = f"/api/backtests/{server.run('?all_triggers=true', code=SELDOM, scheduled_interval='1h')}/triggers"
    some, every = (server.get(path, limit=500, **more) for more in ({}, {"all_triggers": True}))
    figures = server.get(path.removesuffix("/triggers"))["figures"]
    assert every["total"] == figures["total_triggers"]
    assert some["total"] == figures["total_triggers"] - figures["quiet_triggers"]
    hours = {each["timestamp"] // 3_600_000 % 24 for each in some["items"]}
    assert hours == {3, 5}
    assert [each for each in every["items"] if each["timestamp"] // 3_600_000 % 24 in hours] == some["items"]
    quiet = next(each for each in every["items"] if each not in some["items"])
    assert [each["query"] for each in server.get(f"{path}/{quiet['index']}")["queries"]] == ["get_price"]
    assert server.get(path, only="logs", all_triggers=True)["total"] == some["total"] / 2
    of_symbol = server.get(path, all_triggers=True, limit=500, symbol="BTC")  # scheduled ones have none
    assert ({each["symbol"] for each in of_symbol["items"]}, of_symbol["total"]) == ({""}, every["total"])


def test_without_being_asked_for_quiet_triggers_are_counted_and_have_no_row(server: Server) -> None:
    run_id = server.run(code=SELDOM, scheduled_interval="1h")
    found = server.get(f"/api/backtests/{run_id}")
    figures, path = found["figures"], f"/api/backtests/{run_id}/triggers"
    assert found["triggers_saved"] == figures["total_triggers"] - figures["quiet_triggers"] > 0
    pages = [server.get(path, limit=500, **more) for more in ({}, {"all_triggers": True})]
    assert pages[0] == pages[1]
    assert pages[0]["total"] == found["triggers_saved"]
    first = pages[0]["items"][0]["index"]
    assert first > 0
    told = server.get(f"{path}/{first}")
    assert (told["index"], [each["query"] for each in told["queries"]]) == (first, ["get_price"])
    quiet = server.client.get(f"{path}/0")
    assert (quiet.status_code, quiet.json()["message"]) == (
        404,
        f"back-test {run_id} has no trigger 0 stored: nothing came of it",
    )
    beyond = server.client.get(f"{path}/{figures['total_triggers']}").json()["message"]
    assert beyond == f"back-test {run_id} has no trigger {figures['total_triggers']}"
    marks = server.get(f"/api/backtests/{run_id}/markers", most=20_000)["columns"]
    of_triggers = [index for kind, index in zip(marks["kind"], marks["index"], strict=True) if kind == "trigger"]
    assert of_triggers == [each["index"] for each in pages[0]["items"]]


def test_an_id_that_is_given_anew_does_not_show_what_was_deleted(market: Path) -> None:
    found = Server(market)
    try:
        first = found.run(scheduled_interval="1h")
        before = found.get(f"/api/backtests/{first}")
        assert found.get(f"/api/backtests/{first}/trades", limit=500)["total"] == before["total_trades"] > 0
        found.get(f"/api/backtests/{first}/markers")
        delete_results(open_database(found.market), [first])
        for part in ("", "/trades", "/equity", "/triggers", "/markers"):
            assert found.client.get(f"/api/backtests/{first}{part}").status_code == 404
        assert found.run(code=SELDOM, scheduled_interval="1h") == first
        trades = found.get(f"/api/backtests/{first}/trades")
        assert trades["total"] == found.get(f"/api/backtests/{first}")["total_trades"] != before["total_trades"]
    finally:
        found.close()


def test_a_server_on_a_market_without_results_has_an_empty_history(tmp_path: Path) -> None:
    market = tmp_path / "market.db"
    write_klines(open_database(market, create=True), "hyperliquid", "BTC", "1m", random_klines(3_000))
    found = Server(market)
    try:
        assert found.get("/api/backtests") == {"total": 0, "offset": 0, "items": []}
        assert found.client.get("/api/backtests/1").status_code == 404
        day = {"start_time": "2024-01-01T02:00:00Z", "end_time": "2024-01-02T00:00:00Z", "symbols": ["BTC"]}
        run_id = found.run(code=SELDOM, scheduled_interval="1h", signal_pool_ids=[], **day)
        assert found.get(f"/api/backtests/{run_id}")["status"] == "completed"
    finally:
        found.close()


def test_marks_stand_at_the_times_of_the_trades(server: Server, done: int) -> None:
    trades = [row for row in server.get(f"/api/backtests/{done}/trades", limit=500)["items"] if row["symbol"] == "BTC"]
    marks = server.get(f"/api/backtests/{done}/markers", symbol="BTC", most=20_000)
    columns = marks["columns"]
    kinds = np.array(columns["kind"])
    times = np.array(columns["time"])
    assert sorted(times[kinds == "tp"]) == [row["exit_timestamp"] for row in trades if row["exit_reason"] == "tp"]
    assert set(times[kinds == "entry"]) == {row["timestamp"] for row in trades}
    assert marks["total"] == len(times)
    assert np.count_nonzero(kinds == "trigger") == 960
    inside = server.get(f"/api/backtests/{done}/markers", start=int(times[3]), end=int(times[3]))["columns"]["time"]
    assert set(inside) == {int(times[3])}


def test_the_sampled_curve_keeps_its_ends_and_extremes(server: Server, done: int) -> None:
    whole = server.get(f"/api/backtests/{done}/equity", points=2_000)
    few = server.get(f"/api/backtests/{done}/equity", points=50)
    assert len(few["equity"]) <= 50
    for pick in (min, max):
        assert pick(few["equity"]) == pick(whole["equity"])
    assert (few["equity"][0], few["equity"][-1]) == (whole["equity"][0], whole["equity"][-1])
    assert set(few["timestamp"]) <= set(whole["timestamp"])


def test_each_trade_has_the_lines_of_its_way_and_its_bracket(server: Server, done: int) -> None:
    trades = server.get(f"/api/backtests/{done}/trades", limit=500)["items"]
    lines = server.get(f"/api/backtests/{done}/brackets")
    rows = [dict(zip(lines, row, strict=True)) for row in zip(*lines.values(), strict=True)]
    assert [row["index"] for row in rows] == [index for index in range(len(trades)) for _ in range(3)]
    for trade, (way, target, stop) in zip(trades, zip(rows[::3], rows[1::3], rows[2::3], strict=True), strict=True):
        assert (way["first"], way["last"]) == (trade["entry_price"], trade["exit_price"])
        assert way["tone"] == ("good" if trade["pnl"] > 0 else "bad")
        assert {each["start"] for each in (way, target, stop)} == {trade["entry_timestamp"]}
        assert {each["end"] for each in (way, target, stop)} == {trade["exit_timestamp"]}
        assert target["first"] > trade["entry_price"] > stop["first"]  # it buys only


def test_two_results_are_compared(server: Server, done: int) -> None:
    other = server.run(params={"threshold": 35})
    found = server.get(f"/api/backtests/{done}/compare/{other}")
    assert found["config"] == {"params": [{}, {"threshold": 35}]}
    assert found["figures"]["total_trades"][0] != found["figures"]["total_trades"][1]
    assert (found["first"]["id"], found["second"]["id"]) == (done, other)
    same = server.get(f"/api/backtests/{done}/compare/{done}")
    assert (same["config"], same["figures"], same["first_trade"]) == ({}, {}, None)


def test_klines_are_put_together_as_a_slow_loop_does(server: Server, web_market: Path) -> None:
    begin, end = START + 3_600_000, START + 2 * 86_400_000
    query = {"exchange": "hyperliquid", "symbol": "BTC", "start": begin, "end": end}
    found = server.get("/api/klines", **query, points=50)
    minutes = server.get("/api/klines", **query, points=10_000)
    assert (found["period"], minutes["period"]) == ("1h", "1m")
    rows: dict[int, list[int]] = {}
    for place, at in enumerate(minutes["time"]):
        rows.setdefault(at - at % 3_600_000, []).append(place)
    assert found["time"] == list(rows)
    assert found["open"] == [minutes["open"][places[0]] for places in rows.values()]
    assert found["close"] == [minutes["close"][places[-1]] for places in rows.values()]
    assert found["high"] == [max(minutes["high"][place] for place in places) for places in rows.values()]
    assert found["low"] == [min(minutes["low"][place] for place in places) for places in rows.values()]
    assert server.get("/api/klines", **query, period="4h")["period"] == "4h"


def test_klines_of_a_run_with_faults_are_those_that_it_saw(server: Server) -> None:
    crash = {"kind": "flash_crash", "percent": 40.0, "duration": "30m", "start": "2024-01-02T06:00:00Z"}
    times = {"start_time": "2024-01-02T00:00:00Z", "end_time": "2024-01-02T12:00:00Z"}
    run_id = server.run(faults=[crash], **times)
    (told,) = server.get(f"/api/backtests/{run_id}")["faults"]
    assert (told["name"], told["starts"], told["ends"]) == ("flash_crash", [1_704_175_200_000], [1_704_177_000_000])
    window = {"exchange": "hyperliquid", "symbol": "BTC", "start": 1_704_175_200_000, "end": 1_704_177_000_000}
    calm, seen = server.get("/api/klines", **window), server.get("/api/klines", **window, backtest=run_id)
    assert min(seen["low"]) < 0.65 * min(calm["low"])
    assert seen["time"] == calm["time"]
    assert server.client.get("/api/klines", params={**window, "backtest": 9_999}).status_code == 404


def test_symbols_say_what_is_covered(server: Server) -> None:
    series = server.get("/api/symbols")["series"]
    assert [(each["symbol"], each["period"], each["count"]) for each in series] == [
        ("BTC", "1m", DAYS * 1440),
        ("ETH", "1m", DAYS * 1440),
    ]


def test_a_condition_is_previewed(server: Server) -> None:
    body = {
        "symbol": "BTC",
        "start_time": START,
        "end_time": START + DAYS * 86_400_000,
        "conditions": [{"metric": "indicator:RSI14", "operator": "<", "threshold": 35, "time_window": "1h"}],
    }
    found = server.client.post("/api/pools/preview", json=body).json()
    assert found["trigger_count"] == len(found["times"]) > 0
    assert found["per_day"] == pytest.approx(found["trigger_count"] / DAYS)
    assert all(at % 3_600_000 == 0 for at in found["times"])


def test_a_preview_leaves_out_what_has_no_data_and_says_so_as_a_run_does(server: Server) -> None:
    conditions = [
        {"metric": "indicator:RSI14", "operator": "<", "threshold": 35, "time_window": "1h"},
        {"metric": "volatility", "operator": ">", "threshold": 1},
    ]
    span = {"symbol": "BTC", "start_time": START, "end_time": START + DAYS * 86_400_000}
    alone, both = (
        server.client.post("/api/pools/preview", json={**span, "conditions": each}).json()
        for each in (conditions[:1], conditions)
    )
    assert alone["warnings"] == []
    assert both["times"] == alone["times"]
    (warning,) = both["warnings"]
    assert "signal 'volatility > 1 on 5m' is left out for BTC: volatility needs 15-second rows" in warning
    refused = server.client.post("/api/pools/preview", json={**span, "conditions": conditions, "logic": "AND"})
    assert refused.status_code == 422
    assert "signal 'volatility > 1 on 5m' has no value for BTC" in refused.text


def test_a_program_is_validated_by_line(server: Server) -> None:
    code = "import os\nclass A:\n    def should_trade(self, data):\n        return open('x')\n"
    found = server.client.post("/api/programs/validate", json={"code": code}).json()
    assert found["valid"] is False
    assert [each["line"] for each in found["problems"] if each["severity"] == "error"] == [1, 4]


IMPORTS = "import statistics, os\nclass A:\n    def should_trade(self, data):\n        return None\n"


def test_a_server_takes_the_platforms_language_unless_it_is_told_otherwise(server: Server) -> None:
    for given, lines in (({}, [1]), ({"language": "platform"}, [1]), ({"language": "python"}, [])):
        wanted = {"code": IMPORTS, **given}
        program = server.client.post("/api/programs/validate", json=wanted).json()
        checked = server.client.post("/api/configurations/validate", json=configuration(**wanted)).json()
        for found in (program, checked):
            assert [each["line"] for each in found["problems"] if each["severity"] == "error"] == lines
    assert server.client.post("/api/backtests", json=configuration(code=IMPORTS)).status_code == 422
    told = server.get(f"/api/backtests/{server.run(code=IMPORTS, language='python')}")["config"]
    assert told["language"] == "python"
    assert server.get(f"/api/backtests/{server.run()}")["config"]["language"] == "platform"
    schema = server.get("/api/openapi.json")["paths"]["/api/backtests"]["post"]["requestBody"]
    field = schema["content"]["application/json"]["schema"]["properties"]["language"]
    assert (field["default"], field["enum"]) == ("platform", ["python", "platform"])


def test_a_language_that_is_none_is_the_field_s_problem(server: Server) -> None:
    for path, values in (("programs/validate", {"code": IMPORTS}), ("backtests", configuration(code=IMPORTS))):
        answer = server.client.post(f"/api/{path}", json={**values, "language": ["rust"]})
        assert answer.status_code == 422
        assert "language" in {each["field"] for each in answer.json()["problems"]}


def test_a_configuration_comes_back_as_toml_that_the_command_line_reads(server: Server, tmp_path: Path) -> None:
    from adapters import read_config_file

    values = configuration(params={"threshold": 40, "names": ["a", 'b"\n']}, symbols=["BTC"])
    found = server.client.post("/api/configurations/validate", json=values).json()
    file = tmp_path / "config.toml"
    file.write_text(found["toml"], "utf-8")
    assert read_config_file(file).config == BacktestConfig.from_dict({**values, "language": "platform"})


def test_parameters_that_toml_cannot_say_can_be_run_but_are_not_written(server: Server) -> None:
    values = configuration(params={"threshold": None})
    found = server.client.post("/api/configurations/validate", json=values).json()
    assert (found["valid"], found["toml"]) == (True, None)
    assert [(each["field"], each["severity"]) for each in found["problems"]] == [("params", "warning")]


def test_the_page_is_told_of_every_field_and_how_it_is_shown(server: Server) -> None:
    groups = server.get("/api/vocabulary")["fields"]
    told = {field["name"]: field for group in groups for field in group["fields"]}
    assert told.keys() == SETTINGS.keys()
    assert [told["fee_rate"][name] for name in ("kind", "unit", "default", "at_most")] == ["number", "%", 0.035, 10.0]
    assert told["schedule_mode"]["choices"] == ["grid", "after_trigger"]
    assert len(told["schedule_mode"]["meanings"]) == 2


def test_the_schema_has_label_meaning_bounds_and_default_of_each_field(server: Server) -> None:
    bodies = server.get("/api/openapi.json")["paths"]["/api/backtests"]["post"]["requestBody"]["content"]
    schema = bodies["application/json"]["schema"]
    assert schema["properties"].keys() == SETTINGS.keys() - {"strategy"}
    assert schema["required"] == ["code", "symbols", "start_time", "end_time"]
    assert schema["properties"]["maker_fee_rate"] == {
        "title": "Maker fee",
        "description": "The fee of resting fills (%)",
        "anyOf": [{"type": "number", "minimum": -1.0, "maximum": 10.0}, {"type": "null"}],
    }
    assert schema["properties"]["fee_rate"]["default"] == 0.035
    assert schema["properties"]["volume_cap_percent"]["anyOf"][0]["exclusiveMinimum"] == 0.0
    assert schema["properties"]["funding_interval"]["anyOf"][0]["enum"] == ["1h", "2h", "4h", "8h"]


def test_the_profile_live_comes_by_json_and_what_is_given_wins(server: Server) -> None:
    run_id = server.run(profile="live", warm_up="hold", end_time="2024-01-06T00:00:00Z")
    config = server.get(f"/api/backtests/{run_id}")["config"]
    assert {name: config[name] for name in PROFILES["live"]} == {**PROFILES["live"], "warm_up": "hold"}
    sent = {name: value for name, value in config.items() if name != "strategy"}
    assert server.get(f"/api/backtests/{server.run(**sent)}")["config"] == config


@pytest.mark.parametrize(
    ("fields", "is_told"), [({}, True), ({"profile": "live"}, False), ({"strategy_lifetime": "trigger"}, False)]
)
def test_what_live_would_forget_is_said_where_the_run_does_not(
    server: Server, fields: dict[str, Any], is_told: bool
) -> None:
    code = "class A:\n    n = 0\n    def should_trade(self, data):\n        self.n += 1\n"
    found = server.client.post("/api/configurations/validate", json=configuration(code=code, **fields)).json()
    told = [each for each in found["problems"] if "self.n is kept" in each["message"]]
    assert [(each["line"], each["severity"]) for each in told] == [(4, "warning")] * is_told
    assert found["valid"]


def test_every_problem_of_a_configuration_is_named_at_once(server: Server) -> None:
    body = configuration(code="import os", fee_rate=99, symbol="BTC", symbols=[], end_time="yesterday")
    answer = server.client.post("/api/backtests", json=body)
    assert answer.status_code == 422
    problems = answer.json()["problems"]
    assert {each["field"] for each in problems} == {"code", "fee_rate", "symbol", "symbols", "end_time"}
    assert any(each["line"] == 1 for each in problems if each["field"] == "code")


BAD = [
    ("POST", "/api/backtests", {"content": b"{"}, 400),
    ("POST", "/api/backtests", {"content": b"\xff\xfe"}, 400),
    ("POST", "/api/backtests", {"content": b'{"fee_rate": NaN}'}, 400),
    ("POST", "/api/backtests", {"content": b"[" * 100_000}, 400),
    ("POST", "/api/backtests", {"content": b"[]"}, 422),
    ("POST", "/api/backtests", {"content": b"x" * 1_100_000}, 413),
    ("POST", "/api/backtests", {"content": b"{}", "headers": {"Content-Type": "text/plain"}}, 415),
    ("POST", "/api/backtests", {"json": {"strategy": "engine.Strategy"}}, 422),
    ("POST", "/api/backtests", {"json": configuration(code="\ud800")}, 422),
    ("POST", "/api/backtests", {"json": configuration(code="x" * 200_000)}, 422),
    ("POST", "/api/backtests", {"json": configuration(code="(" * 5_000)}, 422),
    ("POST", "/api/backtests", {"json": configuration(initial_balance=1e400)}, 400),
    ("POST", "/api/backtests", {"json": configuration(start_time=10**30)}, 422),
    ("POST", "/api/programs/validate", {"json": {"code": 5}}, 422),
    ("POST", "/api/programs/validate", {"json": {}}, 422),
    ("POST", "/api/pools/preview", {"json": {"symbol": "../../etc/passwd", "start_time": 0, "end_time": 9}}, 422),
    ("POST", "/api/pools/preview", {"json": {"pool_id": True, "symbol": "BTC", "start_time": 0, "end_time": 9}}, 422),
    ("GET", "/api/backtests/99999", {}, 404),
    ("GET", "/api/backtests/99999/events", {}, 404),
    ("GET", "/api/backtests/99999/markers", {}, 404),
    ("GET", f"/api/backtests/{10**30}", {}, 422),
    ("GET", "/api/backtests/abc", {}, 422),
    ("GET", "/api/backtests/-1", {}, 422),
    ("GET", "/api/backtests?limit=0", {}, 422),
    ("GET", "/api/backtests?limit=100000", {}, 422),
    ("GET", "/api/backtests?q=%00", {}, 422),
    ("GET", f"/api/backtests?q={'x' * 9_000}", {}, 414),
    ("GET", "/api/klines?exchange=..%2f..%2f&symbol=..%2f..%2fetc%2fpasswd&start=0&end=1", {}, 404),
    ("GET", "/api/klines?exchange=hyperliquid&symbol=BTC&start=5&end=1", {}, 422),
    ("GET", "/api/klines?exchange=hyperliquid&symbol=BTC&start=5&end=9&period=7m", {}, 422),
    ("GET", "/static/../app.py", {}, 404),
    ("GET", "/static/%2e%2e/app.py", {}, 404),
    ("GET", "/static/..%2f..%2f..%2fpyproject.toml", {}, 404),
    ("GET", "/api/nothing", {}, 404),
    ("PUT", "/api/backtests", {}, 405),
    ("DELETE", "/api/backtests/99999", {}, 404),
    ("GET", "/api/health", {"headers": {"Host": "evil.example"}}, 403),
    ("POST", "/api/backtests", {"json": {}, "headers": {"Origin": "http://evil.example"}}, 403),
    ("GET", "/api/backtests", {"headers": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}}, 403),
]


@pytest.mark.parametrize(("method", "path", "extra", "status"), BAD)
def test_bad_input_gets_a_status_and_a_sentence(
    server: Server, method: str, path: str, extra: dict[str, Any], status: int
) -> None:
    if "json" in extra:
        text = json.dumps(extra["json"]).replace("Infinity", "1e400")
        extra = {"content": text.encode(), "headers": {"Content-Type": "application/json", **extra.get("headers", {})}}
    elif "content" in extra and "headers" not in extra:
        extra = {**extra, "headers": {"Content-Type": "application/json"}}
    answer = server.client.request(method, path, **extra)
    assert answer.status_code == status or (status, answer.status_code) == (400, 422), answer.text
    body = answer.json()
    assert body["message"]
    assert "Traceback" not in answer.text
    assert "/site-packages/" not in answer.text


def test_answers_carry_what_keeps_a_browser_safe(server: Server) -> None:
    answer = server.client.get("/")
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert server.client.get("/api/health").headers["cache-control"] == "no-store"


def test_ten_clients_can_watch_one_run(server: Server) -> None:
    run_id = server.start(scheduled_interval="5m")
    found: list[list[Any]] = []

    def watch() -> None:
        client = httpx.Client(base_url=server.url, timeout=60, trust_env=False)
        with client, client.stream("GET", f"/api/backtests/{run_id}/events") as answer:
            found.append(list(read_events(answer)))

    threads = [threading.Thread(target=watch) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 10
    assert all(events[-1][1] == "complete" for events in found)


def test_a_token_is_asked_for_on_other_addresses() -> None:
    with pytest.raises(ConfigurationError, match="PERPSIM_TOKEN"):
        ServerSettings("sqlite:///x.db", "0.0.0.0")
    with pytest.raises(ConfigurationError, match="shorter"):
        ServerSettings("sqlite:///x.db", "0.0.0.0", token="short")
    ServerSettings("sqlite:///x.db", "::1")
    ServerSettings("sqlite:///x.db", "0.0.0.0", token=TOKEN)
    assert TOKEN not in repr(ServerSettings("sqlite:///x.db", token=TOKEN))


def test_only_who_knows_the_token_is_let_in(market: Path) -> None:
    server = Server(market, "--host", "0.0.0.0", token=TOKEN)
    try:
        assert server.get("/api/health")["needs_token"] is True
        with httpx.Client(base_url=server.url, trust_env=False) as stranger:
            assert stranger.get("/").status_code == 200
            for header in (
                {},
                {"Authorization": "Bearer wrong"},
                {"Authorization": TOKEN},
                {"Cookie": "perpsim_session=x"},
            ):
                assert stranger.get("/api/backtests", headers=header).status_code == 401
            assert stranger.post("/api/session", json={"token": "wrong"}).status_code == 401
            answer = stranger.post("/api/session", json={"token": TOKEN})
            assert TOKEN not in answer.headers["set-cookie"]
            assert "HttpOnly" in answer.headers["set-cookie"]
            assert stranger.get("/api/backtests").status_code == 200
    finally:
        server.close()
    assert TOKEN not in server.log.read_text()


def test_a_run_whose_server_dies_ends_and_the_next_server_says_so(market: Path) -> None:
    server = Server(market, "--runs", "1")
    running, waiting = server.start(code=SLOW), server.start(code=SLOW)
    for _, kind, _ in server.events(running):
        if kind == "progress":
            break
    server.kill()
    server.close()
    again = Server(market)
    try:
        assert again.get(f"/api/backtests/{waiting}")["status"] == "error"
        assert "lost" in again.get(f"/api/backtests/{waiting}")["error"]
        until(lambda: again.get(f"/api/backtests/{running}")["status"] == "error")
        assert again.get(f"/api/backtests/{running}")["error"] == "the server ended during the run"
    finally:
        again.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_server_that_is_told_to_end_keeps_what_its_runs_have(market: Path, number: int) -> None:
    server = Server(market, "--runs", "1")
    running = server.start(code=SLOW)
    for _, kind, _ in server.events(running):
        if kind == "progress":
            break
    server.client.close()
    server.process.send_signal(number)
    assert server.process.wait(30) == 130
    server.close()
    found = read_result(open_database(market), running)
    assert (found.status, found.error) == ("error", "cancelled")
    assert found.figures["interrupted"] is True
    assert "Traceback" not in server.log.read_text()


def test_a_database_that_goes_away_is_a_plain_refusal(market: Path) -> None:
    server = Server(market)
    try:
        away = market.with_name("away.db")
        market.rename(away)
        for path in ("/api/backtests", "/api/health", "/api/backtests/1", "/api/pools"):
            answer = server.client.get(path)
            assert answer.status_code == 503, path
            assert answer.json()["message"].startswith("the database: ")
        assert server.client.post("/api/backtests", json=configuration()).status_code == 503
        away.rename(market)
        assert server.client.get("/api/backtests").status_code == 200
    finally:
        server.close()
    assert "Traceback" not in server.log.read_text()


def test_old_progress_is_thinned_out_and_nothing_else() -> None:
    events = RunEvents(1)
    events.add("init")
    for current in range(10_000):
        events.add("progress", current=current)
    events.add("complete")
    events.add("error")
    found = events.after(0)
    assert len(found) <= MOST_PROGRESS + 2
    assert [each.kind for each in found if each.kind != "progress"] == ["init", "complete"]
    current = [each.data["current"] for each in found if each.kind == "progress"]
    assert current == sorted(current)
    assert (current[0], current[-1]) == (0, 9_999)
    assert events.after(found[5].number) == found[6:]


TIGHT = DIPS.replace("price * 1.01", "price * 1.0003").replace("price * 0.99", "price * 0.9997")
SLOWLY_TIGHT = TIGHT.replace("        for symbol", "        sum(range(20_000))\n        for symbol")


def test_a_served_run_with_ambiguous_klines_has_its_range_and_says_by_which_rule_it_runs_again(server: Server) -> None:
    fields = {"params": {"threshold": 90}, "slippage_percent": 0.0, "scheduled_interval": 60}
    run_id = server.start(code=SLOWLY_TIGHT, end_time="2024-01-06T00:00:00Z", **fields)
    events = list(server.events(run_id))
    found = server.get(f"/api/backtests/{run_id}")["figures"]
    assert events[-1][1] == "complete"
    assert found["ambiguous_klines"] > 10
    assert found["pnl_low"] == found["total_pnl"] < found["pnl_high"]
    assert (found["pnl_low_rule"], found["pnl_high_rule"]) == ("pessimistic", "optimistic")
    rules = [data.get("rule") for _, kind, data in events if kind == "progress"]
    assert [*dict.fromkeys(rules)] == [None, "optimistic", "nearest_open"]


def test_a_cancel_in_a_further_run_keeps_the_run_that_was_over(server: Server) -> None:
    slow = TIGHT.replace("        for symbol", "        sum(range(300_000))\n        for symbol")
    fields = {"params": {"threshold": 90}, "slippage_percent": 0.0, "scheduled_interval": 240}
    run_id = server.start(code=slow, end_time="2024-01-05T12:00:00Z", **fields)
    for _, kind, data in server.events(run_id):
        if kind == "progress" and "rule" in data:
            break
    assert server.client.delete(f"/api/backtests/{run_id}").status_code == 200
    assert list(server.events(run_id))[-1][1] == "complete"
    found = server.get(f"/api/backtests/{run_id}")
    assert found["status"] == "completed"
    assert found["figures"]["ambiguous_klines"] > 0
    assert found["figures"]["pnl_low"] is None
    assert "is not known: stopped" in found["figures"]["warnings"][-1]
