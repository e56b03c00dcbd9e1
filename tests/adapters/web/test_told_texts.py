"""Every kind of failure, and nothing of the server's machine in any answer, event or stored text."""

from __future__ import annotations

import getpass
import os
import re
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters import open_database
from adapters.database import backtest_results
from tests.support.data_jobs import KLINES, ended, sent
from tests.support.patience import until
from tests.support.process_facts import children
from tests.support.web_server import ENDLESS, ROOT, START, Server, configuration, copied

pytestmark = pytest.mark.xdist_group("api")

PATHS = """import traceback, sys, statistics

class Paths:
    def should_trade(self, data):
        try:
            statistics.mean([])
        except Exception:
            log(traceback.format_exc())
        log(str(sys.path))
        log("FILE '/ho" + "me/bob/My Files/x' and postgre" + "sql://bob:ses" + "ame@inner/market")
        raise ValueError("/us" + "r/lib/python3/secret.py and " + str(sys.path))
"""


RSI = {"metric": "indicator:RSI14", "operator": "<", "threshold": 35, "time_window": "1h"}
POOL = {"name": "Dips", "symbols": ["BTC"], "signals": [{"name": "rsi", "condition": RSI}]}
SPAN = {"symbol": "BTC", "start_time": START, "end_time": START + 86_400_000}
SHORT = configuration(scheduled_interval="4h", end_time="2024-01-06T00:00:00Z")
STUDY = {"kind": "sweep", "config": SHORT, "vary": {"fee_rate": "0.1,0.2"}}
DOWNLOAD = {"venue_name": "bybit", "market": "BTC/USDT:USDT", "start_time": START, "end_time": START + 600_000}
#: What requests that change anything bring, so that they reach the database.
BODIES: dict[str, dict[str, Any]] = {
    "POST /api/backtests": SHORT,
    "PATCH /api/backtests/{run_id}": {"label": "mine"},
    "POST /api/desk/delete": {"ids": [1]},
    "POST /api/desk/restore": {"ids": [1]},
    "POST /api/studies": STUDY,
    "POST /api/studies/validate": STUDY,
    "POST /api/pools": POOL,
    "PUT /api/pools/{pool_id}": POOL,
    "PATCH /api/pools/{pool_id}": {"enabled": False},
    "POST /api/pools/preview": {**SPAN, "conditions": [RSI]},
    "POST /api/pools/distribution": {**SPAN, "condition": RSI},
    "POST /api/data/downloads": DOWNLOAD,
    "POST /api/programs/validate": {"code": "def ("},
    "POST /api/programs": {"name": "other", "code": "x = 1"},
    "POST /api/programs/{program_id}/name": {"name": "another"},
    "POST /api/programs/{program_id}/versions": {"code": "x = 2", "after": 1},
    "POST /api/configurations/validate": SHORT,
    "POST /api/configurations/read": {"text": "fee_rate = '/etc/passwd"},
}
#: What requests must say behind the question mark.
QUERY = {"exchange": "hyperliquid", "symbol": "BTC", "start": START, "end": START + 86_400_000, "ids": "1,2"}
PLACES = {"{download}": "json", "{file_id}": "0" * 16}
AS_BYTES = {"content-type": "application/octet-stream"}
QUERY |= {"x": "fee_rate", "name": "RSI14", "period": "1h", "kind": "klines", "indicator": "RSI14"}


@pytest.fixture(scope="module")
def told(web_market: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, list[str]]]:
    """A server, and every text that it has answered to what failed."""
    market = copied(web_market, tmp_path_factory.mktemp("told"))
    server = Server(market, "--runs", "2", "--venue-url", "http://127.0.0.1:9/inner")
    try:
        yield server, _failures(server)
    finally:
        server.close()


def _failures(server: Server) -> list[str]:
    texts: list[str] = []

    def note(answer: httpx.Response) -> httpx.Response:
        texts.append(f"{answer.request.method} {answer.url.path} {answer.status_code} {answer.text}")
        return answer

    client, market = server.client, server.market
    for method, path, given in (
        ("GET", "/api/backtests/99", {}),
        ("GET", "/api/backtests/99/events", {}),
        ("GET", "/api/events?ids=99", {}),
        ("GET", "/api/nothing", {}),
        ("GET", "/api/klines?exchange=x&symbol=y&start=0&end=1", {}),
        ("POST", "/api/backtests", {"content": b"{", "headers": {"Content-Type": "application/json"}}),
        ("POST", "/api/backtests", {"json": configuration(code="import os", fee_rate="/etc/passwd")}),
        ("POST", "/api/programs/validate", {"json": {"code": "def (", "language": "python"}}),
    ):
        note(client.request(method, path, **given))
    failing = server.run("?all_triggers=true", code=PATHS, language="python")
    unknown = server.run(symbols=["DOGE"])
    killed = server.start(code=ENDLESS)
    until(lambda: server.get(f"/api/backtests/{killed}")["progress"]["stage"] == "running")
    os.kill(_worker(server), signal.SIGKILL)
    for run_id in (failing, unknown, killed):
        until(lambda run_id=run_id: server.get(f"/api/backtests/{run_id}")["status"] == "error")
        for part in ("", "/events", "/triggers?all_triggers=true", "/triggers/0", "/trades", "/equity"):
            note(client.get(f"/api/backtests/{run_id}{part}"))
    note(client.get("/api/backtests"))
    _failing_studies(server, note)
    _failing_jobs(server, note)
    server.client.post("/api/programs", json={"name": "mine", "code": "x = 0"})
    spec = server.get("/api/openapi.json")
    texts += _everything(server, spec, "as it is")
    with _without_columns(market):
        texts += _everything(server, spec, "lacks columns")
    with sqlite3.connect(market) as raw:
        raw.execute("ALTER TABLE backtest_results RENAME COLUMN status TO state")
    raw.close()
    note(client.get("/api/backtests"))
    note(client.post("/api/backtests", json=configuration()))
    with sqlite3.connect(market) as raw:
        raw.execute("ALTER TABLE backtest_results RENAME COLUMN state TO status")
    raw.close()
    away = market.with_name("away.db")
    market.rename(away)
    texts += _everything(server, spec, "is away")
    market.write_text("no database at all " * 100)
    note(client.get("/api/backtests"))
    market.unlink()
    away.rename(market)
    with open_database(market).reading() as connection:
        stored = connection.execute(backtest_results.select()).mappings().all()
    texts += [f"stored: {row['error_message']}" for row in stored]
    return texts


def _failing_studies(server: Server, note: Callable[[httpx.Response], httpx.Response]) -> None:
    """Studies of a program that fails, of each kind."""
    failing = {**SHORT, "code": PATHS, "language": "python"}
    vary = {"vary": {"fee_rate": "0.1,0.2"}}
    for asked in (
        {"kind": "sweep", **vary},
        {"kind": "search", **vary, "trials": 2, "sampler": "random"},
        {"kind": "walk-forward", **vary, "train": "12h", "test": "12h"},
        {"kind": "stress", "faults": ["fees"]},
        {"kind": "certificate", "cuts": 1, "ties": 1},
        {"kind": "card"},
    ):
        place = note(server.client.post("/api/studies", json={"config": failing, **asked})).headers["location"]
        for part in ("/events", "", "/trials", "/judgement", "/walk"):
            note(server.client.get(f"{place}{part}"))


def _failing_jobs(server: Server, note: Callable[[httpx.Response], httpx.Response]) -> None:
    """Uploads that are no data, imports of them, and a download from where nobody answers."""
    for name, data in (("a.csv", "a,b"), ("b.parquet", "PAR1"), ("c.zip", "PK"), ("SOL-1m.csv", f"{KLINES}/etc,1")):
        waiting = sent(server, name, data)
        note(server.client.post(f"/api/data/files/{waiting}/look", json={}))
        started = note(server.client.post("/api/data/imports", json={"files": [waiting], "exchange": "binance"}))
        ended(server, started.json()["id"])
    started = note(server.client.post("/api/data/downloads", json=DOWNLOAD))
    if started.status_code == 202:  # else ccxt is not installed
        ended(server, started.json()["id"])
    note(server.client.get("/api/data/jobs"))


def _everything(server: Server, spec: dict[str, Any], state: str) -> Iterator[str]:
    """Send every request that there is, but for those that take something away, and yield what is told."""
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            if state == "as it is" and (method == "delete" or path == "/api/desk/delete"):
                continue
            wanted = [each["name"] for each in operation.get("parameters", ()) if each.get("required")]
            query = {name: QUERY[name] for name in wanted if f"{{{name}}}" not in path}
            place = re.sub(r"\{\w+\}", lambda found: PLACES.get(found[0], "1"), path)
            sending: dict[str, Any] = {}
            if method in ("post", "put", "patch"):
                body = {"json": BODIES.get(f"{method.upper()} {path}", {})}
                sending = {"content": b"x", "headers": AS_BYTES} if path == "/api/data/files" else body
            answer = server.client.request(method, place, params=query, **sending)
            yield f"{state}: {method.upper()} {path} {answer.status_code} {answer.text}"


@contextmanager
def _without_columns(market: Path) -> Iterator[None]:
    """A context in which a column of each table has another name."""
    renamed = []
    with closing(sqlite3.connect(market)) as raw:
        found = raw.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
        for (table,) in found.fetchall():
            column = next(each[1] for each in raw.execute(f"PRAGMA table_info({table})") if each[1] != "id")
            renamed.append((table, column))
            raw.execute(f"ALTER TABLE {table} RENAME COLUMN {column} TO other_{column}")
        raw.commit()
        yield
        for table, column in renamed:
            raw.execute(f"ALTER TABLE {table} RENAME COLUMN other_{column} TO {column}")
        raw.commit()


def _worker(server: Server) -> int:
    """The process of the only run that is under way."""
    found = [each for each in children(server.process.pid) if "run_worker" in Path(f"/proc/{each}/cmdline").read_text()]
    assert len(found) == 1
    return found[0]


def test_no_text_tells_of_the_machine(told: tuple[Server, list[str]]) -> None:
    server, texts = told
    secret = [str(server.market.parent), str(ROOT), "/home/bob", "/usr/", "/etc/", "sqlite:", "postgresql:", "sesame"]
    secret += ["site-packages", "guarded_program", ".pyenv", "perpsim-uploads", "127.0.0.1", "/inner"]
    if len(getpass.getuser()) > 5:
        secret.append(getpass.getuser())
    found = [(each, text) for text in texts for each in secret if each in text and "/etc/passwd" not in text]
    assert found == []
    assert len(texts) > 250


@pytest.mark.parametrize("state", ["lacks columns", "is away"])
def test_requests_of_every_kind_were_refused_by_the_database(told: tuple[Server, list[str]], state: str) -> None:
    matches = [re.match(rf"{state}: \w+ /api/([a-z-]+)(/[a-z-]+)?.* 503 ", text) for text in told[1]]
    kinds = {each[1] if each[1] != "data" else f"data{each[2]}" for each in matches if each}
    wanted = {"backtests", "desk", "compare", "studies", "klines", "pools", "programs", "configurations"}
    assert kinds >= wanted | {"data/holes", "data/jobs", "data/downloads"}
    assert not any(" 500 " in text.partition("{")[0] for text in told[1])


def test_they_still_say_what_is_wrong(told: tuple[Server, list[str]]) -> None:
    text = "\n".join(told[1])
    for part in ("holds no klines of DOGE", "ValueError: ", "(line 11)", "ended by SIGKILL", "lacks the column", "503"):
        assert part in text, part
    assert "ZeroDivision" in text or "StatisticsError" in text
