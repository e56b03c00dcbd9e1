"""Every kind of failure, and nothing of the server's machine in any answer, event or stored text."""

from __future__ import annotations

import getpass
import os
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from adapters import open_database
from adapters.database import backtest_results
from tests.support.patience import until
from tests.support.process_facts import children
from tests.support.web_server import ENDLESS, ROOT, Server, configuration, copied

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


@pytest.fixture(scope="module")
def told(web_market: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, list[str]]]:
    """A server, and every text that it has answered to what failed."""
    market = copied(web_market, tmp_path_factory.mktemp("told"))
    server = Server(market, "--runs", "2")
    yield server, _failures(server)
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
    for path in ("/api/backtests", "/api/health", "/api/backtests/1", "/api/pools"):
        note(client.get(path))
    note(client.post("/api/backtests", json=configuration()))
    market.write_text("no database at all " * 100)
    note(client.get("/api/backtests"))
    market.unlink()
    away.rename(market)
    with open_database(market).reading() as connection:
        stored = connection.execute(backtest_results.select()).mappings().all()
    texts += [f"stored: {row['error_message']}" for row in stored]
    return texts


def _worker(server: Server) -> int:
    """The process of the only run that is under way."""
    found = [each for each in children(server.process.pid) if "run_worker" in Path(f"/proc/{each}/cmdline").read_text()]
    assert len(found) == 1
    return found[0]


def test_no_text_tells_of_the_machine(told: tuple[Server, list[str]]) -> None:
    server, texts = told
    secret = [str(server.market.parent), str(ROOT), "/home/bob", "/usr/", "/etc/", "sqlite:", "postgresql:", "sesame"]
    secret += ["site-packages", "guarded_program", ".pyenv"]
    if len(getpass.getuser()) > 5:
        secret.append(getpass.getuser())
    found = [(each, text) for text in texts for each in secret if each in text and "/etc/passwd" not in text]
    assert found == []
    assert len(texts) > 30


def test_they_still_say_what_is_wrong(told: tuple[Server, list[str]]) -> None:
    text = "\n".join(told[1])
    for part in ("holds no klines of DOGE", "ValueError: ", "(line 11)", "ended by SIGKILL", "lacks the column", "503"):
        assert part in text, part
    assert "ZeroDivision" in text or "StatisticsError" in text
