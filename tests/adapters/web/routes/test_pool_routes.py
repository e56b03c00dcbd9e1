"""Requests about signal pools."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest

from adapters import synthetic_klines
from tests.oracles.indicator_oracle import rsi
from tests.support.web_server import DAYS, START, Server

pytestmark = pytest.mark.xdist_group("api")


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
    late = {**span, "end_time": START + (DAYS + 1) * 86_400_000, "conditions": conditions[:1]}
    (warning,) = server.client.post("/api/pools/preview", json=late).json()["warnings"]
    assert warning.startswith(f"BTC: 1,440 of {(DAYS + 1) * 1440:,} klines are missing; the longest hole is 24h 0m")
    refused = server.client.post("/api/pools/preview", json={**span, "conditions": conditions, "logic": "AND"})
    assert refused.status_code == 422
    assert "signal 'volatility > 1 on 5m' has no value for BTC" in refused.text


RSI = {"metric": "indicator:RSI14", "operator": "<", "threshold": 35, "time_window": "1h", "cooldown": 5}
SPAN = {"symbol": "BTC", "start_time": START, "end_time": START + DAYS * 86_400_000}


def pool(**changes: Any) -> dict[str, Any]:
    return {"name": "Dips", "symbols": ["BTC"], "signals": [{"name": "rsi", "condition": RSI}], **changes}


def test_a_pool_is_made_changed_switched_deleted_and_restored(server: Server) -> None:
    made = server.client.post("/api/pools", json=pool())
    assert made.status_code == 201
    address = f"/api/pools/{made.json()['id']}"
    answer = server.get("/api/pools")
    (stored,) = answer["pools"]
    (signal,) = answer["signals"]
    assert (stored["name"], stored["members"], signal["condition"]) == ("Dips", [signal["id"]], RSI)
    changed = {"id": signal["id"], "name": "rsi", "condition": {**RSI, "threshold": 30}}
    body = pool(name="Deep dips", signals=[changed], revision=stored["revision"])
    assert server.client.put(address, json=body).status_code == 200
    assert server.client.put(address, json=body).status_code == 409  # it has changed since then
    assert server.client.patch(address, json={"enabled": False}).status_code == 200
    (stored,) = server.get("/api/pools")["pools"]
    assert (stored["name"], stored["enabled"], stored["signals"]) == (
        "Deep dips", False, ["rsi: indicator:RSI14 < 30 on 1h"],
    )  # fmt: skip
    assert server.client.delete(address).status_code == 200
    assert server.client.delete(address).status_code == 404
    assert server.get("/api/pools")["pools"] == []
    assert server.client.post(f"{address}/restore").status_code == 200
    previewed = server.client.post("/api/pools/preview", json={**SPAN, "pool_id": stored["id"]}).json()
    assert (previewed["name"], sum(previewed["by_day"])) == ("Deep dips", previewed["trigger_count"])
    assert [each["time"] for each in previewed["firings"]] == previewed["times"]
    assert previewed["firings"][0]["told"][0].startswith("rsi: ")
    server.client.delete(address)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"logic": "XOR"}, "logic"),
        ({"colour": "red"}, "colour"),
        ({"enabled": 1}, "enabled"),
        ({"signals": []}, "signals"),
        ({"signals": [{"name": "x", "condition": {"metric": "cvd"}}]}, "signals.0"),
        ({"signals": [{"condition": RSI}] * 51}, "signals"),
        ({"symbols": ["x" * 21]}, "symbols.0"),
    ],
)
def test_a_pool_that_is_none_is_refused_at_its_field(server: Server, changes: dict[str, Any], field: str) -> None:
    answer = server.client.post("/api/pools", json=pool(**changes))
    assert answer.status_code == 422
    assert field in [each["field"] for each in answer.json()["problems"]]


def test_the_spread_the_preview_and_a_run_are_those_of_a_slow_loop(server: Server) -> None:
    """The RSI of hourly closes by hand: when it turns below 35, how often it is, and how its values lie."""
    hours = synthetic_klines("BTC", START, DAYS * 1440, seed=5).close[59::60].tolist()  # as the market has them
    values = {START + 3_600_000 * (n + 1): value for n, value in enumerate(rsi(hours, 14)) if n >= 14}
    start, end = START + 4 * 86_400_000, START + 14 * 86_400_000
    inside = {at: value for at, value in values.items() if start <= at <= end}
    fired = [at for at, value in inside.items() if value < 35 and not (at > start and values[at - 3_600_000] < 35)]
    assert len(fired) > 3

    span = {**SPAN, "start_time": start, "end_time": end}
    assert server.client.post("/api/pools/preview", json={**span, "conditions": [RSI]}).json()["times"] == fired
    spread = server.client.post("/api/pools/distribution", json={**span, "condition": RSI}).json()
    assert (spread["check_points"], spread["undefined"]) == (len(inside), 0)
    assert spread["present"]["share"] == sum(value < 35 for value in inside.values()) / len(inside)
    for level in (spread["present"], *spread["levels"]):
        below = {at: value < level["threshold"] for at, value in inside.items()}
        begins = sum(is_true and not (at > start and below[at - 3_600_000]) for at, is_true in below.items())
        assert (level["share"], level["per_day"]) == (sum(below.values()) / len(below), begins / 10)
    least, *_, most = sorted(inside.values())
    assert [value for _, value in spread["quantiles"]][:: len(spread["quantiles"]) - 1] == pytest.approx([least, most])
    edges = [-math.inf, *spread["edges"][1:-1], math.inf]
    counts = [sum(low <= value < high for value in inside.values()) for low, high in pairwise(edges)]
    assert spread["counts"] == counts

    made = server.client.post("/api/pools", json=pool()).json()["id"]
    run_id = server.run("?all_triggers=true", signal_pool_ids=[made], scheduled_interval=None)
    told = server.get(f"/api/backtests/{run_id}/signals", symbol="BTC", start=start, end=end, points=1_000)
    assert told["time"] == fired
    assert (told["total"], told["given"], set(told["pool"])) == (len(fired), len(fired), {"Dips"})
    for index, at in zip(told["index"], fired, strict=True):
        trigger = server.get(f"/api/backtests/{run_id}/triggers/{index}")
        assert (trigger["timestamp"], trigger["saw"]["trigger_symbol"]) == (at, "BTC")
    few = server.get(f"/api/backtests/{run_id}/signals", symbol="BTC", start=fired[1], end=fired[-2], points=4)
    assert (few["total"], few["given"], few["time"][0], few["time"][-1]) == (len(fired) - 2, 4, fired[1], fired[-2])
    assert server.get(f"/api/backtests/{run_id}/signals", symbol="ETH", start=start, end=end, points=9)["total"] == 0
    server.client.delete(f"/api/pools/{made}")


def test_a_distribution_tells_how_often_thresholds_fire(server: Server) -> None:
    found = server.client.post("/api/pools/distribution", json={**SPAN, "condition": RSI}).json()
    previewed = server.client.post("/api/pools/preview", json={**SPAN, "conditions": [RSI]}).json()
    assert found["present"]["per_day"] == pytest.approx(previewed["per_day"])
    assert found["bounds"] == [35]
    refused = server.client.post("/api/pools/distribution", json={**SPAN, "condition": {"metric": "nonsense"}})
    assert refused.status_code == 422
    too_long = {**SPAN, "end_time": START + 900 * 86_400_000, "condition": RSI}
    assert server.client.post("/api/pools/distribution", json=too_long).status_code == 422
