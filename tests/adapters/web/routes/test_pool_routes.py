"""Requests about signal pools."""

from __future__ import annotations

import pytest

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
    refused = server.client.post("/api/pools/preview", json={**span, "conditions": conditions, "logic": "AND"})
    assert refused.status_code == 422
    assert "signal 'volatility > 1 on 5m' has no value for BTC" in refused.text
