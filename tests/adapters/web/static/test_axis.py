"""The axis of a chart: places by real times, on a market with holes of hours and of days; and what is drawn on it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from adapters import open_database
from adapters.report import stored_page
from adapters.report.curves.asked_indicators import is_among_prices
from tests.oracles.indicator_oracle import reference, tolerance
from tests.support.holed_run import CONFIGURATION, DAY, HOUR, MINUTE, START, Slow, holed_klines, holed_market
from tests.support.web_pages import after_a_frame, exposed, show
from tests.support.web_server import Server

from tests.support.browsers import wait_until  # isort: skip - skips the tests where there is no browser

from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.xdist_group("page")

SLOW = Slow()
READY = "window.perpsim?.ready_ms && perpsim.chart.windows.loading === false"


@pytest.fixture(scope="module")
def holed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    found = Server(holed_market(tmp_path_factory.mktemp("holed")))
    yield found
    found.close()


@pytest.fixture(scope="module")
def run_id(holed: Server) -> int:
    return holed.run("?all_triggers=true", **CONFIGURATION)


@pytest.fixture
def chart(page: Page, holed: Server, run_id: int) -> Page:
    show(page, holed, f"results/{run_id}")
    wait_until(page, READY)
    wait_until(page, "perpsim.chart.indicators.offered.length == 3")
    return page


def shown(page: Page, start: int, end: int) -> None:
    page.evaluate("([start, end]) => perpsim.chart.showRange(start, end)", [start, end])
    wait_until(page, "!perpsim.chart.windows.loading")
    after_a_frame(page)


def overlay(key: str) -> str:
    """One that is shown, by its key."""
    return f"[...perpsim.chart.overlays.on].find((each) => each.key === '{key}')"


def drawn(page: Page, series: str) -> list[tuple[int, float]]:
    points = exposed(page, f"{series}.data().map(each => [each.time * 1000, each.value])")
    return [(round(at), value) for at, value in points]


def test_an_instant_is_where_it_was_across_holes(chart: Page) -> None:
    for around in (START + 4 * DAY, START + 5 * DAY, START + 6 * DAY + 7 * HOUR):
        shown(chart, around - HOUR, around + HOUR)
        left, right = exposed(chart, "perpsim.chart.windows.shown")
        assert (left, right) == pytest.approx((around - HOUR, around + HOUR), abs=MINUTE)
        window = exposed(chart, "perpsim.chart.window")
        assert window == {"from": pytest.approx(left, abs=1), "to": pytest.approx(right, abs=1)}
    places = "[0, 3.5, 200].map((place) => perpsim.chart.axis.place(perpsim.chart.axis.instant(place)))"
    assert exposed(chart, places) == pytest.approx([0, 3.5, 200])
    times = exposed(chart, "perpsim.chart.axis.times")
    period = exposed(chart, "perpsim.chart.axis.klines.period_ms")
    assert {b - a for a, b in pairwise(times)} == {period}


def test_a_click_on_a_trade_shows_that_trade(chart: Page, holed: Server, run_id: int) -> None:
    events = "window.events = []; perpsim.chart.element.addEventListener('window', (each) => events.push(each.detail))"
    exposed(chart, f"{{ {events} }}")
    trade = holed.get(f"/api/backtests/{run_id}/trades", limit=500)["items"][-1]
    chart.evaluate("trade => perpsim.chart.showTrade(trade)", trade)
    wait_until(chart, "!perpsim.chart.windows.loading")
    after_a_frame(chart)
    left, right = exposed(chart, "perpsim.chart.windows.shown")
    assert left < trade["entry_timestamp"] < trade["exit_timestamp"] < right
    assert right - left < 3 * (trade["exit_timestamp"] - trade["entry_timestamp"]) + HOUR
    assert exposed(chart, "events.at(-1).from") == pytest.approx(left, abs=MINUTE)


def test_what_is_drawn_is_what_the_server_says_minute_by_minute(chart: Page, holed: Server, run_id: int) -> None:
    run = f"/api/backtests/{run_id}"
    for name in ("Exposure", "Volume", "Funding", "MA20 1h", "RSI14 15m"):
        button = chart.get_by_role("group", name="Shown in the chart").get_by_role("button", name=name, exact=True)
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
    # into a hole of BTC, where there are no klines for two days
    start, end = START + 4 * DAY - HOUR, START + 4 * DAY + HOUR
    shown(chart, start, end)
    times = exposed(chart, "perpsim.chart.axis.times")
    series = {
        "equity": ("perpsim.chart.equity.series", "equity", 1),
        "drawdown": ("perpsim.chart.equity.drawdownSeries", "drawdown_percent", -1),
    }
    for name, (place, column, sign) in series.items():
        found = holed.get(f"{run}/equity", start=times[0], end=times[-1] + MINUTE)
        known = dict(zip(found["timestamp"], found[column], strict=True))
        points = drawn(chart, place)
        assert len(points) == len(times), name
        assert [value for _, value in points[1:]] == pytest.approx([sign * known[at + MINUTE] for at, _ in points[1:]])
    for key, column in (("hold", "value"), ("exposure", "exposure")):
        found = holed.get(f"{run}/{key}", start=times[0], end=times[-1] + MINUTE)
        known = dict(zip(found["timestamp"], found[column], strict=True))
        points = drawn(chart, f"{overlay(key)}.series")
        assert [value for _, value in points[1:]] == pytest.approx([known[at + MINUTE] for at, _ in points[1:]])
    volumes = drawn(chart, f"{overlay('volume')}.series")
    klines = holed_klines("BTC")
    stored = dict(zip(klines.open_ms.tolist(), klines.volume.tolist(), strict=True))
    assert [at for at, _ in volumes] == [at for at in times if at in stored]
    assert [value for _, value in volumes] == pytest.approx([stored[at] for at, _ in volumes])
    asked = {"symbol": "BTC", "name": "MA20", "period": "1h", "start": times[0], "end": times[-1] + MINUTE}
    found = holed.get(f"{run}/indicator", **asked)
    points = drawn(chart, f"[...{overlay('MA20 1h')}.lines.values()][0]")
    wanted = [each for each in zip(found["timestamp"], found["lines"]["value"], strict=True) if each[0] > times[0]]
    assert wanted
    assert [(at + MINUTE, pytest.approx(value)) for at, value in points][-len(wanted) :] == wanted


#: One of each kind that a program can ask for.
KINDS = ("MA20", "EMA20", "VWAP", "BOLL", "RSI14", "MACD", "STOCH", "ATR14", "OBV")


def test_every_kind_of_indicator_is_drawn_as_the_contract_says(page: Page, holed: Server, run_id: int) -> None:
    asked = [{"symbol": "BTC", "name": name, "period": "15m", "among_prices": is_among_prices(name)} for name in KINDS]
    page.route("**/indicators", lambda route: route.fulfill(json={"indicators": asked, "triggers": 1, "looked_at": 1}))
    show(page, holed, f"results/{run_id}")
    wait_until(page, READY)
    wait_until(page, f"perpsim.chart.indicators.offered.length == {len(KINDS)}")
    page.evaluate("() => perpsim.chart.indicators.offered.forEach((each) => perpsim.chart.overlays.add(each))")
    start = START + 6 * DAY + 7 * HOUR  # where a hole of two days ends
    shown(page, start - HOUR, start + 2 * HOUR)
    wait_until(page, "perpsim.chart.indicators.offered.every((each) => each.lines.size > 0)")
    klines = SLOW.klines("BTC", 15 * MINUTE)
    closed = [kline.timestamp * 1_000 + 15 * MINUTE for kline in klines]
    panes = exposed(page, "perpsim.chart.indicators.offered.map((e) => [...e.lines.values()][0].getPane().paneIndex())")
    assert [pane == 0 for pane in panes] == [each["among_prices"] for each in asked]
    assert len(set(panes)) == 1 + sum(not each["among_prices"] for each in asked)
    for name in KINDS:
        of_name = f"[...{overlay(f'{name} 15m')}.lines]"
        lines = dict(exposed(page, f"{of_name}.map(([key, each]) => [key, each.data().map((e) => [e.time, e.value])])"))
        compared = 0
        for key, points in lines.items():
            for at, value in points:
                place = closed.index(at * 1_000 + MINUTE)
                seen = klines[max(place + 1 - 500, 0) : place + 1]
                wanted = reference(seen, name)[key][-1]
                assert value == pytest.approx(wanted, rel=1e-9, abs=tolerance(seen, name)), (name, key, at)
                compared += at * 1_000 >= start
        assert compared >= 8 * len(lines), name
        assert lines.keys() == reference(klines[:40], name).keys()


#: What stands at the upper left of each panel.
NAMED = (
    "perpsim.chart.chart.panes().map((pane) => perpsim.chart.titles.written.get(pane).lines.map(({ text }) => text))"
)


def test_lines_are_named_in_their_panels_and_nothing_covers_the_scales(chart: Page) -> None:
    for name in ("Exposure", "BOLL 15m", "RSI14 15m"):
        chart.get_by_role("button", name=name, exact=True).click()
        wait_until(chart, f"{NAMED}.flat().some((text) => text.startsWith('{name}'))")
    main = [["equity, USD", "Buy and hold"], ["drawdown, % of the peak"], ["price"]]
    bands = [f"BOLL 15m {line}" for line in ("upper", "middle", "lower")]
    first, *others = exposed(chart, NAMED)
    assert (sorted(first), others) == (sorted(bands), [*main, ["Exposure"], ["RSI14 15m"]])
    options = "perpsim.chart.chart.panes().flatMap((pane) => pane.getSeries().map((series) => series.options()))"
    assert not any(
        exposed(chart, f"{options}.map((each) => each.lastValueVisible || each.priceLineVisible || each.title)")
    )
    for name in ("Exposure", "BOLL 15m"):
        chart.get_by_role("button", name=name, exact=True).click()
    wait_until(chart, f"{NAMED}.length === 5")
    assert exposed(chart, NAMED) == [[], *main, ["RSI14 15m"]]
    colour = "perpsim.chart.titles.written.get(perpsim.chart.chart.panes()[1]).lines[0].color"
    before = exposed(chart, colour)
    chart.locator("#theme").click()
    wait_until(chart, f"{colour} !== '{before}'")


#: Where the mark stands of the fill that closed a trade, among those that are drawn.
CLOSING = """trade => perpsim.chart.marks.drawn.findIndex(
    ({ marks }) => marks.some((mark) => mark.trade === trade && mark.funding !== null))"""


def test_funding_is_that_of_each_trade_at_its_mark_and_of_each_hour_beside_it(
    chart: Page, holed: Server, run_id: int
) -> None:
    chart.get_by_role("button", name="Funding", exact=True).click()
    trades = holed.get(f"/api/backtests/{run_id}/trades", limit=500)["items"]
    for trade in (next(each for each in trades if each["side"] == side) for side in ("long", "short")):
        paid = SLOW.funding(trade)
        assert len(paid) >= 6
        shown(chart, trade["entry_timestamp"] - HOUR, trade["exit_timestamp"] + HOUR)
        place = chart.evaluate(CLOSING, trade["index"])
        (closing,) = exposed(chart, f"perpsim.chart.marks.drawn[{place}].marks")
        assert closing["funding"] == pytest.approx(sum(paid.values()), rel=1e-6)
        exposed(chart, f"perpsim.chart.tips.show(perpsim.chart.marks.drawn[{place}])")
        expect(chart.locator(".mark-tip")).to_contain_text(f"Funding {sum(paid.values()):+,.2f} USD")
        groups = {each["at"]: each["usd"] for each in exposed(chart, f"{overlay('settlements')}.groups")}
        period = exposed(chart, "perpsim.chart.axis.klines.period_ms")  # each on the kline that ends with it
        assert {at: groups[at - period] for at in paid} == pytest.approx(paid, rel=1e-6)


def test_a_file_has_holding_exposure_and_volume_as_they_were(
    browser: Browser, holed: Server, run_id: int, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    stored_page(open_database(f"sqlite:///{holed.market}"), run_id).save(file)
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    report = context.new_page()
    report.goto(file.as_uri())
    wait_until(report, READY)
    for name in ("Exposure", "Volume"):
        report.get_by_role("group", name="Shown in the chart").get_by_role("button", name=name, exact=True).click()
    wait_until(report, f"{overlay('exposure')}?.answer && {overlay('volume')}?.series.data().length")
    trades = holed.get(f"/api/backtests/{run_id}/trades", limit=500)["items"]
    begin, last = START + DAY, trades[-1]["exit_timestamp"]
    period = exposed(report, "perpsim.chart.axis.klines.period_ms")
    wanted = {
        "hold": lambda at: SLOW.hold(begin, at),
        "exposure": lambda at: SLOW.notional(trades, at) / SLOW.equity(trades, at),
    }
    for key, column in (("hold", "value"), ("exposure", "exposure")):
        times, values = exposed(report, f"[{overlay(key)}.answer.timestamp, {overlay(key)}.answer.{column}]")
        assert len(times) > 500
        known = {at: value for at, value in zip(times, values, strict=True) if at <= last}
        assert [*known.values()] == pytest.approx([wanted[key](at) for at in known], rel=1e-6, abs=1e-5)
        points = [each for each in drawn(report, f"{overlay(key)}.series") if each[0] + period <= last]
        assert len(points) > 300
        for at, value in points:
            latest = max((each for each in known if each <= at + period), default=None)
            assert latest is not None
            assert value == known[latest]
    volumes = drawn(report, f"{overlay('volume')}.series")
    klines = holed_klines("BTC")
    sums: dict[int, float] = {}
    for at, volume in zip(klines.open_ms.tolist(), klines.volume.tolist(), strict=True):
        sums[at // period * period] = sums.get(at // period * period, 0.0) + volume
    whole = [(at, value) for at, value in volumes if begin <= at < START + 8 * DAY]
    assert len(whole) > 300
    assert [value for _, value in whole] == pytest.approx([sums[at] for at, _ in whole], rel=1e-9)
    context.close()


def test_one_instant_is_told_and_other_times_are_said(chart: Page, holed: Server, run_id: int) -> None:
    start = START + 4 * DAY - HOUR
    shown(chart, start, start + 2 * HOUR)
    at = START + 4 * DAY - 30 * MINUTE
    chart.evaluate("at => perpsim.chart.legend.show(at / 1000, new Map())", at)
    assert exposed(chart, "perpsim.chart.legend.at") == at + MINUTE
    (equity,) = holed.get(f"/api/backtests/{run_id}/equity", start=at + MINUTE, end=at + MINUTE)["equity"]
    said = chart.locator(".chart-legend")
    expect(said).to_contain_text("2024-01-04 23:30 to 23:31 UTC")
    expect(said).to_contain_text(f"at 23:31:  equity {equity:,.2f} USD")
    expect(said).to_contain_text("(2024-01-04 23:00)")  # the last value that the program recorded
    chart.evaluate("at => perpsim.chart.legend.show(at / 1000, new Map())", START + 4 * DAY + 30 * MINUTE)
    expect(said).to_contain_text("2024-01-05 00:30 to 00:31 UTC  no kline")


def test_scales_and_overlays_stay_as_a_viewer_has_chosen(chart: Page, holed: Server, run_id: int) -> None:
    mode = "perpsim.chart.prices.series.priceScale().options().mode"
    assert exposed(chart, mode) == 0
    chart.get_by_role("button", name="Log price").click()
    chart.get_by_role("button", name="Buy and hold").click()
    chart.get_by_role("button", name="BOLL 15m").click()
    assert exposed(chart, mode) == 1
    asked: list[str] = []
    chart.on("request", lambda each: asked.append(each.url))
    show(chart, holed, f"results/{run_id}")
    wait_until(chart, READY)
    wait_until(chart, "perpsim.chart.indicators.offered.length == 3")
    wait_until(chart, "[...perpsim.chart.overlays.on].some((each) => each.lines?.size === 3)")
    assert exposed(chart, mode) == 1
    assert exposed(chart, "[...perpsim.chart.overlays.on].map((each) => each.key)") == ["BOLL 15m"]
    by_chart = [each for each in asked if "start=" in each]  # the picture beside the figures asks for the whole run
    assert any("/equity?" in each for each in by_chart)
    assert not any(name in each for each in by_chart for name in ("/hold?", "/exposure?", "/funding?"))


def test_signals_lead_to_their_triggers(chart: Page, holed: Server, run_id: int) -> None:
    answer = {"total": 1, "given": 1, "time": [START + 3 * DAY], "index": [7], "pool": ["Crash"]}
    chart.route("**/signals?*", lambda route: route.fulfill(json=answer))
    listen = "perpsim.chart.element.addEventListener('choosetrigger', (each) => chosen.push(each.detail.index))"
    exposed(chart, f"{{ window.chosen = []; {listen} }}")
    chart.get_by_role("button", name="Signals").click()
    wait_until(chart, f"{overlay('signals')}?.groups[0]?.index === 7")
    exposed(chart, f"{overlay('signals')}.onClick({{ hoveredObjectId: 'signal 7' }})")
    assert exposed(chart, "chosen") == [7]
    trigger = holed.get(f"/api/backtests/{run_id}/triggers/7")
    chart.evaluate("trigger => perpsim.chart.showTrigger(trigger)", trigger)
    left, right = exposed(chart, "perpsim.chart.windows.shown")
    assert left < trigger["timestamp"] < right


def test_a_part_that_fails_is_said_and_all_else_stands(page: Page, holed: Server, run_id: int) -> None:
    for each in ("equity", "records", "klines"):
        page.route(f"**/{each}?*", lambda route: route.fulfill(status=500, json={"message": "it broke"}))
        show(page, holed, f"results/{run_id}?tab=trades")
        wait_until(page, "window.perpsim?.ready_ms")
        expect(page.locator("section[aria-label=Chart] [role=alert]")).to_contain_text("it broke")
        expect(page.locator("[data-figure=final_equity]").first).to_be_visible()
        expect(page.locator("table[aria-label=Trades] tbody tr").first).to_be_visible()
        page.unroute(f"**/{each}?*")
        page.get_by_role("button", name="7 d", exact=True).click()
        expect(page.locator("section[aria-label=Chart] [role=alert]")).to_be_empty()
        assert exposed(page, "perpsim.chart.window") is not None


def test_a_window_that_cannot_be_had_while_panning_is_said_until_one_can(chart: Page) -> None:
    said = chart.locator("section[aria-label=Chart] [role=alert]")
    shown(chart, START + 3 * DAY, START + 3 * DAY + HOUR)
    expect(said).to_be_empty()
    chart.route("**/klines?*", lambda route: route.fulfill(status=500, json={"message": "it broke"}))
    pan = "at => perpsim.chart.windows.show(at, at + 3600000)"
    chart.evaluate(pan, START + 5 * DAY)
    expect(said).to_contain_text("Klines: it broke")
    assert exposed(chart, "perpsim.chart.axis.isEmpty") is False
    chart.unroute("**/klines?*")
    before = exposed(chart, "perpsim.chart.axis.reach[0]")
    chart.evaluate(pan, START + 2 * DAY)
    expect(said).to_be_empty()
    assert exposed(chart, "perpsim.chart.axis.reach[0]") < before
