"""What every request must pass; one that fails as nobody foresaw gets one sentence, the server's log tells the rest."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from adapters import create_database, open_database
from adapters.web import ServerSettings, create_app
from tests.support.web_server import Server

pytestmark = pytest.mark.xdist_group("api")

TOKEN = "a secret of the tests"

SECRET = "postgresql://somebody:sesame@host/market"


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    create_database(open_database(tmp_path / "market.db", create=True))
    return create_app(ServerSettings(f"sqlite:///{tmp_path / 'market.db'}"))


def get(app: FastAPI) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            return await client.get("/api/defect")

    return asyncio.run(ask())


@pytest.mark.parametrize("error", [ValueError(SECRET), RecursionError(SECRET), MemoryError(SECRET), OSError(5, SECRET)])
def test_a_defect_is_one_sentence_to_the_client_and_a_traceback_without_secrets_in_the_log(
    app: FastAPI, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    @app.get("/api/defect")
    def fail() -> None:
        raise error

    with caplog.at_level(logging.ERROR):
        answer = get(app)
    assert answer.status_code == 500
    assert answer.json() == {"message": "perpsim failed at this request; the server's log says how", "problems": []}
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert caplog.text.count("Traceback (most recent call last)") == 1
    assert "//somebody:***@host/market" in caplog.text
    assert "sesame" not in caplog.text


def test_an_answer_that_has_begun_breaks_off_and_tells_no_secret(
    app: FastAPI, caplog: pytest.LogCaptureFixture
) -> None:
    async def parts() -> object:
        yield b"first"
        raise ValueError(SECRET)

    @app.get("/api/defect")
    def fail() -> StreamingResponse:
        return StreamingResponse(parts())

    with pytest.raises(RuntimeError, match="an answer has broken off") as told:
        get(app)
    assert told.value.__suppress_context__
    assert "sesame" not in caplog.text
    assert "Traceback" in caplog.text


def test_answers_carry_what_keeps_a_browser_safe(server: Server) -> None:
    answer = server.client.get("/")
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert server.client.get("/api/health").headers["cache-control"] == "no-store"


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
