"""Runs of a server: started, watched, waiting, cancelled, lost."""

from __future__ import annotations

import signal
import threading
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters import open_database
from adapters.results import read_result
from tests.support.patience import until
from tests.support.web_server import DIPS, ENDLESS, SLOW, Server, configuration, read_events

pytestmark = pytest.mark.xdist_group("api")


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
    standing = server.get(f"/api/backtests/{waiting}")["progress"]
    assert (standing["stage"], standing["left_ms"]) == ("queued", None)
    assert standing["place"] >= 1
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
    running, waiting = server.start(code=SLOW), server.start(code=SLOW)
    for _, kind, _ in server.events(running):
        if kind == "progress":
            break
    server.client.close()
    server.process.send_signal(number)
    assert server.process.wait(30) == 130
    server.close()
    found = read_result(open_database(market), running)
    assert (found.status, found.error) == ("error", "the server ended during the run")
    assert found.figures["interrupted"] is True
    queued = read_result(open_database(market), waiting)
    assert (queued.status, queued.error) == ("error", "the server ended during the run")
    assert "Traceback" not in server.log.read_text()


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
