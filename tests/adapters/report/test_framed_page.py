"""The page of a result in a real browser: from a file, in a frame of a notebook, and with what it is made of."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adapters.report import KlineReader, result_page, show_in_browser, stored_page
from adapters.report.trades import why_trades
from engine import DataError, Decision, MarketHistory, SymbolHistory
from engine.market import aggregate
from tests.adapters.report.test_html_page import run_for
from tests.support.journals import recorded
from tests.support.runs import START, buy, close, klines, market, run_script, walk
from tests.support.stored_runs import StoredTwice, eventful_twice

from tests.support.browsers import launched, wait_until  # isort: skip - skips the tests where there is no browser

from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.xdist_group("page")

READY = "window.perpsim?.ready_ms"
HOUR = 3_600_000
#: It gains more from minute 5 to 7 than from 1 to 2.
TWICE_UP = market(X=klines(100, 100, 101, 102, 103, 104, 115, 130, 130, 130))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as found:
        yield found


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> StoredTwice:
    return eventful_twice(tmp_path_factory.mktemp("framed"))


@contextmanager
def offline(browser: Browser, file: Path) -> Iterator[Page]:
    """The page of a file, without a network; afterwards nothing was asked for and nothing has failed."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    page = context.new_page()
    asked: list[str] = []
    failed: list[str] = []
    page.on("request", lambda each: None if each.url == file.as_uri() else asked.append(each.url))
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.on("console", lambda each: failed.append(each.text) if each.type == "error" else None)
    page.on("dialog", lambda each: failed.append(each.message))
    page.goto(file.as_uri())
    yield page
    context.close()
    assert asked == failed == []


def exposed(page: Any, expression: str) -> Any:
    return page.evaluate(f"async () => {expression}")


def loaded(page: Any, start: int, end: int) -> dict[str, list[Any]]:
    """What the chart shows of a window."""
    exposed(page, f"perpsim.chart.windows.load({start}, {end})")
    series = {
        "price": "prices.series",
        "equity": "equity.series",
        "span": "equity.spanSeries",
        "drawdown": "equity.drawdownSeries",
    }
    return {name: exposed(page, f"perpsim.chart.{each}.data()") for name, each in series.items()}


@pytest.mark.parametrize("window", [(0.0, 1.0), (0.3, 0.7), (0.5, 0.55), (0.5, 0.503)])
def test_each_window_shows_what_the_server_would_with_every_extreme_of_the_curve(
    browser: Browser, twice: StoredTwice, tmp_path: Path, window: tuple[float, float]
) -> None:
    result = twice.result
    result.report(tmp_path / "made.html", twice.market)
    length = result.end_time - result.start_time
    start, end = (round(result.start_time + share * length) for share in window)
    with offline(browser, tmp_path / "made.html") as page:
        wait_until(page, READY)
        shown = loaded(page, start, end)
    margin = max(round((end - start) * 0.02), HOUR)
    wanted = KlineReader(twice.database).klines("hyperliquid", "BTC", start - margin, end + margin, None, 1_500)
    rows = [
        row
        for row in zip(*(wanted[name] for name in ("time", "open", "high", "low", "close")), strict=True)
        if result.start_time <= row[0] < result.end_time
    ]
    assert [round(each["time"] * 1_000) for each in shown["price"]] == [row[0] for row in rows]
    prices = [[each[name] for name in ("open", "high", "low", "close")] for each in shown["price"]]
    assert prices == [pytest.approx(row[1:], rel=1e-5) for row in rows]
    times, equity = result.equity.timestamp_ms, result.equity.equity
    fall = 100 * result.equity.drawdown / np.maximum.accumulate(equity)
    lines = [*zip(shown["equity"], shown["span"], shown["drawdown"], strict=True)]
    assert len(lines) == len(rows)
    for (line, span, drawn), (at, *_) in zip(lines[:-1], rows[:-1], strict=True):
        assert round(line["time"] * 1_000) == at
        within = (times > at) & (times <= at + wanted["period_ms"])  # what is known at the close belongs to it
        within[0] |= at == result.start_time
        assert line["value"] == pytest.approx(equity[within][-1], abs=0.02)
        assert span["low"] == pytest.approx(equity[within].min(), abs=0.02)
        assert span["high"] == pytest.approx(equity[within].max(), abs=0.02)
        assert -drawn["value"] == pytest.approx(fall[within].max(), abs=0.001)


def test_the_chart_is_handed_no_more_than_it_can_show(browser: Browser, tmp_path: Path) -> None:
    result, market = run_for(120, "8h")
    result.report(tmp_path / "made.html", market)
    with offline(browser, tmp_path / "made.html") as page:
        wait_until(page, READY)
        start, end = exposed(page, "perpsim.chart.windows.range")
        for share in (1, 0.5, 0.1, 0.01, 0.001):
            shown = loaded(page, round(start), round(start + share * (end - start)))
            assert 5 < len(shown["price"]) <= 1_500
            assert max(len(each) for each in shown.values()) <= 1_500
        assert exposed(page, "perpsim.chart.axis.klines.period") == "1m"


def test_a_wheel_turned_far_brings_minutes(browser: Browser, tmp_path: Path) -> None:
    result, market = run_for(60, "8h")
    result.report(tmp_path / "made.html", market)
    with offline(browser, tmp_path / "made.html") as page:
        wait_until(page, READY)
        assert exposed(page, "perpsim.chart.axis.klines.period") == "1h"
        page.locator(".chart").hover(position={"x": 500, "y": 150})
        for _ in range(80):
            page.mouse.wheel(0, -400)
        wait_until(page, "perpsim.chart.axis.klines.period === '1m'")


def test_entries_exits_and_brackets_are_drawn_on_the_price(
    browser: Browser, twice: StoredTwice, tmp_path: Path
) -> None:
    twice.result.report(tmp_path / "made.html", twice.market)
    trades = [trade for trade in twice.result.trades if trade.symbol == "BTC"]
    bracketed = next(each for each in trades if each.exit_reason in ("tp", "sl"))
    span = {name: getattr(bracketed, name) for name in ("symbol", "entry_timestamp", "exit_timestamp")}
    with offline(browser, tmp_path / "made.html") as page:
        wait_until(page, READY)
        exits = "perpsim.chart.marks.drawn.filter(({ mark }) => mark.pnl !== null && mark.kind !== 'open')"
        marks = exposed(page, f"{exits}.map(each => each.count)")
        exposed(page, f"perpsim.chart.showTrade({span})")
        wait_until(page, f"perpsim.chart.lines.placed.some(each => each.line.start === {bracketed.entry_timestamp})")
        placed = exposed(page, "perpsim.chart.lines.placed.map(each => each.line)")
    assert sum(marks) == len(trades)
    own = [each for each in placed if each["start"] == bracketed.entry_timestamp]
    way, target, stop = own
    assert (way["first"], way["last"]) == pytest.approx((bracketed.entry_price, bracketed.exit_price))
    assert (target["tone"], stop["tone"]) == ("good", "bad")
    hit = target if bracketed.exit_reason == "tp" else stop
    assert hit["first"] == pytest.approx(bracketed.exit_price, rel=5e-3)
    assert {each["end"] for each in own} == {bracketed.exit_timestamp}


def test_more_lines_than_can_be_told_apart_are_counted_until_the_chart_is_zoomed(
    browser: Browser, tmp_path: Path
) -> None:
    result, market = run_for(60, "8h")
    assert result.total_trades > 150
    result.report(tmp_path / "made.html", market)
    with offline(browser, tmp_path / "made.html") as page:
        wait_until(page, READY)
        expect(page.locator("#main")).to_contain_text("lines of trades in sight: zoom in to see them")
        assert exposed(page, "perpsim.chart.lines.placed.length") == 0
        page.get_by_role("button", name="7 d", exact=True).click()
        wait_until(page, "perpsim.chart.lines.placed.length > 20")
        expect(page.locator("#main")).not_to_contain_text("lines of trades in sight")


def test_many_marks_are_added_up_and_said_and_a_wide_range_is_on_a_logarithmic_scale(
    browser: Browser, tmp_path: Path
) -> None:
    result, market = run_for(60, "1h")
    assert result.total_trades > 1_000
    result.report(tmp_path / "made.html", market)
    mode = "perpsim.chart.prices.series.priceScale().options().mode"
    times = "perpsim.chart.axis.klines.time"
    rising = f"{times}.map((at, place) => 1 + (place / 10))"
    with offline(browser, tmp_path / "made.html") as page:
        wait_until(page, READY)
        bars = exposed(page, "perpsim.chart.marks.drawn.map(each => each.bar)")
        total = sum(each["count"] for each in bars)
        assert (total, sum(each["exits"] for each in bars)) == (len(result.fill_records) + 1, result.total_trades)
        told = f"{total:,} of {total:,} marks in sight, added up in {len(bars)} bars of "
        expect(page.locator("#main")).to_contain_text(told)
        assert sum(each["pnl"] for each in bars) == pytest.approx(sum(each.pnl for each in result.trades), abs=0.01)
        assert exposed(page, "perpsim.chart.marks.markers.markers().length") == len(bars) <= 122
        assert exposed(page, mode) == 0
        exposed(
            page, f"perpsim.chart.equity.curve = {{ timestamp: {times}, equity: {rising}, drawdown_percent: {rising} }}"
        )
        exposed(page, "perpsim.chart.equity.draw()")
        assert exposed(page, "perpsim.chart.equity.series.priceScale().options().mode") == 1
        start = exposed(page, "perpsim.chart.windows.range[0]")
        exposed(page, f"perpsim.chart.windows.focus({start + 1e9}, {start + 1.05e9})")
        expect(page.locator("#main")).not_to_contain_text("marks in sight")


def test_a_page_without_prices_shows_the_curve_and_says_so(
    browser: Browser, twice: StoredTwice, tmp_path: Path
) -> None:
    twice.result.report(tmp_path / "made.html")
    with offline(browser, tmp_path / "made.html") as page:
        wait_until(page, READY)
        expect(page.locator("main")).to_contain_text("The prices of BTC, ETH are not at hand: plot(market) draws them.")
        expect(page.locator("#main")).to_contain_text("without prices")
        drawn = exposed(page, "perpsim.chart.equity.series.data().map(each => each.value)")
        prices = exposed(page, "perpsim.chart.prices.series.data()")
    assert len(drawn) > 500
    assert drawn[-1] == pytest.approx(twice.result.final_equity, abs=0.02)
    assert not any("open" in each for each in prices)


def test_a_notebook_frames_the_page_and_the_page_cannot_reach_it(
    browser: Browser, twice: StoredTwice, tmp_path: Path
) -> None:
    shown = twice.result.plot(twice.market)
    assert "srcdoc" not in repr(shown)
    policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
    html = f'<!doctype html><meta http-equiv="Content-Security-Policy" content="{policy}"><p>cell</p>'
    (tmp_path / "notebook.html").write_text(f"{html}{shown._repr_html_()}", "utf-8")
    reached = "(() => { try { return parent.document.title; } catch (error) { return error.name; } })()"
    with offline(browser, tmp_path / "notebook.html") as page:
        frame = page.frames[1]
        wait_until(frame, READY)
        expect(frame.locator("h1")).to_contain_text("Eventful")
        assert exposed(frame, "perpsim.chart.prices.series.data().length") > 100
        assert exposed(frame, reached) == "SecurityError"
        frame.get_by_role("tab", name="Triggers").click()
        frame.locator("table[aria-label=Triggers] tbody tr").nth(3).click()
        expect(frame.locator("#trigger-detail")).to_contain_text("available_balance")


def test_opening_writes_a_temporary_file_and_starts_the_browser(
    twice: StoredTwice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "browser"
    script.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/seen\n')
    script.chmod(0o755)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("BROWSER", str(script))
    monkeypatch.setattr("webbrowser._tryorder", None)
    monkeypatch.setattr("webbrowser._browsers", {})
    path = twice.result.plot(twice.market).open()
    assert (path.parent, path.suffix) == (tmp_path, ".html")
    assert path.read_text("utf-8").startswith("<!doctype html>")
    assert (tmp_path / "seen").read_text().strip() == path.as_uri()
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert not show_in_browser(path)


def test_a_stored_page_is_saved_whole_or_not_at_all(twice: StoredTwice, tmp_path: Path) -> None:
    page = stored_page(twice.database, twice.run_id)
    with pytest.raises(DataError, match="cannot be written"):
        page.save(tmp_path / "no folder" / "made.html")
    page.save(tmp_path / "made.html")
    assert (tmp_path / "made.html").read_text("utf-8") == page.html
    assert os.listdir(tmp_path) == ["made.html"]
    assert result_page(twice.result, twice.market).html != page.html


def test_a_click_on_a_trade_says_why_it_came_about(browser: Browser, tmp_path: Path) -> None:
    told = recorded(TWICE_UP, {1: buy(reason="<b>dip</b>"), 3: close(), 5: buy(), 7: close()}, 9)
    told.result.report(tmp_path / "made.html", TWICE_UP)
    with offline(browser, tmp_path / "made.html") as page:
        wait_until(page, READY)
        page.get_by_role("tab", name="Trades", exact=True).click()
        rows, why = page.locator("table[aria-label=Trades] tbody tr"), page.locator("#explanation")
        expect(why).to_be_empty()
        rows.nth(0).click()
        for section in told.result.explain(trade=1, market=TWICE_UP).sections:
            for step in section.steps:
                expect(why.get_by_role("region", name=section.title, exact=True)).to_contain_text(step.text)
        expect(why).to_contain_text("reason: <b>dip</b>.")
        rows.nth(1).focus()
        page.keyboard.press("Enter")
        expect(why.get_by_role("heading", name="Why trade 2")).to_be_visible()
        expect(why).not_to_contain_text("dip")


def test_a_trade_that_is_not_explained_says_so_and_a_run_without_a_journal_says_nothing(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(why_trades, "MOST_EXPLAINED", 1)
    answers = {1: buy(), 2: close(), 5: buy(), 7: close()}
    recorded(TWICE_UP, answers, 9).result.report(tmp_path / "some.html", TWICE_UP)
    run_script(TWICE_UP, answers, 9)[2].report(tmp_path / "none.html", TWICE_UP)
    for name, text in (("some", "This trade is none of those that made or lost most"), ("none", "")):
        with offline(browser, tmp_path / f"{name}.html") as page:
            wait_until(page, READY)
            page.get_by_role("tab", name="Trades", exact=True).click()
            page.locator("table[aria-label=Trades] tbody tr").nth(0).click()
            expect(page.locator(".chosen")).to_have_count(1)
            expect(page.locator("#explanation")).to_contain_text(text) if text else None
            wait_until(page, "document.querySelector('#explanation') !== null")
            assert (page.locator("#explanation").text_content() == "") is not bool(text)


def test_what_faults_made_of_prices_is_drawn_with_their_spans(browser: Browser, tmp_path: Path) -> None:
    crash = {"kind": "flash_crash", "percent": 40.0, "duration": "30m", "start": START + HOUR, "seed": 3}
    late = {"kind": "fees", "start": START + 2 * HOUR, "duration": "20m", "symbols": ["X"]}
    twice = eventful_twice(tmp_path, faults=[{**crash, "start": "2024-01-05T06:00:00Z"}])
    history = market(X=walk(240))
    _, _, result = run_script(history, {5: buy()}, 200, faults=[crash, late])
    result.report(tmp_path / "memory.html", history)
    stored_page(twice.database, twice.run_id).save(tmp_path / "stored.html")
    for name, at, names in (
        ("memory", START + HOUR, ["flash_crash", "fees"]),
        ("stored", 1_704_434_400_000, ["flash_crash"]),
    ):
        with offline(browser, tmp_path / f"{name}.html") as page:
            wait_until(page, READY)
            drawn = loaded(page, at - 20 * 60_000, at + 90 * 60_000)["price"]
            wait_until(page, f"perpsim.chart.faults.placed.length === {len(names)}")
            placed = exposed(page, "perpsim.chart.faults.placed")
            told = exposed(page, f"perpsim.chart.faults.within({at}, {at} + 60000)")
        before, within = ([each for each in drawn if begin <= each["time"] * 1_000 < end] for begin, end in (
            (at - HOUR // 3, at), (at, at + HOUR // 2),
        ))  # fmt: skip
        lowest = min(each["low"] for each in within)
        assert lowest == pytest.approx(0.6 * before[-1]["close"], rel=0.05)
        assert max(each["high"] for each in within if each["low"] == lowest) < 0.65 * before[-1]["close"]
        assert [each["name"] for each in placed] == names
        assert placed[0]["right"] > placed[0]["left"] + 20
        assert (told[0]["name"], told[0]["effect"].partition(";")[0]) == ("flash_crash", "once, 30m in all")


@pytest.mark.parametrize(
    ("drill_down", "kind", "told"), [(True, "decided", "finer rows"), (False, "ambiguous", "rule pessimistic")]
)
def test_klines_that_touched_two_exits_are_marked(
    browser: Browser, tmp_path: Path, drill_down: bool, kind: str, told: str
) -> None:
    minutes = walk(600, volatility=0.004)
    history = MarketHistory([SymbolHistory("X", aggregate(minutes, HOUR), finer=[minutes])])

    def entry(data: Any) -> Decision:
        price = data.get_price("X")
        return buy(take_profit_price=price * 1.003, stop_loss_price=price * 0.997)

    fields = {"base_period": "1h", "drill_down": drill_down}
    _, _, result = run_script(history, {60: entry}, 500, **fields)
    (row,) = result.double_touches
    assert (row["symbol"], row["told_by"], row["first"]) == ("X", told, result.trades[0].exit_reason)
    assert row["timestamp"] == result.trades[0].exit_timestamp
    result.report(tmp_path / "made.html", history)
    with offline(browser, tmp_path / "made.html") as page:
        wait_until(page, READY)
        marks = exposed(page, f"perpsim.chart.marks.drawn.filter((each) => each.mark.kind === '{kind}')")
        touched = exposed(page, f"perpsim.chart.marks.touchesIn({row['timestamp'] - HOUR})")
        expect(page.get_by_role("button", name="Two exits")).to_have_count(1)
    assert [each["at"] for each in marks] == [row["timestamp"] - HOUR]
    assert [(each["kind"], each["side"]) for each in touched] == [(kind, row["first"])]
