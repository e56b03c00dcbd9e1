"""Refusals of what is not the client's fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.web_server import Server, configuration

pytestmark = pytest.mark.xdist_group("api")


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
