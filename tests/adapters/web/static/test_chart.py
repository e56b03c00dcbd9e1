"""The chart of a result."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.patience import until
from tests.support.web_pages import after_a_frame, exposed, show
from tests.support.web_server import Server

from tests.support.browsers import wait_until  # isort: skip - skips the tests where there is no browser

from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.xdist_group("page")


def test_the_marks_on_the_chart_stand_where_the_trades_were(page: Page, server: Server, done: int) -> None:
    show(page, server, f"results/{done}")
    wait_until(page, "window.perpsim?.ready_ms")
    trades = [row for row in server.get(f"/api/backtests/{done}/trades", limit=500)["items"] if row["symbol"] == "BTC"]
    opened = server.get(f"/api/backtests/{done}")["figures"]["open_positions"]
    entered = {row["timestamp"] for row in trades} | {row["opened_at"] for row in opened if row["symbol"] == "BTC"}
    drawn = exposed(page, "perpsim.chart.marks.drawn.map(each => ({at: each.at, count: each.count, ...each.mark}))")
    period = exposed(page, "perpsim.chart.axis.klines.period_ms")
    assert sum(each["count"] for each in drawn if each["kind"] == "entry") == len(entered)
    assert sum(each["count"] for each in drawn if each["kind"] in ("tp", "sl")) == len(trades)
    assert all(each["at"] < each["time"] <= each["at"] + period for each in drawn if each["kind"] != "open")
    times = set(exposed(page, "perpsim.chart.axis.klines.time"))
    assert {each["at"] for each in drawn} <= times
    first = min(trade["exit_timestamp"] for trade in trades)
    page.evaluate("([from, to]) => perpsim.chart.windows.focus(from, to)", [first - 600_000, first + 600_000])
    wait_until(page, "!perpsim.chart.windows.loading && perpsim.chart.axis.klines.period_ms === 60000")
    (mark,) = [each for each in exposed(page, "perpsim.chart.marks.drawn") if each["marks"][0]["time"] == first]
    equity = exposed(page, "perpsim.chart.equity.series.data()")
    shown = {round(each["time"] * 1_000): each["value"] for each in equity}
    known = server.get(f"/api/backtests/{done}/equity", start=first, end=first)["equity"]
    assert [shown[mark["at"]]] == known  # the equity of that instant is on the same kline
    klines = exposed(page, "(({ time, low, high }) => ({ time, low, high }))(perpsim.chart.axis.klines)")
    place = klines["time"].index(mark["at"])
    price = mark["marks"][0]["price"]
    assert klines["low"][place] * 0.999 <= price <= klines["high"][place] * 1.001  # but for slippage


def test_the_chart_goes_from_everything_to_a_minute(page: Page, server: Server, done: int) -> None:
    show(page, server, f"results/{done}")
    wait_until(page, "window.perpsim?.ready_ms")
    periods = []
    for name in ("All", "1 d", "30 m"):
        page.evaluate("() => { perpsim.chart.before = perpsim.chart.axis.klines }")
        page.get_by_role("button", name=name, exact=True).click()
        wait_until(page, "perpsim.chart.axis.klines !== perpsim.chart.before && !perpsim.chart.windows.loading")
        periods.append(exposed(page, "perpsim.chart.axis.klines.period_ms"))
    assert periods == sorted(periods, reverse=True)
    wait_until(page, "perpsim.chart.axis.klines.period_ms == 60000")
    page.locator(".chart").focus()
    page.keyboard.press("Home")
    wait_until(page, "perpsim.chart.axis.klines.period_ms > 60000")
    for _ in range(14):
        page.keyboard.press("+")
        after_a_frame(page)
    wait_until(page, "perpsim.chart.axis.klines.period_ms == 60000")


def test_a_chart_that_is_left_while_it_asks_fails_in_nothing(page: Page, server: Server, done: int) -> None:
    show(page, server, f"results/{done}")
    wait_until(page, "window.perpsim?.ready_ms")
    held: list[Route] = []
    page.route("**/markers?*", lambda each: held.append(each))
    page.get_by_role("button", name="1 d", exact=True).click()
    until(lambda: page.evaluate("() => 1") and held)
    page.locator("nav a[href='#/history']").click()
    page.wait_for_selector("tbody tr[data-id]")
    for each in held:
        with page.expect_event("requestfinished", lambda request, route=each: request == route.request):
            each.continue_()
    wait_until(page, "perpsim.chart.working.size === 0")
    after_a_frame(page)


OVERTAKEN = """async () => {
    const { windows, axis } = perpsim.chart;
    const [start] = windows.range;
    windows.scale.setVisibleLogicalRange({ from: 0, to: 20 });
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const asked = windows.load(start, start + 6 * 3600000);
    windows.follow();
    await asked;
    return [axis.klines.period_ms, axis.klines.time.at(-1) - start, windows.loading];
}"""
FAILED = """async () => {
    const { windows } = perpsim.chart;
    const { ask } = windows;
    windows.ask = () => Promise.reject(new Error("away"));
    await windows.load(...windows.range);
    windows.ask = ask;
    return [perpsim.chart.troubles.element.lastChild.textContent, windows.loading];
}"""


@pytest.fixture
def whole(page: Page, server: Server, done: int) -> Page:
    """The page of a result that shows all of it, in klines longer than those that are stored."""
    show(page, server, f"results/{done}")
    wait_until(page, "window.perpsim?.ready_ms && perpsim.chart.axis.klines.period_ms > 60000")
    return page


def test_a_window_on_its_way_is_not_overtaken_by_one_that_follows_what_was_shown(whole: Page) -> None:
    period, last, is_loading = whole.evaluate(OVERTAKEN)
    assert (period, is_loading) == (60_000, False)
    assert 6 * 3_600_000 <= last <= 8 * 3_600_000
    assert whole.evaluate(FAILED) == ["Klines: away", False]


NOT_DRAWN_YET = """async () => {
    const { windows } = perpsim.chart;
    const frames = [];
    const { requestAnimationFrame } = window;
    window.requestAnimationFrame = (frame) => frames.push(frame);
    const [start, end] = windows.range;
    const window_ = [start, start + (end - start) / 2];
    await windows.load(...window_);
    const asked = windows.turn;
    windows.follow();
    const before = windows.shown;
    window.requestAnimationFrame = requestAnimationFrame;
    frames.forEach((frame) => frame(performance.now()));
    await new Promise((drawn) => setTimeout(drawn, 300));
    return [window_, before, windows.shown, windows.turn - asked];
}"""


def test_a_window_that_the_chart_has_not_drawn_yet_is_the_one_that_is_looked_at(whole: Page) -> None:
    wanted, before, after, more = whole.evaluate(NOT_DRAWN_YET)
    assert before == wanted
    assert after == pytest.approx(wanted, abs=60_000)
    assert more == 0


RECORDER = """class Recorder:
    def should_trade(self, data):
        data.record("<b>hours</b>", data.timestamp % 86_400_000 / 3_600_000)
        data.record("price", data.get_price("BTC"))
        return None
"""


def test_the_chart_has_a_panel_for_each_series_that_the_program_recorded(
    browser: Browser, page: Page, server: Server, done: int, tmp_path: Path
) -> None:
    from click.testing import CliRunner

    from adapters import main

    recorded = server.run(code=RECORDER)
    show(page, server, f"results/{done}")
    wait_until(page, "window.perpsim?.ready_ms")
    before = exposed(page, "[perpsim.chart.chart.panes().length, perpsim.chart.box.offsetHeight]")
    assert before[0] == 3
    show(page, server, f"results/{recorded}")
    wait_until(page, "window.perpsim?.ready_ms")
    file = tmp_path / "report.html"
    command = ["report", str(recorded), "--database", f"sqlite:///{server.market}", "--html", str(file)]
    assert CliRunner().invoke(main, command).exit_code == 0
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    report = context.new_page()
    report.goto(file.as_uri())
    wait_until(report, "window.perpsim?.ready_ms")
    for each in (page, report):
        assert exposed(each, "perpsim.chart.chart.panes().length") == 5
        assert exposed(each, "[...perpsim.chart.records.series.keys()].sort()") == ["<b>hours</b>", "price"]
        assert exposed(each, "perpsim.chart.box.offsetHeight") > before[1] + 100
        values = exposed(each, "perpsim.chart.records.series.get('<b>hours</b>').data().map(point => point.value)")
        assert (min(values), max(values)) == (0, 23.75)
    context.close()


def test_a_chart_that_is_left_while_a_window_comes_says_nothing(page: Page, server: Server, done: int) -> None:
    show(page, server, f"results/{done}")
    wait_until(page, "window.perpsim?.ready_ms")
    page.evaluate(
        """async () => {
            const { chart } = perpsim;
            const [start, end] = chart.windows.range;
            const coming = [chart.showRange(start, (start + end) / 2), chart.moved()];
            chart.stop();
            await Promise.all(coming);
        }"""
    )
