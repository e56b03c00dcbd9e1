"""Back-tests side by side."""

from __future__ import annotations

import pytest

from tests.support.web_pages import exposed, show
from tests.support.web_server import Server

from tests.support.browsers import wait_until  # isort: skip - skips the tests where there is no browser

from playwright.sync_api import Page, expect

pytestmark = pytest.mark.xdist_group("page")


def test_three_runs_are_compared_from_the_list(page: Page, server: Server, done: int) -> None:
    others = [server.run(params={"threshold": 30}), server.run(end_time="2024-01-10T00:00:00Z")]
    show(page, server, f"history?chosen={done}")
    for run_id in others:
        page.get_by_label(f"Compare {run_id}", exact=True).check()
    page.locator("#compare", has_text="Compare 3").click()
    wait_until(page, "window.perpsim?.compared?.length == 3")
    lines = exposed(page, "perpsim.compared")
    times = [[point["time"] for point in line] for line in lines]
    assert times[0] == times[1] == times[2]
    steps = {after - before for before, after in zip(times[0][:-2], times[0][1:-1], strict=True)}
    assert len(steps) == 1, "the axis is one of real time"
    all_figures = [server.get(f"/api/backtests/{run_id}")["figures"] for run_id in (done, *others)]
    for line, each in zip(lines, all_figures, strict=True):
        drawn = [point["value"] for point in line if "value" in point]
        wanted = [100 * (each[name] / each["initial_balance"] - 1) for name in ("highest_equity", "final_equity")]
        assert [max(drawn), drawn[-1]] == pytest.approx(wanted, abs=1e-4)
    assert "value" not in lines[2][-1], "what ended earlier has no value later"
    told = page.locator(".told-equity")
    expect(told).to_contain_text("2024-01-15 00:00 UTC")
    page.get_by_label("Equity of all").press("Home")
    expect(told).to_contain_text("2024-01-05 00:00 UTC")
    expect(told.locator(".key")).to_have_count(3)
    expect(told).to_contain_text("threshold=30")
    page.get_by_role("button", name="Aligned at the start").click()
    expect(told).to_contain_text("10.00 days after the start")
    page.get_by_label("Equity of all").press("Home")
    expect(told).to_contain_text("0.00 days after the start")
    page.get_by_role("button", name="USD", exact=True).click()
    expect(told).to_contain_text("10,000.00 USD")
    figures = page.get_by_label("Figures", exact=True)
    expect(figures.get_by_role("row", name="Net PnL, USD").locator("td.best")).to_have_count(1)
    expect(figures.locator("th.compared", has_text=f"{others[0]}: Dips")).to_contain_text("threshold=30")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download (CSV)").click()
    assert download.value.path().read_text().startswith(f"id,{done},{others[0]},{others[1]}")
    expect(page.get_by_label("Settings that differ", exact=True)).to_contain_text('{"threshold":30}')
