"""The page of a result as a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters import open_database, write_klines
from tests.support.commands import perpsim
from tests.support.databases import raw_database
from tests.support.klines import random_klines
from tests.support.platform_results import add_platform_run, add_platform_tables
from tests.support.web_pages import exposed
from tests.support.web_server import Server

from tests.support.browsers import wait_until  # isort: skip - skips the tests where there is no browser

from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.xdist_group("page")


@pytest.mark.parametrize("kind", ["done", "eventful"])
def test_a_report_shows_the_result_without_server_and_network(
    browser: Browser, server: Server, request: pytest.FixtureRequest, kind: str, tmp_path: Path
) -> None:
    from click.testing import CliRunner

    from adapters import main

    done = request.getfixturevalue(kind)
    file = tmp_path / "report.html"
    command = ["report", str(done), "--database", f"sqlite:///{server.market}", "--html", str(file)]
    written = CliRunner().invoke(main, command)
    assert written.exit_code == 0, written.output
    missing = CliRunner().invoke(main, ["report", "9999", *command[2:]])
    assert (missing.exit_code, "there is no back-test 9999" in missing.output) == (1, True)
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    page = context.new_page()
    asked: list[str] = []
    failed: list[str] = []
    page.on("request", lambda each: None if each.url.startswith(("data:", "file:")) else asked.append(each.url))
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.on("dialog", lambda each: failed.append(each.message))
    page.goto(file.as_uri())
    wait_until(page, "window.perpsim?.ready_ms")
    trades = server.get(f"/api/backtests/{done}/trades", sort="pnl", descending=True, limit=500)
    page.get_by_role("tab", name="Trades", exact=True).click()
    page.get_by_role("button", name="Net PnL", exact=True).click()
    first = page.locator("table[aria-label=Trades] tbody tr").first
    expect(first).to_contain_text(f"{trades['items'][0]['pnl']:+,.2f}")
    exits = "perpsim.chart.marks.drawn.filter(({ mark }) => mark.pnl !== null && mark.kind !== 'open')"
    drawn = exposed(page, f"{exits}.map(each => each.count)")
    assert sum(drawn) == sum(row["symbol"] == "BTC" for row in trades["items"])
    page.get_by_role("tab", name="Triggers").click()
    page.locator("table[aria-label=Triggers] tbody tr").nth(3).click()
    expect(page.locator("#trigger-detail")).to_contain_text("available_balance")
    page.keyboard.press("Escape")
    page.get_by_label("Which triggers").select_option("fills")
    fills = server.get(f"/api/backtests/{done}/triggers", only="fills")["total"]
    expect(page.locator("table[aria-label=Triggers] tbody tr")).to_have_count(min(fills, 50))
    page.get_by_role("tab", name="Venue and limits").click()
    liquidations = server.get(f"/api/backtests/{done}")["figures"]["liquidations"]
    expect(page.locator("[data-figure=liquidations] b")).to_have_text(f"{len(liquidations)}")
    context.close()
    assert asked == failed == []


def test_the_report_of_a_run_of_the_platform_shows_what_its_row_has(browser: Browser, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'platform.db'}"
    write_klines(open_database(url, create=True), "hyperliquid", "BTC", "1m", random_klines(2_000))
    with raw_database(url) as raw:
        add_platform_tables(raw, url)
        add_platform_run(raw)
    file = tmp_path / "report.html"
    assert perpsim("report", 1, "--html", file, "--database", url).exit_code == 0
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    page = context.new_page()
    failed: list[str] = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.goto(file.as_uri())
    wait_until(page, "window.perpsim?.ready_ms")
    expect(page.locator("[data-figure=final_equity]").first).to_contain_text("10,123.50")
    expect(page.locator("[data-figure=fees_paid]").first).to_contain_text("not stored")
    for tab in page.get_by_role("tab").all():
        tab.click()
    page.get_by_role("tab", name="Triggers").click()
    page.locator("table[aria-label=Triggers] tbody tr").nth(1).click()
    expect(page.locator("#trigger-detail")).to_contain_text("get_price")
    expect(page.locator("#trigger-detail")).to_contain_text("buy")
    assert failed == []
    context.close()
