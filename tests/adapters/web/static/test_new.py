"""The page of a new back-test: write a program, see its problems, run it."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest

from adapters import create_database, open_database
from engine import BacktestConfig
from engine.profiles import PROFILES
from tests.support.patience import until
from tests.support.runs import Hold
from tests.support.web_pages import exposed, form_values, has_completed, run_again, show, store, write
from tests.support.web_server import DIPS, START, Server, configuration

from tests.support.browsers import wait_until  # isort: skip - skips the tests where there is no browser

from playwright.sync_api import Page, expect

pytestmark = pytest.mark.xdist_group("page")


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
    expect(page.locator("#toast")).to_contain_text("Not started: a problem. code: open()")
    assert page.url.endswith("#/new")
    assert exposed(page, "perpsim.editor.view.hasFocus")


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


def test_the_draft_becomes_toml_and_survives_a_reload(page: Page, server: Server) -> None:
    show(page, server, "new")
    write(page, DIPS.replace("Dips", "Kept"))
    page.locator("input[name=initial_balance]").fill("2500")
    wait_until(page, "/2500.*Kept|Kept.*2500/.test(localStorage.getItem('draft #/new'))")
    page.reload()
    wait_until(page, "window.perpsim?.editor")
    assert "class Kept" in exposed(page, "perpsim.editor.text")
    expect(page.locator("input[name=initial_balance]")).to_have_value("2500")
    page.locator("#toml").click()
    expect(page.locator("#toast.shown").or_(page.locator("dialog pre"))).to_contain_text(re.compile("Copied|2500"))


SELDOM = """
class Seldom:
    def should_trade(self, data):
        if data.timestamp // 3_600_000 % 24 == 3:
            log("three o'clock")
"""


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


def test_a_configuration_of_the_past_is_changed_and_run_again(page: Page, server: Server) -> None:
    run_id = server.run(params={"threshold": 41}, start_time=START + 86_400_000)
    show(page, server, f"results/{run_id}")
    page.get_by_role("link", name="Change and run again").click()
    wait_until(page, "window.perpsim?.form && perpsim.form.values().params.threshold === 41")
    values = exposed(page, "perpsim.form.values()")
    assert values["start_time"] == START + 86_400_000
    assert values["symbols"] == configuration()["symbols"]
    page.locator("input[name=fee_rate]").fill("0.04")
    run_again(page)
    assert drafts(page) == []  # it is a run now


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


def test_a_run_that_is_run_again_gives_the_same_result(page: Page, server: Server) -> None:
    changes = {"venue": "binance_um", "margin_mode": "isolated", "order_latency_ms": 500, "max_open_orders": 3}
    first = server.run(**changes, start_time="2024-01-05T00:00:30Z", end_time="2024-01-15T00:00:45Z")
    form_values(page, server, first)
    second = run_again(page)
    expect(page.locator(".badge.completed")).to_be_visible(timeout=60_000)
    found, again = (server.get(f"/api/backtests/{each}") for each in (first, second))
    assert found["total_trades"] > 0
    assert (again["config"], again["final_equity"]) == (found["config"], found["final_equity"])


def test_a_run_of_a_python_class_asks_for_its_source_text(page: Page, server: Server) -> None:
    config = BacktestConfig(**{**configuration(), "code": None, "strategy": Hold})
    form_values(page, server, store(server, config))
    expect(page.get_by_role("form", name="Configuration")).to_contain_text("run from Python with Hold")
    assert exposed(page, "perpsim.editor.text") == ""


def test_a_new_form_begins_with_what_can_be_run_after_the_warm_up(page: Page, server: Server) -> None:
    show(page, server, "new")
    wait_until(page, "window.perpsim?.form")
    values = exposed(page, "perpsim.form.values()")
    day = 86_400_000
    assert (values["start_time"], values["end_time"]) == (START + 15 * day // 24, START + 20 * day)
    expect(page.locator("#usable")).to_have_text(
        "Stored: 2024-01-01 00:00 to 2024-01-21 00:00 UTC. "
        "Warm-up: RSI14 on 1h needs 15 klines: it has them from 2024-01-01 15:00 on."
    )
    page.get_by_role("button", name="Everything").click()
    expect(page.locator(".problems")).to_contain_text("start at 2024-01-01 15:00:00 UTC or later")
    page.get_by_role("button", name="All after the warm-up").click()
    expect(page.locator(".problems")).not_to_contain_text("or later")
    assert exposed(page, "perpsim.form.values().start_time") == values["start_time"]
    assert '"traded", ["BTC"]' in values["code"]
    page.locator("input[value=ETH]").check()
    assert '"traded", ["BTC","ETH"]' in exposed(page, "perpsim.form.values().code")
    expect(page.locator(".problems li.bad")).to_have_count(0)
    run_id = run_again(page)
    until(partial(has_completed, server, run_id))
    trades = server.get(f"/api/backtests/{run_id}/trades")["items"]
    assert {each["symbol"] for each in trades} == {"BTC", "ETH"}


def test_what_a_file_says_and_cannot_be_taken_stays_told_until_it_is_set_aside(page: Page, server: Server) -> None:
    show(page, server, "new")
    wait_until(page, "window.perpsim?.form")
    text = 'scheduled_intervall = "1h"\nleverge = 3\nstart_time = 2024-01-06T00:00:00\n'
    file = {"name": "bad.toml", "mimeType": "text/plain", "buffer": text.encode()}
    page.locator("input[accept='.toml']").set_input_files(file)
    problems = page.locator(".problems")
    expect(problems).to_contain_text("bad.toml: scheduled_intervall: is left out")
    expect(problems).to_contain_text("bad.toml: leverge: is left out")
    start = page.locator("[name=start_time]")
    expect(problems).to_contain_text("has no time zone")
    expect(start.locator("xpath=../..")).to_contain_text("what is typed here is UTC")
    start.fill("2024-01-06T00:00")  # the same
    expect(problems).not_to_contain_text("has no time zone")
    assert exposed(page, "perpsim.form.values().start_time").startswith("2024-01-06T00:00")
    wait_until(page, "/leverge/.test(localStorage.getItem('draft #/new'))")
    page.reload()
    problems.get_by_role("listitem").filter(has_text="leverge").get_by_role("button").click()
    expect(problems).not_to_contain_text("leverge")
    expect(problems).to_contain_text("scheduled_intervall")


def test_without_market_data_the_form_and_the_desk_say_where_it_comes_from(page: Page, tmp_path: Path) -> None:
    create_database(open_database(tmp_path / "empty.db", create=True))
    empty = Server(tmp_path / "empty.db")
    try:
        show(page, empty, "history")
        expect(page.locator("#no-data")).to_contain_text("perpsim synth")
        show(page, empty, "new")
        expect(page.locator(".problems")).to_contain_text("no time is given")
        expect(page.get_by_role("button", name="Everything")).to_be_disabled()
        page.get_by_role("link", name="Import or download some").click()
        expect(page.locator("h1")).to_have_text("Data")
    finally:
        empty.close()


def test_what_differs_from_the_run_that_is_changed_is_listed(page: Page, server: Server) -> None:
    first = store(server, BacktestConfig.from_dict(configuration(order_latency_ms=50)))
    form_values(page, server, first)
    told = page.get_by_role("region", name="Changes")
    expect(told).to_contain_text(f"Nothing is changed yet: this would be back-test {first} once more")
    page.locator("input[name=fee_rate]").fill("0.04")
    page.locator(".cm-content").click()
    page.keyboard.type("#")
    expect(told).to_contain_text(f"2 changes to back-test {first}")
    expect(told).to_contain_text("Fee: 0.035 → 0.04")
    told.get_by_role("button", name="Show").click()
    expect(page.locator("dialog .added")).to_have_count(1)


def drafts(page: Page) -> list[str]:
    return list(exposed(page, "Object.keys(localStorage).filter((key) => key.startsWith('draft '))"))


def test_each_tab_has_a_draft_of_its_own_which_is_offered_when_it_is_gone(page: Page, server: Server) -> None:
    tabs = [page, page.context.new_page()]
    for tab, text in zip(tabs, ("one", "two"), strict=True):
        show(tab, server, "new")
        write(tab, text)
    for _ in range(2):  # loaded anew, each has its own
        for tab, text in zip(tabs, ("one", "two"), strict=True):
            tab.reload()
            wait_until(tab, f"window.perpsim?.editor?.text === '{text}'")
    assert sorted(drafts(page)) == ["draft #/new", "draft #/new (2)"]
    offered = page.locator(".offered-drafts")
    expect(offered).to_be_empty()
    tabs[1].close()
    expect(offered).to_contain_text("Another tab has left a draft of 20")
    offered.get_by_role("button", name="Open it").click()
    wait_until(page, "window.perpsim?.editor?.text === 'two'")
    expect(offered).to_contain_text("Another tab has left a draft of 20")  # what was here
    offered.get_by_role("button", name="Throw it away").click()
    expect(offered).to_be_empty()
    assert drafts(page) == ["draft #/new (2)"]
    page.get_by_role("button", name="Discard draft").click()
    third = page.context.new_page()
    show(third, server, "new")
    wait_until(third, "window.perpsim?.form")
    expect(third.locator("#draft")).to_have_text("")


def test_what_could_not_be_checked_is_started_only_where_that_is_agreed_to(page: Page, server: Server) -> None:
    form_values(page, server, store(server, BacktestConfig.from_dict(configuration())))
    busy = {"status": 429, "json": {"message": "too many programs are being looked at"}}
    page.route("**/configurations/validate", lambda route: route.fulfill(**busy))
    before, address = server.get("/api/backtests")["total"], page.url
    page.locator("#run").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("could not be found out: too many programs are being looked at")
    expect(page.locator(".problems")).to_contain_text("Not checked: too many programs")
    question.get_by_role("button", name="Close").click()
    expect(page.locator("#run")).to_be_enabled()
    assert (server.get("/api/backtests")["total"], page.url) == (before, address)
    page.get_by_role("button", name="Copy as TOML").click()
    expect(page.locator("#toast")).to_contain_text("too many programs are being looked at")
    page.locator("#run").click()
    question.get_by_role("button", name="Start it unchecked").click()
    page.wait_for_url("**/#/results/*")


def test_a_draft_of_each_address_is_kept_at_once_and_gone_when_it_is_discarded(page: Page, server: Server) -> None:
    run_id = store(server, BacktestConfig.from_dict(configuration()))
    for place in ("new", f"new/{run_id}"):
        show(page, server, place)
        wait_until(page, "window.perpsim?.form")
        before = exposed(page, "perpsim.form.values()")
        page.reload()
        wait_until(page, "window.perpsim?.form")
        assert f"draft #/{place}" not in drafts(page)  # nobody has touched it
        page.evaluate("perpsim.editor.text = 'last words'; location.hash = '#/history'")
        expect(page.locator("h1")).to_have_text("Results")
        page.go_back()
        wait_until(page, "perpsim.editor.text === 'last words' && perpsim.editor.view.dom.isConnected")
        page.locator("[name=fee_rate]").fill("0.5")
        page.reload()  # within the time that is waited for more
        wait_until(page, "window.perpsim?.editor?.text === 'last words'")
        expect(page.locator("[name=fee_rate]")).to_have_value("0.5")
        expect(page.locator("#draft")).to_contain_text("Your draft of 20")
        page.get_by_role("button", name="Discard draft").click()
        assert exposed(page, "perpsim.form.values()") == before
        page.reload()
        wait_until(page, "window.perpsim?.form")
        assert exposed(page, "perpsim.form.values()") == before
        assert f"draft #/{place}" not in drafts(page)
        expect(page.locator("#draft")).to_have_text("")
