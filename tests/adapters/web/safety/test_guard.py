"""What every request must pass; one that fails as nobody foresaw gets one sentence, the server's log tells the rest."""

from __future__ import annotations

import asyncio
import logging
import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from adapters import create_database, open_database
from adapters.web import ServerSettings, create_app
from tests.support.patience import until
from tests.support.web_server import Server, configuration

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
        assert [server.get("/api/symbols"), server.get("/api/symbols")][0]["series"]  # the second is one that is kept
        with httpx.Client(base_url=server.url, trust_env=False) as nobody:
            assert nobody.get("/api/symbols").status_code == 401
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


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {"Origin": "http://evil.com"}, 200),
        ("GET", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 200),
        ("GET", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403),
        ("POST", {"Origin": "http://evil.com"}, 403),
        ("POST", {"Origin": "null"}, 403),
        ("POST", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 403),
        ("POST", {"Host": "LOCALHOST.:9", "Origin": "http://localhost:9"}, 422),
        ("GET", {"Host": "evil.com"}, 403),
    ],
)
def test_what_comes_from_another_site_changes_nothing(
    server: Server, method: str, headers: dict[str, str], status: int
) -> None:
    path = "/api/health" if method == "GET" else "/api/programs/validate"
    answer = server.client.request(method, path, headers=headers, json=None if method == "GET" else {})
    assert answer.status_code == status


def test_who_tries_tokens_waits_and_the_right_one_is_not_compared_meanwhile(market: Path) -> None:
    server = Server(market, token=TOKEN)
    try:
        with httpx.Client(base_url=server.url, trust_env=False) as stranger:
            tried = [stranger.post("/api/session", json={"token": f"wrong {n}"}).status_code for n in range(4)]
            assert tried == [401, 401, 401, 429]
            answer = stranger.post("/api/session", json={"token": TOKEN})
            assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
            assert stranger.get("/api/health", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 429
            assert until(lambda: stranger.post("/api/session", json={"token": TOKEN}).status_code == 200)
            assert "Secure" not in stranger.post("/api/session", json={"token": TOKEN}).headers["set-cookie"]
    finally:
        server.close()


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate that it has signed itself, and its key."""
    own, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost".split()
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl here")
    subprocess.run([*command, "-keyout", key, "-out", own], check=True, capture_output=True)
    return own, key


def test_a_server_speaks_https_under_a_prefix_and_its_cookie_is_for_that_only(
    market: Path, certificate: tuple[Path, Path]
) -> None:
    own, key = map(str, certificate)
    server = Server(market, "--tls-cert", own, "--tls-key", key, "--path-prefix", "/perpsim", token=TOKEN)
    try:
        assert server.url.startswith("https://127.0.0.1:")
        client = server.client
        assert server.url.endswith("/perpsim")
        page = client.get("/")
        assert (page.status_code, page.headers["cache-control"]) == (200, "no-cache")
        script = re.search(r'src="(static/[0-9a-f]+/page.js)"', page.text)
        assert script is not None
        file = client.get(f"/{script[1]}")
        assert "immutable" in file.headers["cache-control"]
        assert file.headers["content-encoding"] == "gzip"
        assert client.get("/static/0/page.js").status_code == 404
        cookie = client.post("/api/session", json={"token": TOKEN}).headers["set-cookie"]
        assert "Secure" in cookie
        assert "Path=/perpsim/" in cookie
        outside = server.url.removesuffix("/perpsim")
        assert httpx.get(f"{outside}/perpsim", verify=False, trust_env=False).headers["location"] == "/perpsim/"
        started = client.post("/api/backtests", json=configuration())
        assert started.headers["location"].startswith("/perpsim/api/backtests/")
    finally:
        server.close()


def test_words_that_a_browser_has_are_not_sent_again(server: Server) -> None:
    first = server.client.get("/api/vocabulary")
    again = server.client.get("/api/vocabulary", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
