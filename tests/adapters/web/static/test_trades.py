"""Trades and their triggers, linked both ways; what is looked at stands in the address."""

from __future__ import annotations

import pytest

from tests.support.web_pages import exposed, show
from tests.support.web_server import Server

from tests.support.browsers import wait_until  # isort: skip - skips the tests where there is no browser

from playwright.sync_api import Page, expect

SHOWN = "perpsim.chart.windows.shown"
pytestmark = pytest.mark.xdist_group("page")


def test_trade_trigger_and_chart_lead_to_each_other_and_the_address_keeps_it(
    page: Page, server: Server, eventful: int
) -> None:
    number = next(
        place
        for place in range(1, 92)
        if server.get(f"/api/backtests/{eventful}/trades/{place}")["triggers"][1]["trigger"] is not None
    )
    opened, closed, *_ = server.get(f"/api/backtests/{eventful}/trades/{number}")["triggers"]
    show(page, server, f"results/{eventful}")
    wait_until(page, "window.perpsim?.ready_ms")
    page.evaluate(
        "index => perpsim.chart.element.dispatchEvent(new CustomEvent('choosetrade', { detail: { index } }))",
        number - 1,
    )
    detail = page.locator("#trade-detail")
    expect(detail.locator("h2")).to_contain_text(f"Trade {number} of")
    expect(page.locator("table[aria-label=Trades] tr.chosen td").first).to_have_text(f"{number}")
    page.get_by_role("button", name=f"Trigger {closed['trigger']}", exact=True).click()
    expect(page.locator("#trigger-trades")).to_contain_text(f"It closed trade {number}")
    trade = server.get(f"/api/backtests/{eventful}/trades/{number}")
    became = page.locator("#trigger-marks li").first
    expect(became).to_contain_text(f"Decision, {trade['side']} · Price {trade['exit_price']:.6g}"[:20])
    expect(became.get_by_role("button", name=f"Trade {number}", exact=True)).to_be_visible()
    assert f"trigger={closed['trigger']}" in page.url
    copied = page.url
    page.keyboard.press("Escape")
    expect(page.locator("#trigger-detail")).to_have_count(0)
    assert "trigger=" not in page.url
    page.go_back()
    expect(page.locator("#trigger-detail")).to_contain_text("available_balance")
    page.go_back()
    expect(page.locator("#trigger-detail")).to_have_count(0)
    expect(detail).to_be_visible()
    page.get_by_role("button", name=f"Trigger {opened['trigger']}", exact=True).click()
    page.get_by_role("button", name=f"It opened trade {number}").click()
    detail.focus()
    page.keyboard.press("ArrowRight")
    expect(detail.locator("h2")).to_contain_text(f"Trade {number + 1} of")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(detail).to_be_hidden()
    page.goto("about:blank")
    page.goto(copied)
    expect(page.locator("#trigger-detail")).to_contain_text("available_balance")
    expect(page.get_by_role("tab", selected=True, include_hidden=True)).to_have_text("Trades")
    expect(detail.locator("h2")).to_contain_text(f"Trade {number} of")


def test_a_window_and_a_symbol_of_the_chart_stand_in_the_address(page: Page, server: Server, eventful: int) -> None:
    trade = server.get(f"/api/backtests/{eventful}/trades/7")
    start, end = trade["entry_timestamp"], trade["entry_timestamp"] + 6 * 3_600_000
    show(page, server, f"results/{eventful}?tab=more-figures&symbol=ETH&from={start}&to={end}")
    wait_until(page, "window.perpsim?.ready_ms")
    expect(page.get_by_role("tab", selected=True)).to_have_text("More figures")
    assert exposed(page, "perpsim.chart.controls.symbol.value") == "ETH"
    shown = exposed(page, SHOWN)
    assert [round(each / 600_000) for each in shown] == [round(each / 600_000) for each in (start, end)]
    page.goto("about:blank")
    page.goto(f"{server.url}/#/results/{eventful}?tab=trades&symbol=ETH&trade=7&from={start}&to={end}")
    wait_until(page, "window.perpsim?.ready_ms")
    assert [round(each / 600_000) for each in exposed(page, SHOWN)] == [round(each / 600_000) for each in (start, end)]
    assert exposed(page, "perpsim.chart.marks.chosen") == 6
    page.evaluate("() => (perpsim.chart.chosenAt = null)")
    page.get_by_role("button", name="1 d", exact=True).click()
    page.wait_for_url(lambda url: f"from={start}" not in url)
    assert abs(exposed(page, SHOWN)[1] - end) < 600_000  # the end of what was shown stays
    page.get_by_role("button", name="All", exact=True).click()
    page.wait_for_url(lambda url: "from=" not in url)
    page.goto(f"{server.url}/#/results/{eventful}?trade=999")
    expect(page.locator("#trade-detail")).to_contain_text("has no trade 999")


def test_filter_and_order_of_trades_stand_in_the_address_and_are_summed(
    page: Page, server: Server, eventful: int
) -> None:
    trades = server.get(f"/api/backtests/{eventful}/trades", limit=500)["items"]
    reason = trades[0]["exit_reason"]
    wanted = [trade for trade in trades if trade["exit_reason"] == reason]
    assert 0 < len(wanted) < len(trades)
    show(page, server, f"results/{eventful}?tab=trades")
    page.get_by_label("Exit by", exact=True).select_option(reason)
    page.get_by_role("button", name="Net PnL", exact=True).click()
    page.get_by_role("button", name="Net PnL ▼").click()
    first = page.locator("table[aria-label=Trades] tbody tr").first.locator("td").first
    lowest = min(wanted, key=lambda trade: trade["pnl"])["index"] + 1
    expect(first).to_have_text(str(lowest))
    told = page.locator("#trades-sum")
    total = sum(trade["pnl"] for trade in wanted)
    expect(told).to_contain_text(f"{len(wanted)} trades: Net PnL {total:+,.2f} USD")
    assert "trades_sort=pnl" in page.url
    page.reload()
    expect(first).to_have_text(str(lowest))
    expect(page.get_by_label("Exit by", exact=True)).to_have_value(reason)
    expect(told).to_contain_text(f"{len(wanted)} trades: Net PnL {total:+,.2f} USD")
