"""Imports and downloads over HTTP: to their end, cancelled, failed, and through the end of a server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.data_jobs import KLINES, ended, job, sent
from tests.support.klines import START_MS
from tests.support.patience import until
from tests.support.venue_server import TestVenue, answered, running_venue
from tests.support.web_server import Server, copied

pytest.importorskip("ccxt", reason="ccxt is in perpsim[download]")
pytestmark = pytest.mark.xdist_group("jobs")

WANTED = {
    "venue_name": "binanceusdm",
    "market": "BTC/USDT:USDT",
    "exchange": "binance",
    "start_time": START_MS,
    "end_time": START_MS + 1500 * 60_000,
}


@pytest.fixture(scope="module")
def venue() -> Iterator[TestVenue]:
    with running_venue(TestVenue(2000)) as found:
        yield found


@pytest.fixture(scope="module")
def server(web_market: Path, venue: TestVenue, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    found = Server(copied(web_market, tmp_path_factory.mktemp("jobs")), "--venue-url", venue.url)
    yield found
    found.close()


def download(server: Server, **changes: object) -> int:
    answer = server.client.post("/api/data/downloads", json={**WANTED, **changes})
    assert answer.status_code == 202, answer.text
    found: int = answer.json()["id"]
    return found


def series(server: Server, exchange: str, symbol: str) -> list[int]:
    """How many rows there are of a symbol, series by series."""
    found = server.get("/api/data/series")["series"]
    return [each["rows"] for each in found if (each["exchange"], each["symbol"]) == (exchange, symbol)]


def test_a_file_is_imported_and_waits_no_more(server: Server) -> None:
    waiting = sent(server, "SOLUSDT-1m-2024-01.csv", KLINES)
    refused = server.client.post("/api/data/imports", json={"files": ["0" * 16], "exchange": "binance"})
    assert refused.status_code == 404
    answer = server.client.post("/api/data/imports", json={"files": [waiting], "exchange": "binance"})
    done = ended(server, answer.json()["id"])
    assert (done["status"], done["message"]) == ("completed", "")
    assert any("20 inserted" in line for line in done["report"])
    assert "/" not in "".join(line for line in done["report"] if "csv" in line)
    until(lambda: server.get("/api/data/files")["files"] == [])
    assert series(server, "binance", "SOL") == [20]


def test_a_file_that_cannot_be_imported_goes_on_waiting(server: Server) -> None:
    waiting = sent(server, "bad.csv", "a,b\n1,2\n")
    body = {"files": [waiting], "exchange": "binance", "symbol": "BAD"}
    failed = ended(server, server.client.post("/api/data/imports", json=body).json()["id"])
    assert failed["status"] == "failed"
    assert failed["message"].startswith("bad.csv, column open: there is no such column")
    until(lambda: server.client.delete(f"/api/data/files/{waiting}").status_code == 200)


def test_what_is_wrong_with_one_file_leaves_the_others_to_be_imported(server: Server) -> None:
    good = sent(server, "XRPUSDT-1m-2024-01.csv", KLINES)
    named = sent(server, "minutes.csv", KLINES)
    bad = sent(server, "BADUSDT-1m-2024-01.csv", KLINES.replace("100,101,", "100,x,", 1))
    nameless = sent(server, "others.csv", KLINES)
    body = {"files": [good, named, bad, nameless], "exchange": "many", "symbols": {named: "WIF"}}
    done = ended(server, server.client.post("/api/data/imports", json=body).json()["id"])
    assert done["status"] == "failed"
    assert done["message"].startswith("2 of 4 groups were not imported, the others were: ")
    assert "BAD 1m klines: BADUSDT-1m-2024-01.csv, row 1, column high" in done["message"]
    assert 'others.csv: its name does not tell the symbol: say it with "Symbol"' in done["message"]
    assert sum("20 inserted" in line for line in done["report"]) == 2
    until(lambda: {each["id"] for each in server.get("/api/data/files")["files"]} == {bad, nameless})
    assert [series(server, "many", each) for each in ("XRP", "WIF", "BAD")] == [[20], [20], []]
    for each in (bad, nameless):
        assert server.client.delete(f"/api/data/files/{each}").status_code == 200


def test_what_is_missing_is_downloaded(server: Server) -> None:
    done = ended(server, download(server))
    assert (done["status"], done["title"]) == ("completed", "1m klines of BTC/USDT:USDT from binanceusdm")
    assert "1,500 new ones" in done["report"][0]
    assert series(server, "binance", "BTC") == [1500]
    assert server.client.delete(f"/api/data/jobs/{done['id']}").status_code == 409
    wrong = server.client.post("/api/data/downloads", json={**WANTED, "end_time": START_MS})
    assert wrong.status_code == 422


def test_a_venue_that_fails_is_told_in_words(server: Server, venue: TestVenue) -> None:
    venue.faults = [answered("<html>no</html>")]
    failed = ended(server, download(server, exchange="other"))
    assert failed["status"] == "failed"
    assert "binanceusdm" in failed["message"]
    assert "http" not in failed["message"]


def test_a_download_is_cancelled_and_one_whose_server_was_killed_is_interrupted(
    server: Server, venue: TestVenue
) -> None:
    hung = threading.Event()
    venue.faults = [lambda handler: hung.wait(60) and None, lambda handler: hung.wait(60) and None]
    try:
        first = download(server, exchange="third")
        until(lambda: not len(venue.faults) > 1)
        assert job(server, first)["progress"]["what"]
        assert server.client.delete(f"/api/data/jobs/{first}").status_code == 200
        assert ended(server, first)["status"] == "cancelled"
        second = download(server, exchange="third")
        until(lambda: not venue.faults)
        server.kill()
        again = Server(server.market)
        try:
            found = job(again, second)
            assert (found["status"], found["progress"]) == ("interrupted", None)
            assert "start it again" in found["message"]
        finally:
            again.close()
    finally:
        hung.set()
