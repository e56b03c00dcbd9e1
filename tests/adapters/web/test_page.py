"""The web page in a real browser: what a person does there, on a real server."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from adapters import open_database, read_config_file, write_klines
from adapters.results import ResultStore
from engine import BacktestConfig
from engine.config import SETTINGS
from engine.contract import ExitReason
from engine.profiles import PROFILES
from tests.support.commands import perpsim
from tests.support.databases import raw_database
from tests.support.eventful_run import EVENTFUL, add_funding
from tests.support.klines import random_klines
from tests.support.patience import until
from tests.support.platform_results import add_platform_run, add_platform_tables
from tests.support.runs import Hold
from tests.support.web_server import DIPS, SLOW, START, Server, configuration, copied, make_market

from tests.support.browsers import launched, wait_until  # isort: skip - skips the tests where there is no browser

from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.xdist_group("page")
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    market = make_market(tmp_path_factory.mktemp("page market"))
    found = Server(add_funding(copied(market, tmp_path_factory.mktemp("page"))), "--runs", "2")
    yield found
    found.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as found:
        yield found


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """A page of a fresh profile; afterwards nothing was asked of another machine and no script has failed."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    found = context.new_page()
    foreign: list[str] = []
    failed: list[str] = []
    found.on("request", lambda each: None if _is_here(each.url) else foreign.append(each.url))
    found.on("pageerror", lambda error: failed.append(str(error)))
    found.on("dialog", lambda each: failed.append(each.message))
    found.on("console", lambda each: failed.append(each.text) if "Content Security" in each.text else None)
    yield found
    context.close()
    assert foreign == []
    assert failed == []


@pytest.fixture(scope="module")
def done(server: Server) -> int:
    return server.run()


@pytest.fixture(scope="module")
def eventful(server: Server) -> int:
    return server.run(**EVENTFUL)


def _is_here(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("data", "blob") or parts.hostname == "127.0.0.1"


def show(page: Page, server: Server, place: str) -> None:
    """Load a place anew: a page that only changes its place keeps what it has."""
    page.goto("about:blank")
    page.goto(f"{server.url}/#/{place}")


def write(page: Page, code: str) -> None:
    """Write a program as a person would: into the editor."""
    wait_until(page, "window.perpsim?.editor")
    page.evaluate("code => { perpsim.editor.text = code }", code)


def exposed(page: Page, expression: str) -> Any:
    return page.evaluate(f"() => {expression}")


def after_a_frame(page: Page) -> None:
    """Let the page draw what it was told."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def start(page: Page, server: Server, code: str, interval: str = "15m") -> int:
    """Start a back-test through the form and return its id."""
    show(page, server, "new")
    write(page, code)
    page.get_by_role("button", name="Everything").click()
    page.locator("select[name=scheduled_interval]").select_option(interval)
    page.locator("#run").click()
    page.wait_for_url("**/#/results/*")
    return int(page.url.rpartition("/")[2])


def test_a_validation_error_stands_at_its_line(page: Page, server: Server) -> None:
    show(page, server, "new")
    write(page, "class A:\n    def should_trade(self, data):\n        return open('x')\n")
    problem = page.locator(".problems li.bad").first
    expect(problem).to_contain_text("line 3")
    expect(problem).to_contain_text("open")
    expect(page.locator(".cm-lint-marker-error")).to_have_count(1)
    problem.get_by_role("button").click()
    expect(page.locator(".cm-activeLine")).to_contain_text("return open")
    page.locator("#run").click()
    expect(page.locator("#toast")).to_contain_text("problems")
    assert page.url.endswith("#/new")


def test_a_new_program_is_in_the_platforms_language_unless_another_is_chosen(page: Page, server: Server) -> None:
    show(page, server, "new")
    write(page, "import statistics\n" + DIPS)
    language = page.locator("[name=language]")
    expect(language).to_have_value("platform")
    expect(page.locator("label", has=language)).to_contain_text("a served page and its API begin with platform")
    expect(page.locator(".problems")).to_contain_text("imports are not allowed")
    language.select_option("python")
    expect(page.locator(".problems")).not_to_contain_text("imports")
    page.get_by_role("button", name="Run back-test").click()
    expect(page.locator(".badge.completed")).to_be_visible(timeout=60_000)
    page.get_by_role("tab", name="Configuration").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("python")


def test_a_wrong_field_is_marked_in_the_form(page: Page, server: Server) -> None:
    show(page, server, "new")
    page.locator("input[name=fee_rate]").fill("99")
    expect(page.locator("input[name=fee_rate]")).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".problems")).to_contain_text("fee_rate")
    page.get_by_role("button", name="No costs").click()
    expect(page.locator("input[name=fee_rate]")).to_have_attribute("aria-invalid", "false")


def test_a_program_is_written_run_and_watched_and_its_result_is_shown(page: Page, server: Server) -> None:
    run_id = start(page, server, DIPS.replace('("BTC", "ETH")', '(data.trigger_symbol or "BTC",)'), "1m")
    wait_until(page, "window.perpsim?.progress?.length >= 2")
    expect(page.locator("#progress-figures")).to_contain_text("a second")
    expect(page.locator(".badge.completed")).to_be_visible(timeout=60_000)
    wait_until(page, "window.perpsim?.ready_ms")
    seen = exposed(page, "perpsim.progress")
    assert [each["current"] for each in seen] == sorted(each["current"] for each in seen)
    found = server.get(f"/api/backtests/{run_id}")
    expect(page.locator("[data-figure=total_trades] b")).to_have_text(f"{found['total_trades']:,}")


def test_a_reload_in_the_middle_of_a_run_finds_it_still_running_and_it_can_be_cancelled(
    page: Page, server: Server
) -> None:
    run_id = start(page, server, SLOW)
    wait_until(page, "window.perpsim?.progress?.length >= 2")
    page.reload()
    wait_until(page, "window.perpsim?.progress?.length >= 2")
    expect(page.locator("#stage")).to_contain_text("Running")
    page.locator("#cancel").click()
    expect(page.locator(".badge.error")).to_be_visible(timeout=5_000)
    expect(page.get_by_role("alert")).to_contain_text("cancelled")
    assert server.get(f"/api/backtests/{run_id}")["error"] == "cancelled"


def test_the_marks_on_the_chart_stand_where_the_trades_were(page: Page, server: Server, done: int) -> None:
    show(page, server, f"results/{done}")
    wait_until(page, "window.perpsim?.ready_ms")
    trades = [row for row in server.get(f"/api/backtests/{done}/trades", limit=500)["items"] if row["symbol"] == "BTC"]
    drawn = exposed(page, "perpsim.chart.drawn.map(each => ({at: each.at, count: each.count, ...each.mark}))")
    period = exposed(page, "perpsim.chart.candles.period_ms")
    assert sum(each["count"] for each in drawn if each["kind"] == "entry") == len({row["timestamp"] for row in trades})
    assert sum(each["count"] for each in drawn if each["kind"] in ("tp", "sl")) == len(trades)
    assert all(each["at"] <= each["time"] < each["at"] + period for each in drawn)
    times = set(exposed(page, "perpsim.chart.candles.time"))
    assert {each["at"] for each in drawn} <= times


def test_the_chart_goes_from_everything_to_a_minute(page: Page, server: Server, done: int) -> None:
    show(page, server, f"results/{done}")
    wait_until(page, "window.perpsim?.ready_ms")
    periods = []
    for name in ("All", "1 d", "30 m"):
        page.evaluate("() => { perpsim.chart.before = perpsim.chart.candles }")
        page.get_by_role("button", name=name, exact=True).click()
        wait_until(page, "perpsim.chart.candles !== perpsim.chart.before && !perpsim.chart.loading")
        periods.append(exposed(page, "perpsim.chart.candles.period_ms"))
    assert periods == sorted(periods, reverse=True)
    wait_until(page, "perpsim.chart.candles.period_ms == 60000")
    page.locator(".chart").focus()
    page.keyboard.press("Home")
    wait_until(page, "perpsim.chart.candles.period_ms > 60000")
    for _ in range(14):
        page.keyboard.press("+")
        after_a_frame(page)
    wait_until(page, "perpsim.chart.candles.period_ms == 60000")


def test_trades_are_sorted_and_a_click_shows_one_in_the_chart(page: Page, server: Server, done: int) -> None:
    show(page, server, f"results/{done}")
    wait_until(page, "window.perpsim?.ready_ms")
    best = server.get(f"/api/backtests/{done}/trades", sort="pnl", descending=True, limit=1)["items"][0]
    page.get_by_role("button", name="Net PnL", exact=True).click()
    first = page.locator("table[aria-label=Trades] tbody tr").first
    expect(first).to_contain_text(f"{best['pnl']:+.2f}")
    expect(page.locator("th[aria-sort=descending]")).to_have_count(1)
    first.focus()
    page.keyboard.press("Enter")
    most = 4 * (best["exit_timestamp"] - best["timestamp"]) + 7_200_000
    wait_until(page, f"perpsim.chart.window()[1] - perpsim.chart.window()[0] < {most} && !perpsim.chart.loading")
    start_ms, end_ms = exposed(page, "perpsim.chart.window()")
    assert start_ms < best["timestamp"] < best["exit_timestamp"] < end_ms
    assert end_ms - start_ms < most
    assert exposed(page, "perpsim.chart.symbol.value") == best["symbol"]
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


SELDOM = """
class Seldom:
    def should_trade(self, data):
        if data.timestamp // 3_600_000 % 24 == 3:
            log("three o'clock")
"""


def has_completed(server: Server, run_id: int) -> bool:
    return bool(server.get(f"/api/backtests/{run_id}")["status"] == "completed")


def test_quiet_triggers_are_kept_when_that_is_ticked_and_told_of_when_not(page: Page, server: Server) -> None:
    seldom = server.run(code=SELDOM, scheduled_interval="1h")
    totals = []
    for is_ticked in (False, True):
        show(page, server, f"new/{seldom}")
        wait_until(page, "window.perpsim?.form")
        page.locator("#all-triggers").set_checked(is_ticked)
        run_id = run_again(page)
        until(partial(has_completed, server, run_id))
        show(page, server, f"results/{run_id}")
        page.get_by_role("tab", name="Triggers").click()
        expect(page.locator("table[aria-label=Triggers] tbody tr").first).to_be_visible()
        found = server.get(f"/api/backtests/{run_id}")
        totals.append(found["total_triggers"] - found["triggers_saved"])
        note = page.locator("#unsaved")
        if is_ticked:
            expect(note).to_have_count(0)
        else:
            expect(note).to_have_text(f"{totals[0]:,} triggers of which nothing came are not stored")
    assert totals[0] > totals[1] == 0


def test_the_funnel_says_why_there_are_no_trades(page: Page, server: Server) -> None:
    decision = "Decision('buy', 'BTC', target_portion_of_balance=0.5, leverage=500)"
    code = f"class A:\n    def should_trade(self, data):\n        return {decision}\n"
    run_id = server.run(code=code)
    show(page, server, f"results/{run_id}")
    page.get_by_role("tab", name="Why no trades").click()
    expect(page.locator("#funnel")).to_contain_text("rejected")
    expect(page.locator("#funnel")).to_contain_text("leverage")
    expect(page.locator("#funnel")).to_contain_text("960")


def test_every_exit_is_shown_marked_and_looked_for(page: Page, server: Server, eventful: int) -> None:
    show(page, server, f"results/{eventful}")
    wait_until(page, "window.perpsim?.ready_ms")
    reasons = {row["exit_reason"] for row in server.get(f"/api/backtests/{eventful}/trades", limit=500)["items"]}
    assert reasons == set(ExitReason)
    drawn = {each["kind"] for each in exposed(page, "perpsim.chart.drawn.map(each => each.mark)")}
    assert drawn - {"entry"} == {mark for mark in reasons if mark in drawn} >= {"trailing", "time", "liquidation"}
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


def test_two_runs_are_compared_from_the_history(page: Page, server: Server, done: int) -> None:
    other = server.run(params={"threshold": 30})
    show(page, server, "history")
    for run_id in (done, other):
        page.get_by_label(f"Compare {run_id}", exact=True).check()
    page.locator("#compare").click()
    wait_until(page, "window.perpsim?.compared?.length == 2")
    first, second = exposed(page, "perpsim.compared")
    assert first != second
    assert min(len(first), len(second)) > 100
    settings = page.get_by_label("Settings that differ")
    expect(settings).to_contain_text('{"threshold":30}')
    expect(page.get_by_label("Figures that differ")).to_contain_text("Net PnL, USD")


def test_a_condition_is_previewed_on_the_chart(page: Page, server: Server) -> None:
    show(page, server, "pools")
    page.locator("#preview").click()
    expect(page.locator("#preview-summary")).to_contain_text("times,")
    found, marks = exposed(page, "[perpsim.preview.found, perpsim.preview.marks]")
    assert sum(1 for _ in marks) <= found["trigger_count"] == len(found["times"])
    page.locator("textarea").fill('[{"metric": "nonsense"}]')
    page.locator("#preview").click()
    expect(page.get_by_role("alert")).to_contain_text("nonsense")


def test_the_draft_becomes_toml_and_survives_a_reload(page: Page, server: Server) -> None:
    show(page, server, "new")
    write(page, DIPS.replace("Dips", "Kept"))
    page.locator("input[name=initial_balance]").fill("2500")
    wait_until(page, "/2500.*Kept|Kept.*2500/.test(localStorage.getItem('draft'))")
    page.reload()
    wait_until(page, "window.perpsim?.editor")
    assert "class Kept" in exposed(page, "perpsim.editor.text")
    expect(page.locator("input[name=initial_balance]")).to_have_value("2500")
    page.locator("#toml").click()
    expect(page.locator("#toast.shown").or_(page.locator("dialog pre"))).to_contain_text(re.compile("Copied|2500"))


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_its_window(browser: Browser, server: Server, done: int, width: int, scheme: Any) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    other = server.get("/api/backtests")["items"][0]["id"]
    for place, is_there in (
        ("new", "window.perpsim?.editor"),
        (f"results/{done}", "window.perpsim?.ready_ms"),
        ("history", "document.querySelector('tbody tr')"),
        (f"compare/{done}/{other}", "window.perpsim?.compared"),
        ("pools", "document.querySelector('#preview')"),
    ):
        show(page, server, place)
        page.wait_for_selector("h1")
        wait_until(page, is_there)
        after_a_frame(page)
        assert exposed(page, "document.documentElement.scrollWidth") <= width, place
        assert exposed(page, "document.documentElement.dataset.theme") == scheme
    context.close()


def test_the_keyboard_is_enough(page: Page, server: Server, done: int) -> None:
    show(page, server, f"results/{done}")
    wait_until(page, "window.perpsim?.ready_ms")
    page.keyboard.press("Tab")
    assert exposed(page, "document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    assert exposed(page, "document.activeElement.id") == "main"
    page.get_by_role("tab", name="Trades", exact=True).focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Triggers")).to_be_focused()
    expect(page.locator("table[aria-label=Triggers]")).to_be_visible()
    page.locator("[data-figure=sharpe_ratio]").focus()
    expect(page.locator("[data-figure=sharpe_ratio] .tip")).to_be_visible()


def test_a_browser_asks_for_the_token_once(browser: Browser, tmp_path: Path) -> None:
    server = Server(make_market(tmp_path, days=2), token="a secret of the tests")
    try:
        context = browser.new_context()
        page = context.new_page()
        show(page, server, "new")
        page.get_by_label("Token").fill("wrong")
        page.keyboard.press("Enter")
        expect(page.locator("dialog .bad")).to_contain_text("wrong")
        page.get_by_label("Token").fill("a secret of the tests")
        page.keyboard.press("Enter")
        expect(page.locator("#run")).to_be_visible()
        context.close()
    finally:
        server.close()


def test_a_configuration_of_the_past_is_changed_and_run_again(page: Page, server: Server) -> None:
    run_id = server.run(params={"threshold": 41}, start_time=START + 86_400_000)
    show(page, server, f"results/{run_id}")
    page.get_by_role("link", name="Change and run again").click()
    wait_until(page, "window.perpsim?.form && perpsim.form.values().params.threshold === 41")
    values = exposed(page, "perpsim.form.values()")
    assert values["start_time"] == START + 86_400_000
    assert values["symbols"] == configuration()["symbols"]


#: Every field with a value that is not its default, and some that the form's inputs cannot show as they are.
UNUSUAL: dict[str, Any] = {
    "code": DIPS.replace("\n", "\r\n") + "# '''\n",
    "params": {"whole": 1.0, "large": 2**60, "text": 'a "b"\n', "deep": [{"a b": [True, 0.1]}]},
    "signal_pool_ids": [7, 3],
    "symbols": ["GONE", "ETH", "BTC"],
    "start_time": START + 5 * 86_400_000 + 7_123,
    "end_time": START + 6 * 86_400_000 + 59_000,
    "scheduled_interval": 90,
    "initial_balance": 2_500.5,
    "slippage_percent": 0.0,
    "fee_rate": 1e-7,
    "execution_price": "vwap",
    "exchange": "elsewhere",
    "schedule_mode": "after_trigger",
    "wake_on": ["liquidation", "fill"],
    "maker_fee_rate": -0.01,
    "mark_stale_ms": 1,
    "price_stale_ms": 1_234_567,
    "intrabar": "nearest_open",
    "drill_down": True,
    "watch_period": "15s",
    "trigger_price": "mark",
    "warm_up": "trade",
    "bracket_execution": "as_decided",
    "fill_on": "touch",
    "on_strategy_error": "hold",
    "language": "platform",
    "profile": "live",
    "max_leverage": 9,
    "strategy_lifetime": "trigger",
    "base_period": "3m",
    "order_latency_ms": 500,
    "strict_data": True,
    "liquidation": False,
    "funding": False,
    "funding_interval": "4h",
    "margin_mode": "isolated",
    "venue": "binance_um",
    "fee_model": "tiers",
    "slippage_model": "volume_share",
    "slippage_impact_percent": 2.0,
    "latency_model": "time_of_day",
    "latency_sigma": 1.0,
    "latency_seed": 2**63 + 1,
    "latency_by_hour_ms": list(range(24)),
    "volume_cap_percent": 12.5,
    "max_position_usd": 1_000.0,
    "max_daily_loss_usd": 99.0,
    "max_open_orders": 3,
    "stop_cooldown_seconds": 60,
    "faults": [
        {
            "kind": "rejects",
            "percent": 12.5,
            "start": START + 5 * 86_400_000,
            "every": "1d",
            "duration": "2h",
            "seed": 7,
        },
        {"kind": "outage", "rate_per_day": 1.0},
    ],
}


def store(server: Server, config: BacktestConfig) -> int:
    """Store a run of a configuration that has ended, and return its id."""
    run = ResultStore(open_database(f"sqlite:///{server.market}")).begin(config)
    run.fail("made for a test")
    return run.run_id


def form_values(page: Page, server: Server, run_id: int) -> str:
    """Open the form with the configuration of a stored run; return what it would send, as JSON."""
    show(page, server, f"new/{run_id}")
    wait_until(page, "window.perpsim?.form")
    found: str = exposed(page, "JSON.stringify(perpsim.form.values())")
    return found


def run_again(page: Page) -> int:
    page.locator("#run").click()
    page.wait_for_url("**/#/results/*")
    return int(page.url.rpartition("/")[2])


def plain_text(config: dict[str, Any]) -> str:
    """A configuration as JSON, in which 1 and 1.0 are two things. No browser sends a class."""
    return json.dumps({name: value for name, value in config.items() if name != "strategy"}, sort_keys=True)


def test_every_field_goes_through_form_and_toml_and_stays_the_same(page: Page, server: Server, tmp_path: Path) -> None:
    config = BacktestConfig.from_dict(UNUSUAL)
    wanted = plain_text(config.to_dict())
    assert set(UNUSUAL) == set(SETTINGS) - {"strategy"}
    assert [name for name, value in UNUSUAL.items() if value == SETTINGS[name].default] == []
    sent = form_values(page, server, store(server, config))
    assert plain_text(json.loads(sent)) == wanted
    found = server.client.post("/api/configurations/validate", content=sent, headers=JSON).json()
    (tmp_path / "again.toml").write_text(found["toml"], "utf-8")
    assert plain_text(read_config_file(tmp_path / "again.toml").config.to_dict()) == wanted
    again = run_again(page)
    assert plain_text(server.get(f"/api/backtests/{again}")["config"]) == wanted


def test_a_profile_that_is_chosen_shows_what_it_sets_and_what_is_changed_then_wins(page: Page, server: Server) -> None:
    show(page, server, "new")
    wait_until(page, "window.perpsim?.form")
    plain = exposed(page, "perpsim.form.values()")
    page.locator("[name=profile]").select_option("live")
    values = exposed(page, "perpsim.form.values()")
    assert values == {**plain, "profile": "live", **PROFILES["live"]}
    page.locator("summary", has_text="Execution").click()
    page.locator("[name=warm_up]").select_option("hold")
    run_id = run_again(page)
    config = server.get(f"/api/backtests/{run_id}")["config"]
    assert {name: config[name] for name in PROFILES["live"]} == {**PROFILES["live"], "warm_up": "hold"}
    show(page, server, "new")
    wait_until(page, "window.perpsim?.form")
    page.locator("[name=profile]").select_option("")
    assert exposed(page, "perpsim.form.values()") == {**plain, "profile": None}


def test_the_smallest_configuration_stays_the_same_too(page: Page, server: Server) -> None:
    config = BacktestConfig.from_dict({**configuration(), "scheduled_interval": None, "signal_pool_ids": [4]})
    run_id = store(server, config)
    assert plain_text(json.loads(form_values(page, server, run_id))) == plain_text(config.to_dict())


def test_a_run_that_is_run_again_gives_the_same_result(page: Page, server: Server) -> None:
    changes = {"venue": "binance_um", "margin_mode": "isolated", "order_latency_ms": 500, "max_open_orders": 3}
    first = server.run(**changes, start_time="2024-01-05T00:00:30Z", end_time="2024-01-15T00:00:45Z")
    form_values(page, server, first)
    second = run_again(page)
    expect(page.locator(".badge.completed")).to_be_visible(timeout=60_000)
    found, again = (server.get(f"/api/backtests/{each}") for each in (first, second))
    assert found["total_trades"] > 0
    assert (again["config"], again["final_equity"]) == (found["config"], found["final_equity"])


def test_what_is_changed_in_the_form_is_all_that_changes(page: Page, server: Server) -> None:
    run_id = store(server, BacktestConfig.from_dict(UNUSUAL))
    before = json.loads(form_values(page, server, run_id))
    page.locator("summary", has_text="Slippage, latency").click()
    page.locator("[name=order_latency_ms]").fill("250")
    page.locator("summary", has_text="Limits").click()
    page.locator("[name=max_open_orders]").fill("")
    page.locator("[name=start_time]").fill("2024-01-05T01:02:03")
    page.get_by_label("GONE").uncheck()
    page.get_by_label("GONE").check()
    page.locator("[name=scheduled_interval]").select_option("")
    after = json.loads(exposed(page, "JSON.stringify(perpsim.form.values())"))
    changes = {"order_latency_ms": 250, "start_time": "2024-01-05T01:02:03Z", "symbols": ["ETH", "BTC", "GONE"]}
    wanted = {**before, **changes, "scheduled_interval": None}
    del wanted["max_open_orders"]
    assert after == wanted


def test_a_field_that_this_server_does_not_know_is_shown_and_can_be_left_out(page: Page, server: Server) -> None:
    run_id = store(server, BacktestConfig.from_dict(configuration()))
    with closing(sqlite3.connect(server.market)) as connection, connection:
        change = "UPDATE backtest_results SET config = json_set(config, '$.gravity', 9.5) WHERE id = ?"
        connection.execute(change, [run_id])
    assert json.loads(form_values(page, server, run_id))["gravity"] == 9.5
    expect(page.locator(".problems")).to_contain_text("gravity")
    page.locator("[name=gravity]").fill("")
    expect(page.locator(".problems")).not_to_contain_text("gravity")


def test_a_run_of_a_python_class_asks_for_its_source_text(page: Page, server: Server) -> None:
    config = BacktestConfig(**{**configuration(), "code": None, "strategy": Hold})
    form_values(page, server, store(server, config))
    expect(page.get_by_role("form", name="Configuration")).to_contain_text("run from Python with Hold")
    assert exposed(page, "perpsim.editor.text") == ""


def test_groups_that_few_change_are_folded_and_say_what_is_set_in_them(page: Page, server: Server) -> None:
    form_values(page, server, store(server, BacktestConfig.from_dict(configuration(venue="binance_um"))))
    expect(page.locator("[name=venue]")).not_to_be_visible()
    folded = page.locator("summary", has_text="Venue and margin")
    expect(folded).to_contain_text("Venue: binance_um")
    folded.click()
    page.locator("[name=venue]").select_option("")
    page.locator("[name=fee_model]").select_option("tiers")
    expect(page.locator("label", has=page.locator("[name=fee_model]"))).to_contain_text("venue must be given")
    expect(folded).not_to_contain_text("binance_um")


@pytest.mark.parametrize("kind", ["done", "eventful"])
def test_a_report_shows_the_result_without_server_and_network(
    browser: Browser, server: Server, request: pytest.FixtureRequest, kind: str, tmp_path: Path
) -> None:
    from click.testing import CliRunner

    from adapters import main

    done = request.getfixturevalue(kind)
    file = tmp_path / "report.html"
    command = ["report", str(done), "--database", f"sqlite:///{server.market}", "--html", str(file)]
    written = CliRunner().invoke(main, command)
    assert written.exit_code == 0, written.output
    missing = CliRunner().invoke(main, ["report", "9999", *command[2:]])
    assert (missing.exit_code, "there is no back-test 9999" in missing.output) == (1, True)
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    page = context.new_page()
    asked: list[str] = []
    failed: list[str] = []
    page.on("request", lambda each: None if each.url.startswith(("data:", "file:")) else asked.append(each.url))
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.on("dialog", lambda each: failed.append(each.message))
    page.goto(file.as_uri())
    wait_until(page, "window.perpsim?.ready_ms")
    trades = server.get(f"/api/backtests/{done}/trades", sort="pnl", descending=True, limit=500)
    page.get_by_role("button", name="Net PnL", exact=True).click()
    first = page.locator("table[aria-label=Trades] tbody tr").first
    expect(first).to_contain_text(f"{trades['items'][0]['pnl']:+,.2f}")
    drawn = exposed(page, "perpsim.chart.drawn.filter(each => each.mark.kind !== 'entry').map(each => each.count)")
    assert sum(drawn) == sum(row["symbol"] == "BTC" for row in trades["items"])
    page.get_by_role("tab", name="Triggers").click()
    page.locator("table[aria-label=Triggers] tbody tr").nth(3).click()
    expect(page.locator("#trigger-detail")).to_contain_text("available_balance")
    page.keyboard.press("Escape")
    page.get_by_label("Which triggers").select_option("fills")
    fills = server.get(f"/api/backtests/{done}/triggers", only="fills")["total"]
    expect(page.locator("table[aria-label=Triggers] tbody tr")).to_have_count(min(fills, 50))
    page.get_by_role("tab", name="Venue and limits").click()
    liquidations = server.get(f"/api/backtests/{done}")["figures"]["liquidations"]
    expect(page.locator("[data-figure=liquidations] b")).to_have_text(f"{len(liquidations)}")
    context.close()
    assert asked == failed == []


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
        assert exposed(each, "[...perpsim.chart.recordSeries.keys()].sort()") == ["<b>hours</b>", "price"]
        assert exposed(each, "perpsim.chart.box.offsetHeight") > before[1] + 100
        values = exposed(each, "perpsim.chart.recordSeries.get('<b>hours</b>').data().map(point => point.value)")
        assert (min(values), max(values)) == (0, 23.75)
    context.close()


def test_the_report_of_a_run_of_the_platform_shows_what_its_row_has(browser: Browser, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'platform.db'}"
    write_klines(open_database(url, create=True), "hyperliquid", "BTC", "1m", random_klines(2_000))
    with raw_database(url) as raw:
        add_platform_tables(raw, url)
        add_platform_run(raw)
    file = tmp_path / "report.html"
    assert perpsim("report", 1, "--html", file, "--database", url).exit_code == 0
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    page = context.new_page()
    failed: list[str] = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.goto(file.as_uri())
    wait_until(page, "window.perpsim?.ready_ms")
    expect(page.locator("[data-figure=final_equity]").first).to_contain_text("10,123.50")
    expect(page.locator("[data-figure=fees_paid]").first).to_contain_text("not stored")
    for tab in page.get_by_role("tab").all():
        tab.click()
    page.get_by_role("tab", name="Triggers").click()
    page.locator("table[aria-label=Triggers] tbody tr").nth(1).click()
    expect(page.locator("#trigger-detail")).to_contain_text("get_price")
    expect(page.locator("#trigger-detail")).to_contain_text("buy")
    assert failed == []
    context.close()
