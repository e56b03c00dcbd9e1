"""What requests may not bring."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.web.safety import LARGEST_BODY, LONGEST_CODE
from tests.support.web_server import Server, configuration

pytestmark = pytest.mark.xdist_group("api")

BAD = [
    ("POST", "/api/backtests", {"content": b"{"}, 400),
    ("POST", "/api/backtests", {"content": b"\xff\xfe"}, 400),
    ("POST", "/api/backtests", {"content": b'{"fee_rate": NaN}'}, 400),
    ("POST", "/api/backtests", {"content": b"[" * 100_000}, 400),
    ("POST", "/api/backtests", {"content": b"[]"}, 422),
    ("POST", "/api/backtests", {"content": b"x" * (LARGEST_BODY + 1)}, 413),
    ("POST", "/api/backtests", {"content": b"[" + b"0," * 1_000_000 + b"0]"}, 413),
    ("POST", "/api/configurations/read", {"json": {"toml": "#" * 550_001}}, 422),
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


def test_a_program_of_the_longest_length_has_room_in_a_body_whatever_its_characters_are(server: Server) -> None:
    code = "# " + "\U0001f4c8" * (LONGEST_CODE - 2)
    for text in (json.dumps({"code": code}), json.dumps({"code": code}, ensure_ascii=False)):
        body = {"content": text.encode(), "headers": {"Content-Type": "application/json"}}
        answer = server.client.post("/api/programs/validate", **body)
        assert answer.status_code == 200, answer.text[:200]
        assert answer.json()["problems"]  # it has no class
    longer = server.client.post("/api/programs/validate", json={"code": code + "#"})
    assert longer.status_code == 422
    assert longer.json()["problems"][0]["field"] == "code"
