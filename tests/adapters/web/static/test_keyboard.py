"""All of the page by keys alone: from a program to its trades, over the desk, pools, programs, data and studies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.patience import PATIENCE_S
from tests.support.web_pages import exposed, show
from tests.support.web_server import DIPS, Server, copied

from tests.support.browsers import wait_until  # isort: skip - skips the tests where there is no browser

from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.xdist_group("page")

MOST_PRESSES = 150
POOL = {"metric": "price_change", "operator": "less_than", "threshold": -1, "time_window": "1h"}

#: What is wrong with the focus. An outline shows it, in the editor the cursor, in a date the part of it that has it.
UNSEEN = """() => {
    const held = document.activeElement;
    const { outlineStyle } = getComputedStyle(held);
    const isSeen = outlineStyle !== 'none' || held.matches('#main, .cm-content, [type^=date]');
    if (held !== document.body && isSeen) return [];
    return [held === document.body ? 'nothing has the focus' : `it is not seen at ${held.outerHTML.slice(0, 200)}`];
}"""


@pytest.fixture(scope="module")
def alone(web_market: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on which nobody else does anything, with one program, one pool and one run."""
    found = Server(copied(web_market, tmp_path_factory.mktemp("keys")), "--runs", "2")
    body = {"name": "Falls", "symbols": ["BTC"], "signals": [{"name": "falls", "condition": POOL}]}
    for path, what in (("/api/pools", body), ("/api/programs", {"name": "Kept", "code": DIPS})):
        assert found.client.post(path, json=what).status_code == 201
    found.run(scheduled_interval="1h", params={"threshold": 40})
    yield found
    found.close()


def reach(page: Page, wanted: Locator, *, back: bool = False) -> None:
    """Press Tab until something has the focus; on the way it is seen everywhere, but for once round the end."""
    wanted.wait_for()
    unseen: list[str] = []
    for _ in range(MOST_PRESSES):
        if exposed(page, "document.activeElement.matches('.cm-content')"):
            page.keyboard.press("Escape")  # the editor takes Tab as a letter otherwise
        page.keyboard.press("Shift+Tab" if back else "Tab")
        unseen += page.evaluate(UNSEEN)
        assert len(unseen) < 2, unseen
        if wanted.evaluate("(wanted) => wanted === document.activeElement"):
            return
    raise AssertionError(f"{wanted} cannot be reached")


def press(page: Page, wanted: Locator, key: str = "Enter", *, back: bool = False) -> None:
    """Reach something and press a key on it."""
    reach(page, wanted, back=back)
    page.keyboard.press(key)


def is_held(page: Page) -> None:
    """What was redrawn has not taken the focus away."""
    wait_until(page, "document.activeElement !== document.body && document.activeElement.isConnected")
    assert page.evaluate(UNSEEN) == []


def go_to(page: Page, name: str) -> None:
    """Open another page: the focus goes with it, behind the links that each page begins with."""
    press(page, page.get_by_role("navigation").get_by_role("link", name=name, exact=True), back=True)
    expect(page.locator("#main")).to_be_focused()
    page.get_by_role("heading", level=1, name=name).wait_for()


def test_from_a_program_to_its_trades_their_triggers_and_marks(page: Page, alone: Server) -> None:
    show(page, alone, "new")
    wait_until(page, "window.perpsim?.draft")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    press(page, page.get_by_role("button", name="Template"))
    reach(page, page.get_by_role("textbox", name="Program, Python"))
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(DIPS)
    press(page, page.get_by_role("button", name="Everything"))
    reach(page, page.locator("select[name=scheduled_interval]"))
    page.keyboard.type("30m")
    expect(page.locator("select[name=scheduled_interval]")).to_have_value("30m")
    press(page, page.locator("#run"), back=True)
    page.wait_for_url("**/#/results/2")
    expect(page.locator(".badge.completed")).to_be_visible(timeout=60_000)
    wait_until(page, "window.perpsim?.ready_ms")
    is_held(page)

    reach(page, page.get_by_role("tab", name="Summary"))
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Trades", exact=True)).to_be_focused()
    third = page.locator("table[aria-label=Trades] tbody tr").nth(2)
    press(page, third)
    detail = page.locator("#trade-detail")
    expect(detail).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(detail).to_have_attribute("aria-label", "Trade 4")
    expect(detail).to_be_focused()
    opener = detail.get_by_role("button", name=re.compile("Trigger")).first
    press(page, opener)
    expect(page.get_by_role("dialog")).to_contain_text("available_balance")
    for _ in range(12):  # it goes round in the window, and by way of the browser's own
        page.keyboard.press("Tab")
        assert exposed(page, "document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(opener).to_be_focused()

    press(page, detail.get_by_role("button", name="Show its mark"), back=True)
    chart = page.get_by_role("application", name=re.compile("Price, equity"))
    expect(chart).to_be_focused()
    tip = page.locator(".mark-tip")
    expect(tip).to_contain_text("Trade # 4")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    assert_told(page, alone)
    page.keyboard.press(".")
    page.keyboard.press("Enter")
    expect(chart).to_be_focused()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    press(page, detail.get_by_role("button", name="Close"))
    expect(page.locator("table[aria-label=Trades] tbody tr:focus")).to_have_count(1)

    press(page, page.get_by_role("link", name="Change and run again"), back=True)
    page.wait_for_url("**/#/new/2")
    expect(page.locator("#main")).to_be_focused()
    wait_until(page, "document.querySelector('.differences, [name=fee_rate]')")
    reach(page, page.locator("input[name=fee_rate]"))
    page.keyboard.press("Control+a")
    page.keyboard.type("0.1")
    press(page, page.locator("#run"), back=True)
    page.wait_for_url("**/#/results/3")
    assert alone.get("/api/backtests/3")["config"]["fee_rate"] == 0.1


def assert_told(page: Page, server: Server) -> None:
    """The line above the chart tells a kline as it is stored, and equity as it was at its close."""
    line = page.locator(".chart-legend").inner_text()
    found = re.search(r"to (?:(\d{4}-\d\d-\d\d) )?(\d\d:\d\d) UTC\s+O (\S+)\s+H (\S+)\s+L (\S+)\s+C (\S+)", line)
    assert found is not None, line
    at = exposed(page, "perpsim.chart.legend.at")
    symbol = exposed(page, "perpsim.chart.symbol")
    period = exposed(page, "perpsim.chart.axis.klines.period_ms")
    minutes: dict[str, Any] = server.get(
        "/api/klines", exchange="hyperliquid", symbol=symbol, start=at - period, end=at - 1, period="1m", points=1500
    )
    rows = [place for place, time in enumerate(minutes["time"]) if at - period <= time < at]
    told = [float(each.replace(",", "")) for each in found.groups()[2:]]
    high, low = max(minutes["high"][row] for row in rows), min(minutes["low"][row] for row in rows)
    assert told == pytest.approx([minutes["open"][rows[0]], high, low, minutes["close"][rows[-1]]], abs=0.06)
    equity = server.get("/api/backtests/2/equity", start=at, end=at)["equity"]
    assert f"equity {equity[-1]:,.2f} USD" in line


def test_the_desk(page: Page, alone: Server) -> None:
    for low in (35, 45):
        alone.run(scheduled_interval="1h", params={"threshold": low})
    show(page, alone, "pools")
    page.locator("tbody tr").first.wait_for()
    go_to(page, "Results")
    rows = page.locator("tr[data-id]")
    before = len(alone.get("/api/backtests")["items"])
    expect(rows).to_have_count(before)
    sort = page.get_by_role("button", name=re.compile("^Net PnL"))
    press(page, sort)
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Net PnL")
    expect(sort).to_be_focused()
    press(page, page.locator("summary", has_text="Filter"), back=True)
    press(page, page.get_by_role("button", name="Failed"))
    expect(rows).to_have_count(0)
    page.keyboard.press("Enter")
    expect(rows).to_have_count(before)
    star = page.get_by_label("Star of 1", exact=True)
    press(page, star)
    expect(star).to_have_attribute("aria-pressed", "true")
    expect(star).to_be_focused()
    choose = page.get_by_role("checkbox", name="Choose all of this page")
    press(page, choose, "Space", back=True)
    press(page, page.locator("#compare"), back=True)
    page.get_by_role("heading", name=f"Compare {before} results").wait_for()
    expect(page.locator("#main")).to_be_focused()
    reach(page, page.get_by_role("application", name=re.compile("Equity of all")))
    page.keyboard.press("Home")
    expect(page.locator(".told-equity")).to_contain_text("2024-01-0")
    go_to(page, "Results")
    press(page, page.get_by_role("checkbox", name="Compare 1", exact=True), "Space")
    press(page, page.locator("#delete"), back=True)
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    expect(rows).to_have_count(before - 1)
    page.keyboard.press("Enter")
    expect(page.locator("tr[data-id='1']")).to_be_focused()
    expect(rows).to_have_count(before)
    columns = page.get_by_role("button", name="Columns")
    press(page, columns, back=True)
    press(page, page.get_by_role("checkbox", name="Exchange", exact=True), "Space")
    page.keyboard.press("Escape")
    expect(columns).to_be_focused()
    expect(page.get_by_role("columnheader", name="Exchange")).to_be_visible()
    press(page, page.locator("tr[data-id='1']"))
    page.wait_for_url("**/#/results/1")
    expect(page.locator("#main")).to_be_focused()


def test_pools_programs_data_and_studies(page: Page, alone: Server) -> None:
    show(page, alone, "pools")
    enabled = page.get_by_role("checkbox", name="Pool 1 enabled")
    press(page, enabled, "Space")
    wait_until(page, "document.querySelector('[role=status]')")
    expect(enabled).not_to_be_checked()
    press(page, page.get_by_role("button", name="Edit pool 1"))
    expect(page.locator("[name=pool-name]")).to_be_focused()
    page.keyboard.type("Deeper")
    press(page, page.locator("#save-pool"))
    expect(page.locator("#pool-1")).to_contain_text("Deeper", timeout=1000 * PATIENCE_S)
    is_held(page)
    press(page, page.get_by_role("button", name="Delete pool 1"))
    expect(page.locator("#undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#pool-1")).to_be_visible()
    wait_until(page, "document.activeElement.closest('#pool-1')")

    go_to(page, "Programs")
    press(page, page.get_by_role("button", name="Rename Kept"))
    expect(page.get_by_role("textbox", name="Name")).to_be_focused()
    page.keyboard.type("Renamed")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Rename Renamed")).to_be_focused()
    press(page, page.get_by_role("button", name="Delete Renamed"))
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    row = page.locator("table[aria-label=Programs] tbody tr")
    expect(row).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Versions", exact=True)).to_be_focused()

    press(page, page.locator("#keys"), back=True)
    expect(page.get_by_role("dialog")).to_contain_text("The chart of a result")
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_focused()

    go_to(page, "Data")
    press(page, page.get_by_role("button", name="BTC on hyperliquid: series"))
    press(page, page.get_by_role("button", name="Holes of 1m klines"))
    expect(page.get_by_label("Stored data")).to_contain_text("nothing is missing")
    press(page, page.get_by_role("button", name="Chart of 1m klines"))
    expect(page.get_by_role("img", name=re.compile("1m klines of BTC"))).to_be_visible()
    is_held(page)

    go_to(page, "Studies")
    go_to(page, "Results")
    press(page, page.locator("tr[data-id='1']"))
    press(page, page.get_by_role("link", name="Study", exact=True))
    page.wait_for_url("**/#/studies/new?from=1")
    expect(page.locator("#main")).to_be_focused()
    reach(page, page.get_by_role("radio", name="Sweep"))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Search")).to_be_checked()
    is_held(page)
