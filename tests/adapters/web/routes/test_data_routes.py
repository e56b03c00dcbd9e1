"""Requests about stored data, and about files that wait for their import."""

from __future__ import annotations

from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.data_jobs import KLINES, sent
from tests.support.web_server import DAYS, START, Server

pytestmark = pytest.mark.xdist_group("api")


def test_what_is_stored_is_listed_with_its_holes(server: Server) -> None:
    found = server.get("/api/data/series")
    first = next(each for each in found["series"] if each["symbol"] == "BTC")
    assert (first["kind"], first["period"], first["rows"], first["missing"]) == ("klines", "1m", DAYS * 1440, 0)
    assert first["first_ms"] == START
    names = {name: first[name] for name in ("kind", "exchange", "symbol", "period")}
    assert server.get("/api/data/holes", **names) == {"count": 0, "missing": 0, "holes": []}
    assert server.client.get("/api/data/holes", params={**names, "kind": "tables"}).status_code == 422


def test_a_file_waits_is_looked_at_and_thrown_away(server: Server) -> None:
    waiting = sent(server, "SOLUSDT-1m-2024-01.csv", KLINES)
    assert [each["id"] for each in server.get("/api/data/files")["files"]] == [waiting]
    looked: dict[str, Any] = server.client.post(f"/api/data/files/{waiting}/look", json={}).json()
    (group,) = looked["groups"]
    assert (group["symbol"], group["period"], group["files"][0]["rows"]) == ("SOL", "1m", 20)
    wrong = server.client.post(f"/api/data/files/{waiting}/look", json={"kind": "trades"}).json()
    assert wrong["problem"].startswith("SOLUSDT-1m-2024-01.csv, column ")
    assert server.client.post(f"/api/data/files/{waiting}/look", json={"kind": "shoes"}).status_code == 422
    assert server.client.delete(f"/api/data/files/{waiting}").status_code == 200
    assert server.client.delete(f"/api/data/files/{waiting}").status_code == 404


def test_an_upload_that_is_none_is_refused(server: Server) -> None:
    as_bytes = {"content-type": "application/octet-stream"}
    for name in ("../a.csv", "/etc/passwd", "a\\b.csv"):
        answer = server.client.post("/api/data/files", params={"name": name}, content=b"x", headers=as_bytes)
        assert answer.status_code == 422
        assert "without a path" in answer.json()["message"]
    assert server.client.post("/api/data/files", params={"name": "a.csv"}, json={}).status_code == 415
    connection = HTTPConnection(urlsplit(server.url).netloc, timeout=60)
    connection.request("POST", "/api/data/files?name=a.csv", headers={**as_bytes, "content-length": str(600 << 20)})
    assert connection.getresponse().status == 413  # before anything of it is sent
    connection.close()
    assert server.get("/api/data/files") == {"files": []}
