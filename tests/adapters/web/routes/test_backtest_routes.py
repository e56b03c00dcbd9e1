"""Requests about back-tests: what is stored of them, by pages, and as a chart wants it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from adapters import load_market, open_database, write_klines
from adapters.results import TriggerFilter, delete_results
from engine import BacktestConfig
from engine.contract import ExitReason
from processes import HASH_SEED_WARNING, ProgramBacktestEngine, trusted_executor
from tests.support.eventful_run import EVENTFUL
from tests.support.klines import random_klines
from tests.support.web_server import DIPS, Server, configuration

pytestmark = pytest.mark.xdist_group("api")


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
    assert set(kinds) == {"entry", "trigger", "rejected", "open", *ExitReason}
    figures = server.get(f"/api/backtests/{run_id}")["figures"]
    other = server.run()
    compared = server.get("/api/compare", ids=f"{run_id},{other}")["figures"]
    assert compared["liquidations"]["values"] == [len(figures["liquidations"]), 0]
    assert compared["risk_limit_hits"]["values"] == [len(figures["risk_limit_hits"]), 0]


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
    of_triggers = [index for kind, index in zip(marks["kind"], marks["trigger"], strict=True) if kind == "trigger"]
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
        assert found.get("/api/backtests") == {"total": 0, "stored": 0, "offset": 0, "items": [], "under_way": 0}
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
    opened = [*server.get(f"/api/backtests/{done}")["figures"]["open_positions"]]
    entered = {row["timestamp"] for row in trades} | {row["opened_at"] for row in opened if row["symbol"] == "BTC"}
    assert set(times[kinds == "entry"]) == entered
    assert marks["total"] == len(times)
    assert np.count_nonzero(kinds == "trigger") == 960
    assert sorted(times) == [*times]
    inside = server.get(f"/api/backtests/{done}/markers", start=int(times[3]), end=int(times[3]))["columns"]["time"]
    assert set(inside) == {int(times[3])}


def test_the_sampled_curve_keeps_its_ends_and_extremes(server: Server, done: int) -> None:
    whole = server.get(f"/api/backtests/{done}/equity", points=2_000)
    few = server.get(f"/api/backtests/{done}/equity", points=50)
    assert len(few["equity"]) <= 50
    for pick in (min, max):
        assert pick(few["equity"]) == pick(whole["equity"])
    assert (few["equity"][0], few["equity"][-1]) == (whole["equity"][0], whole["equity"][-1])
    assert few["total"] == whole["total"] == 10 * 1440 + 1


def test_each_trade_has_the_lines_of_its_way_and_its_bracket(server: Server, done: int) -> None:
    trades = server.get(f"/api/backtests/{done}/trades", limit=500)["items"]
    lines = server.get(f"/api/backtests/{done}/brackets", most=20_000)["columns"]
    rows = [dict(zip(lines, row, strict=True)) for row in zip(*lines.values(), strict=True)]
    rows = sorted((row for row in rows if row["trade"] is not None), key=lambda row: row["trade"])
    assert [row["trade"] for row in rows] == [index for index in range(len(trades)) for _ in range(3)]
    for trade, (way, target, stop) in zip(trades, zip(rows[::3], rows[1::3], rows[2::3], strict=True), strict=True):
        assert (way["first"], way["last"]) == (trade["entry_price"], trade["exit_price"])
        assert way["tone"] == ("good" if trade["pnl"] > 0 else "bad")
        assert {each["start"] for each in (way, target, stop)} == {trade["entry_timestamp"]}
        assert {each["end"] for each in (way, target, stop)} == {trade["exit_timestamp"]}
        assert target["first"] > trade["entry_price"] > stop["first"]  # it buys only
