"""What led to a trade, asked of a server and on its page."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from adapters import Database, open_database
from adapters.report import shown_explanation, stored_page
from adapters.web.safety.problems import Refused
from adapters.web.safety.settings import ServerSettings
from adapters.web.services.run_queue import RunQueue
from adapters.web.services.trade_explanations import TradeExplanations
from adapters.workbench import backtest, explain
from tests.support.web_server import Server, make_market

pytestmark = pytest.mark.xdist_group("api")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    found = Server(make_market(tmp_path_factory.mktemp("explained"), days=4), "--runs", "2")
    yield found
    found.close()


@pytest.fixture(scope="module")
def done(server: Server) -> int:
    run_id = server.run(start_time="2024-01-02T00:00:00Z", end_time="2024-01-03T12:00:00Z")
    assert server.get(f"/api/backtests/{run_id}/trades")["total"] > 1
    return run_id


@pytest.fixture(scope="module")
def unkept(server: Server) -> int:
    """A run of which the program is not kept."""
    other = server.run(start_time="2024-01-02T00:00:00Z", end_time="2024-01-03T00:00:00Z")
    with closing(sqlite3.connect(server.market)) as connection, connection:
        change = "UPDATE backtest_results SET config = json_remove(config, '$.code') WHERE id = ?"
        connection.execute(change, [other])
    return other


@pytest.fixture(scope="module")
def kept(server: Server, unkept: int) -> int:
    """A run that has stored its journal, and of which nothing else could be told again: its program is not kept."""
    config = server.get(f"/api/backtests/{unkept}")["config"]
    program = "class Turns:\n    def should_trade(self, data):\n        held = data.positions\n"
    program += "        return Decision('close' if held else 'buy', 'BTC', target_portion_of_balance=0.5, leverage=1)\n"
    fields = {"symbols": config["symbols"], "scheduled_interval": "4h", "exchange": config["exchange"]}
    fields |= {"start_time": "2024-01-02T00:00:00Z", "end_time": "2024-01-03T00:00:00Z"}
    backtest(server.market, program, save=server.market, record_journal=True, trust=True, progress=False, **fields)
    with closing(sqlite3.connect(server.market)) as connection, connection:
        ((run_id,),) = connection.execute("SELECT max(id) FROM backtest_results")
        change = "UPDATE backtest_results SET config = json_remove(config, '$.code') WHERE id = ?"
        connection.execute(change, [run_id])
    return int(run_id)


def database_of(server: Server) -> Database:
    return open_database(f"sqlite:///{server.market}", read_only=True)


def test_it_is_what_the_run_tells_when_it_is_run_again(server: Server, done: int) -> None:
    for number in (2, 2):
        found = server.get(f"/api/backtests/{done}/trades/{number}/explanation")
        told = explain(done, database=database_of(server), trade=number, trust=True)
        assert found == {**shown_explanation(told), "remarks": []}
    assert "had open" in str(found)


def test_a_trade_that_there_is_not_is_refused_before_anything_runs(server: Server, done: int) -> None:
    total = server.get(f"/api/backtests/{done}/trades")["total"]
    answer = server.client.get(f"/api/backtests/{done}/trades/{total + 1}/explanation")
    assert (answer.status_code, answer.json()["message"]) == (
        404,
        f"back-test {done} has no trade {total + 1}: it has {total} closed trades",
    )
    assert server.client.get("/api/backtests/9999/trades/1/explanation").status_code == 404
    assert server.client.get(f"/api/backtests/{done}/trades/0/explanation").status_code == 422


def test_why_a_run_cannot_be_run_again_is_said(server: Server, unkept: int) -> None:
    answer = server.client.get(f"/api/backtests/{unkept}/trades/1/explanation")
    assert answer.status_code == 409
    assert f"result {unkept} is of a program that is not kept" in answer.json()["message"]


def queue_of(server: Server, **limits: int) -> RunQueue:
    return RunQueue(database_of(server), ServerSettings(f"sqlite:///{server.market}", **limits))


def test_it_takes_a_place_of_the_queue_and_is_refused_where_too_many_wait(server: Server, done: int) -> None:
    async def ask() -> tuple[Any, ...]:
        explanations = TradeExplanations(queue_of(server, most_runs=1, most_waiting=0))
        # the first two ask for the same, and wait for one run
        asked = [explanations.get(done, None, number) for number in (1, 1, 2)]
        return tuple(await asyncio.gather(*asked, return_exceptions=True))

    first, same, third = asyncio.run(ask())
    assert first == same
    assert first["sections"]
    assert isinstance(third, Refused)
    assert (third.status, "try again later" in third.message) == (429, True)


def test_a_server_that_goes_down_ends_it(server: Server, done: int) -> None:
    async def ask() -> Any:
        queue = queue_of(server, most_runs=1, most_waiting=1)
        asked = [asyncio.create_task(queue.explain(done, number)) for number in (1, 2)]
        while not queue.explaining:
            await asyncio.sleep(0.01)
        await queue.close(True)
        return await asyncio.gather(*asked)

    (_, killed), (_, waiting) = asyncio.run(ask())
    assert killed["message"] == "it cannot be explained: its process was ended by SIGKILL"
    assert waiting["message"] == "the server is going down"


def test_the_page_offers_it_beside_a_trade_and_shows_it(server: Server, done: int, unkept: int) -> None:
    from tests.support.browsers import launched, wait_until

    playwright = pytest.importorskip("playwright.sync_api")
    expect = playwright.expect
    trades = server.get(f"/api/backtests/{done}/trades", limit=2)["items"]
    with launched() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        failed: list[str] = []
        page.on("pageerror", lambda error: failed.append(str(error)))
        page.on("dialog", lambda each: failed.append(each.message))
        page.goto(f"{server.url}/#/results/{done}?tab=trades")
        wait_until(page, "window.perpsim?.ready_ms")
        page.locator("table[aria-label=Trades] tbody tr").nth(0).click()
        why = page.locator("#explanation")
        page.get_by_role("button", name="Why trade 1?").click()
        expect(why.get_by_role("region", name="Entry")).to_contain_text(trades[0]["reason"], timeout=30_000)
        expect(why.get_by_role("region", name="What it came to")).to_contain_text("PnL: ")
        page.locator("table[aria-label=Trades] tbody tr").nth(1).click()
        expect(why.get_by_role("button", name="Why trade 2?")).to_be_visible()
        expect(why.get_by_role("region")).to_have_count(0)
        page.goto("about:blank")
        page.goto(f"{server.url}/#/results/{unkept}?tab=trades")
        wait_until(page, "window.perpsim?.ready_ms")
        page.locator("table[aria-label=Trades] tbody tr").nth(0).click()
        page.get_by_role("button", name="Why trade 1?").click()
        expect(why.get_by_role("alert")).to_contain_text("is of a program that is not kept")
        assert failed == []


def test_a_run_that_has_stored_its_journal_is_told_from_it_on_page_and_report(
    server: Server, kept: int, tmp_path: Path
) -> None:
    from tests.support.browsers import launched, wait_until

    playwright = pytest.importorskip("playwright.sync_api")
    expect = playwright.expect
    told = explain(kept, database=database_of(server), trade=2)
    assert "had open" in str(told)
    assert server.get(f"/api/backtests/{kept}/trades/2/explanation") == {**shown_explanation(told), "remarks": []}
    stored_page(database_of(server), kept).save(tmp_path / "kept.html")
    with launched() as browser:
        for address in (f"{server.url}/#/results/{kept}", (tmp_path / "kept.html").as_uri()):
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(address)
            wait_until(page, "window.perpsim?.ready_ms")
            page.get_by_role("tab", name="Trades", exact=True).click()
            page.locator("table[aria-label=Trades] tbody tr").nth(1).click()
            if address.startswith("http"):
                page.get_by_role("button", name="Why trade 2?").click()
            why = page.locator("#explanation")
            for section in told.sections:
                region = why.get_by_role("region", name=section.title, exact=True)
                for step in section.steps:
                    expect(region).to_contain_text(step.text, timeout=30_000)
            assert "is not told" not in page.content()
