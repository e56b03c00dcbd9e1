"""Requests about what is stored of the market."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.web_server import DAYS, START, Server

pytestmark = pytest.mark.xdist_group("api")


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
