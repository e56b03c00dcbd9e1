"""What the chart marks and draws on the price, read back from it: of real runs, and of a result of very many trades."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.eventful_run import EVENTFUL, add_funding
from tests.support.filled_runs import FILLED
from tests.support.many_trades import store_many_trades
from tests.support.web_pages import after_a_frame, exposed, show
from tests.support.web_server import START, Server, copied

from tests.support.browsers import wait_until  # isort: skip - skips the tests where there is no browser

from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.xdist_group("page")

HOUR = 3_600_000
#: Three hours without klines, in the midst of the runs.
HOLE = (START + 8 * 24 * HOUR, START + 8 * 24 * HOUR + 3 * HOUR)
READY = "window.perpsim?.ready_ms"
DRAWN = """perpsim.chart.marks.drawn.map((group, place) => {
    const { price, time, text, shape, color } = perpsim.chart.marks.markers.markers()[place];
    return { at: group.at, bar: group.bar ?? null, marks: group.marks, price: price ?? null, time, text, shape, color };
})"""
#: Each line that is drawn, with the prices at which its ends stand on the screen.
PLACED = """perpsim.chart.lines.placed.map(({ line, isChosen, from, to }) => {
    const price = (y) => perpsim.chart.prices.series.coordinateToPrice(y);
    return { ...line, isChosen, ends: [price(from[1]), price(to[1])], x: [from[0], to[0]] };
})"""
#: What a mark tells beside what it is.
WORTH = ("price", "size", "fee", "pnl", "trade_fee", "funding")
ORDERS = ("placed", "amended", "rejected", "cancelled", "expired")


@pytest.fixture(scope="module")
def drawn(web_market: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    market = add_funding(copied(web_market, tmp_path_factory.mktemp("drawn")))
    with closing(sqlite3.connect(market)) as connection, connection:
        gone = "DELETE FROM crypto_klines WHERE symbol = 'BTC' AND timestamp >= ? AND timestamp < ?"
        connection.execute(gone, [each // 1_000 for each in HOLE])
    found = Server(market, "--runs", "2")
    yield found
    found.close()


@pytest.fixture(scope="module")
def filled(drawn: Server) -> int:
    return drawn.run(**FILLED)


@pytest.fixture(scope="module")
def many(drawn: Server, filled: int) -> int:
    return store_many_trades(drawn.market, filled, 30_000)


def read(server: Server, run_id: int, table: str, column: str) -> list[Any]:
    """What a column of the tables says of a result, as JSON."""
    with closing(sqlite3.connect(server.market)) as connection:
        rows = connection.execute(f"SELECT {column} FROM {table} WHERE backtest_id = ?", [run_id])
        return [json.loads(row[0]) for row in rows]


def opened(page: Page, server: Server, run_id: int) -> None:
    show(page, server, f"results/{run_id}")
    wait_until(page, READY)


def focus(page: Page, start: int, end: int) -> None:
    page.evaluate("([from, to]) => perpsim.chart.windows.focus(from, to)", [start, end])
    after_a_frame(page)


def rows(columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


@pytest.mark.parametrize("changes", [FILLED, EVENTFUL], ids=["filled", "eventful"])
def test_as_many_are_marked_as_the_tables_say(drawn: Server, changes: dict[str, Any]) -> None:
    run_id = drawn.run(**changes)
    reasons = Counter(trade["exit_reason"] for trade in read(drawn, run_id, "backtest_trades", "trade"))
    (figures,) = read(drawn, run_id, "backtest_details", "result")
    found = drawn.get(f"/api/backtests/{run_id}/markers", most=20_000, with_triggers=False)
    kinds = Counter(found["columns"]["kind"])
    assert (found["source"], found["note"], found["total"], found["kinds"]) == (
        "fills",
        "",
        len(found["columns"]["kind"]),
        kinds,
    )
    assert {kind: kinds[kind] for kind in reasons} == reasons
    assert kinds["entry"] + kinds["add"] + reasons.total() == figures["fills"]
    assert kinds["open"] == len(figures["open_positions"])
    rejections = Counter(figures["rejections"])
    assert kinds["expired"] == rejections.pop("expired", 0)
    assert kinds["rejected"] + kinds["cancelled"] == rejections.total()
    outputs = read(drawn, run_id, "backtest_trigger_logs", "decision_output")
    statuses = [each["order"]["status"] for each in outputs if each["order"]]
    assert kinds["placed"] == statuses.count("resting")
    if changes is FILLED:
        assert reasons.keys() >= {"decision", "trailing", "time", "liquidation"}
        assert min(kinds[kind] for kind in ("add", "open", *ORDERS)) > 0


def test_what_is_drawn_is_what_the_api_says_of_the_window(page: Page, drawn: Server, filled: int) -> None:
    opened(page, drawn, filled)
    path = f"/api/backtests/{filled}"
    everything = drawn.get(f"{path}/markers", symbol="BTC", most=20_000, with_triggers=False)
    bars = exposed(page, "perpsim.chart.marks.drawn.map(({ bar }) => bar)")
    per = bars[0]["per"]
    assert Counter({bar["time"]: bar["count"] for bar in bars}) == Counter(
        (at - (not at_open)) // per * per
        for at, at_open in zip(everything["columns"]["time"], everything["columns"]["at_open"], strict=True)
    )
    expect(page.locator("#main")).to_contain_text(
        f"{everything['total']} of {everything['total']} marks in sight, added"
    )
    assert exposed(page, "perpsim.chart.marks.markers.markers().length") == len(bars)
    for start, end in ((HOLE[0] - 8 * HOUR, HOLE[1] + 8 * HOUR), (START + 5 * 24 * HOUR, START + 6 * 24 * HOUR)):
        focus(page, start, end)
        told = drawn.get(f"{path}/markers", symbol="BTC", start=start, end=end, most=300, with_triggers=False)
        shown = exposed(page, DRAWN)
        marks = sorted((mark for group in shown for mark in group["marks"]), key=lambda mark: mark["time"])
        assert [(each["time"], each["kind"]) for each in marks] == [
            *zip(told["columns"]["time"], told["columns"]["kind"], strict=True)
        ]
        assert sorted(marks, key=repr) == sorted(rows(told["columns"]), key=repr)
        period = exposed(page, "perpsim.chart.axis.klines.period_ms")
        for group in shown:
            assert group["time"] == group["at"] / 1_000
            prices = [mark["price"] for mark in group["marks"] if mark["price"] is not None]
            assert group["price"] == (pytest.approx(sum(prices) / len(prices)) if prices else None)
            late = [mark["time"] - (not mark["at_open"]) - group["at"] for mark in group["marks"]]
            assert min(late) >= 0
            assert max(late) < period or HOLE[0] <= group["marks"][-1]["time"] <= HOLE[1]
        lines = drawn.get(f"{path}/brackets", symbol="BTC", start=start, end=end)
        placed = exposed(page, PLACED)
        assert (lines["total"], len(placed)) == (lines["given"], lines["total"])
        assert {each["kind"] for each in placed} == {"way", "target", "stop", "step"}
        for line, on_screen in zip(rows(lines["columns"]), placed, strict=True):
            assert {name: on_screen[name] for name in line} == line
            if start <= line["start"] and line["end"] <= end:
                assert on_screen["ends"] == pytest.approx([line["first"], line["last"]], rel=1e-6)
                assert on_screen["x"][0] <= on_screen["x"][1]


CHOOSE = """() => {
    perpsim.heard = [];
    for (const name of ["choosetrade", "choosetrigger"]) {
        perpsim.chart.element.addEventListener(name, ({ detail }) => perpsim.heard.push([name, detail.index]));
    }
}"""
AT = """place => {
    const { at, marks } = perpsim.chart.marks.drawn[place];
    const box = perpsim.chart.box.getBoundingClientRect();
    const { price, position } = perpsim.chart.marks.markers.markers()[place];
    const y = perpsim.chart.prices.series.priceToCoordinate(price);
    const x = perpsim.chart.chart.timeScale().timeToCoordinate(at / 1000);
    return [box.x + x, box.y + y + (position === "atPriceTop" ? -5 : 5)];
}"""


#: The chart stays where it is on the page.
STILL = """() => new Promise((done) => {
    let [last, same] = [null, 0];
    const look = () => {
        const { top } = perpsim.chart.box.getBoundingClientRect();
        [last, same] = [top, top === last ? same + 1 : 0];
        if (same > 10) done();
        else requestAnimationFrame(look);
    };
    look();
})"""


def wait_for_trade(page: Page, trade: dict[str, Any]) -> None:
    """Wait until a trade that was chosen in the chart has come into sight there, as its table has it shown."""
    expect(page.locator("#trade-detail h2")).to_contain_text(f"Trade {trade['index'] + 1} of")
    span = 0.6 * max(trade["exit_timestamp"] - trade["entry_timestamp"], HOUR / 2)
    ends = [trade["entry_timestamp"] - span, trade["exit_timestamp"] + span]
    near = "Math.abs(perpsim.chart.windows.shown[place] - end) <= perpsim.chart.axis.klines.period_ms"
    wait_until(page, f"!perpsim.chart.windows.loading && {ends}.every((end, place) => {near})")
    page.evaluate(STILL)


def test_a_mark_tells_what_it_is_and_chooses_its_trade(page: Page, drawn: Server, filled: int) -> None:
    opened(page, drawn, filled)
    trades = drawn.get(f"/api/backtests/{filled}/trades", limit=500)["items"]
    page.evaluate("trade => perpsim.chart.showTrade(trade)", trades[0])
    focus(page, trades[0]["entry_timestamp"] - HOUR, trades[0]["exit_timestamp"] + 4 * HOUR)
    page.evaluate(CHOOSE)
    chosen = [each for each in exposed(page, PLACED) if each["isChosen"]]
    assert {each["trade"] for each in chosen if each["kind"] == "way"} == {0}
    assert {each["kind"] for each in chosen} == {"way", "target", "stop"}
    assert len([each for each in chosen if each["kind"] == "way"]) == 2
    sizes = exposed(page, "perpsim.chart.marks.markers.markers().map(({ size }) => size)")
    of_trade = exposed(page, "perpsim.chart.marks.drawn.map(({ marks }) => marks.some(({ trade }) => trade === 0))")
    assert {size > 1 for size, is_own in zip(sizes, of_trade, strict=True) if is_own} == {True}
    assert {size > 1 for size, is_own in zip(sizes, of_trade, strict=True) if not is_own} == {False}
    tip = page.locator(".mark-tip")
    expect(tip).to_be_hidden()
    page.locator(".chart").focus()
    for text in ("Entry, long", "Addition, long"):
        page.keyboard.press(".")
        expect(tip).to_contain_text(text)
    expect(tip).to_contain_text("Why <b>more</b>")
    expect(tip).to_contain_text("Trades # 1, # 2")  # it was closed in two parts
    page.keyboard.press(".")
    shown = trades[0]
    for text in (
        "Decision, long",
        f"Funding {shown['funding']:+,.2f} USD",
        f"Fees of the trade {shown['fee']:,.2f} USD",
    ):
        expect(tip).to_contain_text(text)
    expect(tip).to_contain_text(f"Net PnL {shown['pnl']:+,.2f} USD")
    page.keyboard.press("Enter")
    wait_for_trade(page, shown)
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    focus(page, shown["entry_timestamp"] - HOUR, shown["exit_timestamp"] + 4 * HOUR)
    page.mouse.move(*page.evaluate(AT, 0))
    expect(tip).to_contain_text("Entry, long")
    page.mouse.click(*page.evaluate(AT, 0))
    assert exposed(page, "perpsim.heard") == [["choosetrade", 0], ["choosetrade", 0]]
    wait_for_trade(page, shown)
    focus(page, START + 5 * 24 * HOUR, START + 5 * 24 * HOUR + 12 * HOUR)
    refused = [place for place, each in enumerate(exposed(page, DRAWN)) if each["marks"][0]["kind"] == "rejected"]
    page.evaluate("place => perpsim.chart.tips.take(perpsim.chart.marks.drawn[place])", refused[0])
    told = exposed(page, f"perpsim.chart.marks.drawn[{refused[0]}].marks[0]")
    assert exposed(page, "perpsim.heard.at(-1)") == ["choosetrigger", told["trigger"]]
    assert told["text"] == "portion out of range"


def test_thirty_thousand_trades_are_added_up_and_unfold(page: Page, drawn: Server, many: int) -> None:
    opened(page, drawn, many)
    stored = read(drawn, many, "backtest_trades", "trade")
    bars = exposed(page, "perpsim.chart.marks.drawn.map(({ bar }) => bar)")
    assert sum(bar["count"] for bar in bars) == 60_000
    assert sum(bar["exits"] for bar in bars) == sum(bar["entries"] for bar in bars) == 30_000
    assert sum(bar["wins"] for bar in bars) == sum(trade["pnl"] > 0.0 for trade in stored)
    assert sum(bar["pnl"] for bar in bars) == pytest.approx(sum(trade["pnl"] for trade in stored))
    expect(page.locator("#main")).to_contain_text("60,000 of 60,000 marks in sight, added up in")
    expect(page.locator("#main")).to_contain_text("0 of 30,000 lines of trades in sight: zoom in")
    page.locator(".chart").focus()
    page.keyboard.press(".")
    expect(page.locator(".mark-tip")).to_contain_text(f"{bars[0]['count']:,} marks")
    start = bars[60]["time"]
    focus(page, start, start + HOUR)
    inside = [
        kind
        for trade in stored
        for kind, at in (("entry", trade["entry_timestamp"]), (trade["exit_reason"], trade["exit_timestamp"]))
        if start < at <= start + HOUR
    ]
    shown = exposed(page, DRAWN)
    assert Counter(mark["kind"] for group in shown for mark in group["marks"]) == Counter(inside)
    unknown = [group for group in shown if group["marks"][0]["kind"] == "delisting"]
    grey = exposed(page, "getComputedStyle(document.documentElement).getPropertyValue('--soft').trim()")
    assert {(group["color"], group["shape"]) for group in unknown} == {(grey, "circle")}
    toggle = page.get_by_role("button", name="delisting", exact=True)
    expect(toggle).to_have_attribute("title", "7,500 in the run")
    toggle.click()
    wait_until(page, "!perpsim.chart.marks.drawn.some(({ mark }) => mark.kind === 'delisting')")
    assert len(exposed(page, PLACED)) > 100


def test_a_result_without_its_fills_says_what_is_not_there(page: Page, drawn: Server, filled: int) -> None:
    old = store_many_trades(drawn.market, filled, 20, with_orders=False)
    opened(page, drawn, old)
    expect(page.locator("#main")).to_contain_text("the fills of this result were not stored")
    kinds = Counter(mark["kind"] for group in exposed(page, DRAWN) for mark in group["marks"])
    assert kinds == {"entry": 20, "tp": 5, "sl": 5, "decision": 5, "delisting": 5}


def test_a_chart_that_fails_says_so_and_leaves_figures_and_tables(page: Page, drawn: Server, filled: int) -> None:
    page.route("**/markers?*", lambda route: route.fulfill(status=500, body='{"message": "no marks today"}'))
    show(page, drawn, f"results/{filled}?tab=trades")
    wait_until(page, READY)
    said = page.locator("section[aria-label=Chart] [role=alert]")
    expect(said).to_contain_text("Marks: no marks today")
    expect(page.locator(".figures")).to_be_visible()
    expect(page.locator("table[aria-label=Trades] tbody tr").first).to_be_visible()
    (held,) = drawn.get(f"/api/backtests/{filled}")["figures"]["open_positions"]
    left = page.locator("table[aria-label='Open at the end'] tbody tr")
    expect(left).to_contain_text(f"{held['unrealized_pnl']:+,.2f}")  # what is open stands under the trades
    page.unroute("**/markers?*")
    page.get_by_role("button", name="7 d", exact=True).click()
    wait_until(page, "perpsim.chart.marks.drawn.length")
    expect(said).to_be_empty()


def test_a_report_draws_the_same_as_the_server(
    browser: Browser, page: Page, drawn: Server, filled: int, tmp_path: Path
) -> None:
    from click.testing import CliRunner

    from adapters import main

    file = tmp_path / "report.html"
    command = ["report", str(filled), "--database", f"sqlite:///{drawn.market}", "--html", str(file)]
    assert CliRunner().invoke(main, command).exit_code == 0
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    report = context.new_page()
    report.goto(file.as_uri())
    wait_until(report, READY)
    opened(page, drawn, filled)
    names = "time kind side trade trigger position text".split()
    for window in (None, (START + 5 * 24 * HOUR, START + 6 * 24 * HOUR)):
        if window is not None:
            focus(page, *window)
            focus(report, *window)
        ours, theirs = exposed(page, DRAWN), exposed(report, DRAWN)
        assert [(len(each["marks"]), each["text"]) for each in ours] == [
            (len(each["marks"]), each["text"]) for each in theirs
        ]
        assert [each["bar"] and {**each["bar"], "pnl": 0} for each in ours] == [
            each["bar"] and {**each["bar"], "pnl": 0} for each in theirs
        ]
        for one, other in zip(ours, theirs, strict=True):
            assert [[mark[name] for name in names] for mark in one["marks"]] == [
                [mark[name] for name in names] for mark in other["marks"]
            ]
            for mark, in_file in zip(one["marks"], other["marks"], strict=True):
                assert [in_file[name] for name in WORTH] == [
                    None if mark[name] is None else pytest.approx(mark[name], rel=1e-6, abs=1e-9) for name in WORTH
                ]
        lines, others = exposed(page, PLACED), exposed(report, PLACED)
        assert [(each["kind"], each["start"], each["end"]) for each in lines] == [
            (each["kind"], each["start"], each["end"]) for each in others
        ]
        for line, in_file in zip(lines, others, strict=True):
            assert [in_file["first"], in_file["last"]] == pytest.approx([line["first"], line["last"]], rel=1e-7)
    context.close()
