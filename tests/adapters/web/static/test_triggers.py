"""The trigger log of a page: looked for by kind, type, symbol and text, jumped to, and read one after another."""

from __future__ import annotations

import pytest

from tests.support.web_pages import show
from tests.support.web_server import Server

from tests.support.browsers import wait_until  # isort: skip - skips the tests where there is no browser

from playwright.sync_api import Page, expect

pytestmark = pytest.mark.xdist_group("page")


def test_triggers_are_looked_for_jumped_to_and_read_one_after_another(
    page: Page, server: Server, eventful: int
) -> None:
    address = f"/api/backtests/{eventful}/triggers"
    whole = server.get(address, limit=500, all_triggers=True)
    items = whole["items"]
    trades = server.get(f"/api/backtests/{eventful}/trades", limit=500)["items"]
    closed = [trade["pnl"] for trade in trades if trade["exit_reason"] == "decision"]
    assert len(closed) > 0
    assert sum(each["won"] or 0.0 for each in items) == pytest.approx(sum(closed))  # as Trades has it
    assert [each["won"] is None for each in items].count(False) <= len(closed)
    show(page, server, f"results/{eventful}?tab=triggers")
    heads = page.locator("table[aria-label=Triggers] th")
    expect(heads.filter(has_text="Net PnL of trades")).to_have_count(1)
    expect(heads.filter(has_text="Fees")).to_have_count(1)
    wait_until(page, "window.perpsim?.ready_ms")
    counts, rows = page.locator("#trigger-counts"), page.locator("table[aria-label=Triggers] tbody tr")
    expect(counts).to_contain_text(f"{whole['total']} of {whole['stored']} stored triggers")
    page.get_by_label("Jump to an index").fill(str(items[60]["index"]))
    page.get_by_role("button", name="Jump", exact=True).click()
    expect(page.locator("table[aria-label=Triggers] tr.chosen td").first).to_have_text(str(items[60]["index"]))
    page.get_by_label("Jump to an index").fill("")
    page.get_by_label("Jump to a time, UTC").fill("2024-01-06T21:00:00")
    page.get_by_role("button", name="Jump", exact=True).click()
    first = next(each for each in items if each["timestamp"] >= 1_704_574_800_000)
    expect(page.locator("table[aria-label=Triggers] tr.chosen td").first).to_have_text(str(first["index"]))
    page.get_by_label("Text in reason, log or error").fill("ENOUGH of")
    found = server.get(address, q="ENOUGH of", all_triggers=True)
    expect(counts).to_contain_text(f"{found['total']} of {whole['stored']} stored triggers")
    expect(rows).to_have_count(found["total"])
    rows.first.click()
    window = page.get_by_role("dialog")
    expect(window).to_contain_text(f"1 of {found['total']} that are looked for")
    expect(page.get_by_role("button", name="Previous trigger")).to_be_disabled()
    page.keyboard.press("ArrowRight")
    expect(window.locator("h2").first).to_contain_text(f"Trigger {found['items'][1]['index']}:")
    page.wait_for_url(f"**trigger={found['items'][1]['index']}")
    page.keyboard.press("Escape")
    page.get_by_label("Text in reason, log or error").fill("")
    page.get_by_label("Type of trigger").select_option("signal")
    expect(counts).to_contain_text(f"0 of {whole['stored']} stored triggers")
    page.get_by_label("Type of trigger").select_option("")
    page.get_by_role("button", name="Decision", exact=True).last.click()
    last = server.get(address, sort="decided", descending=True, limit=1, all_triggers=True)["items"][0]
    expect(rows.first).to_contain_text(last["decided"])
