"""The first tab of a result: its tables say what the API says, are explained by keyboard, and lead to trades."""

from __future__ import annotations

import pytest

from tests.support.web_pages import exposed, show
from tests.support.web_server import Server

from tests.support.browsers import wait_until  # isort: skip - skips the tests where there is no browser

from playwright.sync_api import Page, expect

pytestmark = pytest.mark.xdist_group("page")


def test_the_summary_is_first_and_leads_to_trades(page: Page, server: Server, eventful: int) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    show(page, server, f"results/{eventful}")
    wait_until(page, "window.perpsim?.ready_ms")
    expect(page.get_by_role("tab", selected=True)).to_have_text("Summary")
    found = server.get(f"/api/backtests/{eventful}/summary-tables")
    expect(page.locator("[data-table]")).to_have_count(len(found["tables"]))
    for table in found["tables"]:
        shown = page.locator(f"[data-table={table['name']}]")
        expect(shown.locator("tbody tr")).to_have_count(len(table["rows"]))
        expect(shown.locator("thead th")).to_have_text([each["label"] for each in table["columns"]])
    net = next(each for each in found["tables"] if each["name"] == "side")["rows"][0]["pnl"]
    expect(page.locator("[data-table=side] tbody tr").first).to_contain_text(f"{net:+,.2f}")
    expect(page.locator(".pictures circle")).to_have_count(2 * found["excursions"]["total"])
    equity = [
        each for each in server.get(f"/api/backtests/{eventful}/equity", points=400)["equity"] if each is not None
    ]
    expect(page.locator(".picture .held")).to_have_count(1)
    expect(page.locator(".picture figcaption")).to_contain_text(
        f"Equity, USD: {min(equity):,.2f} to {max(equity):,.2f};"
    )
    assert page.locator(".picture polyline.equity").bounding_box()["y"] < 844  # above the fold
    assert exposed(page, "document.documentElement.scrollWidth") <= 390
    head = page.locator("[data-table=side] th").get_by_text("Win rate")
    head.focus()
    expect(page.get_by_role("tooltip")).to_have_text("Trades won in percent of those of this part")
    page.keyboard.press("Escape")
    expect(page.get_by_role("tooltip")).to_have_count(0)
    best = next(each for each in found["tables"] if each["name"] == "best")["rows"][0]
    page.locator("[data-table=best] tbody tr").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#trade-detail h2")).to_contain_text(f"Trade {best['number']} of")
    assert f"trade={best['number']}" in page.url
    assert exposed(page, "document.documentElement.scrollWidth") <= 390
    for place, table in (("", "Trades"), ("history", "Back-tests")):
        if place:
            show(page, server, place)
        shown = page.locator(f"table[aria-label={table}]")
        won = shown.locator("th", has_text="Net PnL").first.bounding_box()
        assert won["x"] + won["width"] <= 390
        number = shown.locator("tbody tr").first.locator("td").nth(2 if place else 0)
        shown.evaluate("table => (table.closest('.scroll').scrollLeft = 400)")
        assert 0 <= number.bounding_box()["x"] <= 60  # what tells a row stays in sight
