"""The page of a result: its tables and tabs."""

from __future__ import annotations

import pytest

from engine.contract import ExitReason
from tests.support.web_pages import exposed, show
from tests.support.web_server import Server

from tests.support.browsers import wait_until  # isort: skip - skips the tests where there is no browser

from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.xdist_group("page")


def test_trades_are_sorted_and_a_click_shows_one_in_the_chart(page: Page, server: Server, done: int) -> None:
    show(page, server, f"results/{done}?tab=trades")
    wait_until(page, "window.perpsim?.ready_ms")
    best = server.get(f"/api/backtests/{done}/trades", sort="pnl", descending=True, limit=1)["items"][0]
    page.get_by_role("button", name="Net PnL", exact=True).click()
    first = page.locator("table[aria-label=Trades] tbody tr").first
    expect(first).to_contain_text(f"{best['pnl']:+.2f}")
    expect(page.locator("th[aria-sort=descending]")).to_have_count(1)
    first.focus()
    page.keyboard.press("Enter")
    most = 4 * (best["exit_timestamp"] - best["timestamp"]) + 7_200_000
    shown = "perpsim.chart.windows.shown"
    wait_until(page, f"{shown}[1] - {shown}[0] < {most} && !perpsim.chart.windows.loading")
    start_ms, end_ms = exposed(page, shown)
    assert start_ms < best["timestamp"] < best["exit_timestamp"] < end_ms
    assert end_ms - start_ms < most
    assert exposed(page, "perpsim.chart.controls.symbol.value") == best["symbol"]
    expect(first).to_contain_text("<script>alert(1)</script>")


def test_a_trigger_shows_what_the_program_saw_asked_decided_and_logged(page: Page, server: Server, done: int) -> None:
    show(page, server, f"results/{done}")
    page.get_by_role("tab", name="Triggers").click()
    page.get_by_label("Which triggers").select_option("fills")
    page.locator("table[aria-label=Triggers] tbody tr").first.click()
    detail = page.locator("#trigger-detail")
    for text in ("available_balance", "RSI14", "target_portion_of_balance", "<script>alert(1)</script>", ": RSI"):
        expect(detail).to_contain_text(text)
    page.keyboard.press("Escape")
    expect(detail).to_have_count(0)


def test_the_funnel_says_why_there_are_no_trades(page: Page, server: Server) -> None:
    decision = "Decision('buy', 'BTC', target_portion_of_balance=0.5, leverage=500)"
    code = f"class A:\n    def should_trade(self, data):\n        return {decision}\n"
    run_id = server.run(code=code)
    show(page, server, f"results/{run_id}")
    page.get_by_role("tab", name="Why no trades").click()
    expect(page.locator("#funnel")).to_contain_text("refused: leverage out of range")
    expect(page.locator("#funnel")).to_contain_text("960")


def test_every_exit_is_shown_marked_and_looked_for(page: Page, server: Server, eventful: int) -> None:
    show(page, server, f"results/{eventful}?tab=trades")
    wait_until(page, "window.perpsim?.ready_ms")
    reasons = {row["exit_reason"] for row in server.get(f"/api/backtests/{eventful}/trades", limit=500)["items"]}
    assert reasons == set(ExitReason)
    drawn = {each["kind"] for each in exposed(page, "perpsim.chart.marks.drawn.map(each => each.mark)")}
    assert (
        drawn - {"entry", "open", "rejected"}
        == {mark for mark in reasons if mark in drawn}
        >= {"trailing", "time", "liquidation"}
    )
    table = page.locator("table[aria-label=Trades] tbody tr")
    for reason in ExitReason:
        found = server.get(f"/api/backtests/{eventful}/trades", exit_reason=reason.value)
        page.get_by_label("Exit by").select_option(label=reason.label)
        expect(table).to_have_count(min(found["total"], 50))
        expect(table.first).to_contain_text(reason.label)
        expect(page.get_by_role("button", name=reason.label.capitalize(), exact=True)).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_liquidations_funding_and_limits_are_shown(browser: Browser, server: Server, eventful: int, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    show(page, server, f"results/{eventful}")
    wait_until(page, "window.perpsim?.ready_ms")
    figures = server.get(f"/api/backtests/{eventful}")["figures"]
    page.get_by_role("tab", name="Venue and limits").click()
    for name, text in {
        "liquidations": f"{len(figures['liquidations'])}",
        "risk_limit_hits": f"{len(figures['risk_limit_hits'])}",
        "funding_payments": f"{figures['funding_payments']}",
        "funding_received": f"{figures['funding_received']:+,.2f}",
        "liquidation_shortfall": f"{figures['liquidation_shortfall']:,.2f}",
    }.items():
        expect(page.locator(f"[data-figure={name}] b")).to_have_text(text)
    expect(page.locator("table[aria-label=Liquidations] tbody tr")).to_have_count(len(figures["liquidations"]))
    expect(page.locator("table[aria-label='Risk-limit hits']")).to_contain_text("cool-down after a stop")
    for tab in page.get_by_role("tab").all():
        tab.click()
        assert exposed(page, "document.documentElement.scrollWidth") <= width, tab.inner_text()
    context.close()
