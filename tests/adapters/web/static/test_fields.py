"""The fields of the form: every configuration goes through them and stays the same."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from adapters import read_config_file
from engine import BacktestConfig
from engine.config import SETTINGS
from engine.faults import KINDS, FaultKind, taken_by
from tests.support.web_server import DIPS, START, Server, configuration

from tests.support.browsers import wait_until  # isort: skip - skips the tests where there is no browser
from tests.support.web_pages import exposed, form_values, plain_text, show, store  # isort: skip

from playwright.sync_api import Page, expect

pytestmark = pytest.mark.xdist_group("page")

JSON = {"Content-Type": "application/json"}


def every_field_of(kind: FaultKind) -> dict[str, Any]:
    """A fault with all that its kind may be given, but for what cannot stand beside it."""
    figure = {"percent": 0.125, "delay": "1.5s", "skew": "-90s", "": None}[kind.figure]
    own = {kind.figure: figure} if kind.figure else {}
    again = {"start": START + 5 * 86_400_000 + 1, "duration": "2h", "every": "1d", "times": 3, "seed": 2**63}
    symbols = {"symbols": ["ETH", "BTC"]} if kind.by_symbol else {}
    direction = {"direction": kind.directions[-1]} if kind.directions else {}
    return {"kind": kind.name, **again, **own, **symbols, **direction, "intensity": 1.0}


def by_chance(kind: FaultKind) -> dict[str, Any]:
    """One of the same kind that chance begins, or that begins at several times; numbers of seconds are lengths, too."""
    if kind.name < "l":
        return {"kind": kind.name, "start": [START + 5 * 86_400_000, START + 6 * 86_400_000], "duration": 90}
    return {"rate_per_day": 1.0, "kind": kind.name, **({} if kind.lasts else {"duration": 60})}


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
    "faults": [*map(every_field_of, KINDS.values()), *map(by_chance, KINDS.values())],
}


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
    again = server.client.post("/api/backtests", content=sent, headers=JSON).json()["id"]
    assert plain_text(server.get(f"/api/backtests/{again}")["config"]) == wanted
    page.locator("#run").click()  # there are no such data
    expect(page.locator("#toast")).to_contain_text("Not started")
    expect(page.locator("[name=exchange]")).to_be_focused()


def test_faults_that_are_typed_as_they_are_shown_mean_the_same(page: Page, server: Server, tmp_path: Path) -> None:
    """Each input of the editor is written anew, so that its value is read from what is typed."""
    config = BacktestConfig.from_dict(UNUSUAL)
    given = {(each["kind"], name) for each in UNUSUAL["faults"] for name in each}
    assert {(kind.name, name) for kind in KINDS.values() for name in taken_by(kind)} - given == {
        (kind.name, "rate_per_day") for kind in KINDS.values() if kind.name < "l"
    }
    before = json.loads(form_values(page, server, store(server, config)))["faults"]
    page.evaluate(
        "for (const each of document.querySelectorAll('.fault input')) if (each.value) each.value = ` ${each.value}`"
    )
    values = exposed(page, "perpsim.form.values()")
    assert [each["start"] for each in before[:1]] != [each["start"] for each in values["faults"][:1]]
    sent = exposed(page, "JSON.stringify(perpsim.form.values())")
    found = server.client.post("/api/configurations/validate", content=sent, headers=JSON).json()
    assert [each for each in found["problems"] if each["field"] == "faults"] == []
    (tmp_path / "typed.toml").write_text(found["toml"], "utf-8")
    assert plain_text(read_config_file(tmp_path / "typed.toml").config.to_dict()) == plain_text(config.to_dict())


def test_faults_are_added_changed_and_removed_in_a_form_of_their_own(page: Page, server: Server) -> None:
    odd = [{"kind": "gravity", "pull": [1.0]}, 5, {"kind": "latency", "delay": "9s", "pull": {"a": 1}}]
    form_values(page, server, store(server, BacktestConfig.from_dict(configuration())))
    page.evaluate("odd => perpsim.form.show({ faults: odd })", odd)
    page.locator("summary", has_text="Faults").click()
    sent = lambda: json.loads(exposed(page, "JSON.stringify(perpsim.form.values().faults)"))  # noqa: E731
    assert sent() == odd
    box = page.get_by_role("group", name="Fault 3")
    box.get_by_label("Delay").fill("11s")
    box.get_by_label("pull").fill("")
    page.get_by_role("button", name="Remove fault 2").click()
    page.get_by_role("button", name="Remove fault 1").click()
    assert sent() == [{"kind": "latency", "delay": "11s"}]
    page.get_by_role("button", name="Add a fault").click()
    box = page.get_by_role("group", name="Fault 2")
    box.get_by_label("Kind").select_option("flash_crash")
    expect(box).to_contain_text("prices go so far down")
    expect(box.get_by_label("Percent, %")).to_have_attribute("placeholder", "10")
    box.get_by_label("Percent, %").fill("200")
    box.get_by_label("Direction").select_option("up")
    box.get_by_label("Symbols").fill("BTC, ETH")
    box.locator("[name='fault start']").fill("2024-01-05T09:00Z, 2024-01-06T09:00Z")
    problem = page.locator(".problems li", has_text="flash_crash")
    expect(problem).to_contain_text("number 2, flash_crash: percent: 200 is no number from 0 to 99")
    box.get_by_label("Percent, %").fill("12.5")
    expect(problem).to_have_count(0)
    starts = ["2024-01-05T09:00Z", "2024-01-06T09:00Z"]
    crash = {"kind": "flash_crash", "percent": 12.5, "symbols": ["BTC", "ETH"], "direction": "up", "start": starts}
    assert sent()[1] == crash
    box.get_by_label("Kind").select_option("outage")
    assert sent()[1] == {"kind": "outage", "start": starts}
    box.get_by_label("Kind").select_option("flash_crash")
    assert sent()[1] == crash


def test_the_smallest_configuration_stays_the_same_too(page: Page, server: Server) -> None:
    config = BacktestConfig.from_dict({**configuration(), "scheduled_interval": None, "signal_pool_ids": [4]})
    run_id = store(server, config)
    assert plain_text(json.loads(form_values(page, server, run_id))) == plain_text(config.to_dict())


def test_what_is_changed_in_the_form_is_all_that_changes(page: Page, server: Server) -> None:
    run_id = store(server, BacktestConfig.from_dict(UNUSUAL))
    before = json.loads(form_values(page, server, run_id))
    page.locator("summary", has_text="Slippage, latency").click()
    page.locator("[name=order_latency_ms]").fill("250")
    page.locator("summary", has_text="Limits").click()
    page.locator("[name=max_open_orders]").fill("")
    page.locator("[name=start_time]").fill("2024-01-05T01:02:03")
    gone = page.get_by_role("checkbox", name="GONE")  # what is said of the rule book names it, too
    gone.uncheck()
    gone.check()
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


def test_fields_are_found_by_name_label_and_meaning_and_put_back(page: Page, server: Server) -> None:
    show(page, server, "new")
    wait_until(page, "window.perpsim?.form")
    told, find = page.locator(".finder [role=status]"), page.get_by_label("Find a field")
    every = len(SETTINGS) - 2
    expect(told).to_have_text(f"{every} fields, 1 changed")
    for text, name in (
        ("max_daily", "max_daily_loss_usd"),
        ("pause AFTER", "stop_cooldown_seconds"),
        ("24 latencies", "latency_by_hour_ms"),
    ):
        find.fill(text)
        expect(told).to_have_text(f"1 of {every} fields")
        expect(page.locator(f"[name={name}]")).to_be_visible()
    expect(page.locator("[name=initial_balance]")).not_to_be_visible()
    find.fill("nothing like this")
    expect(told).to_have_text(f"0 of {every} fields")
    expect(page.locator(".cm-content")).to_be_visible()
    find.fill("")
    expect(page.locator("[name=max_daily_loss_usd]")).not_to_be_visible()  # folded, as it was
    balance = page.locator(".cell", has=page.locator("[name=initial_balance]"))
    expect(balance).to_contain_text("Default: 10000 USD")
    back = balance.get_by_role("button", name="Put Initial balance back")
    expect(back).not_to_be_visible()
    page.locator("[name=initial_balance]").fill("7")
    page.get_by_label("changed only").check()
    expect(told).to_have_text(f"2 of {every} fields")
    back.click()
    expect(told).to_have_text(f"1 of {every} fields")
    assert exposed(page, "perpsim.form.values().initial_balance") == 10_000


def test_what_the_stored_data_do_not_allow_is_told_at_its_field_and_not_started(page: Page, server: Server) -> None:
    config = BacktestConfig.from_dict(configuration(symbols=["BTC", "GONE"], order_latency_ms=90_000))
    form_values(page, server, store(server, config))
    expect(page.locator(".problems")).to_contain_text("GONE has no klines on hyperliquid")
    expect(page.locator("label", has=page.locator("[name=order_latency_ms]"))).to_contain_text("milliseconds")
    expect(page.locator("[name=order_latency_ms]")).to_have_attribute("aria-invalid", "false")
    page.locator("#run").click()
    expect(page.locator("#toast")).to_contain_text("GONE has no klines")
    expect(page.locator("input[value=BTC]")).to_be_focused()
    page.get_by_label("GONE").uncheck()
    expect(page.locator(".problems li.bad")).to_have_count(0)


def test_a_configuration_is_read_from_toml_as_the_command_line_reads_it(page: Page, server: Server) -> None:
    show(page, server, "new")
    wait_until(page, "window.perpsim?.form")
    lines = [
        "start_time = 2024-01-06T00:00:00Z",
        "end_time = 2024-01-07T00:00:00Z",
        "fee_rate = 0.02",
        'symbols = ["ETH"]',
        f"code = '''\n{DIPS}'''",
    ]
    file: Any = {"name": "mine.toml", "mimeType": "application/toml", "buffer": "\n".join(lines).encode()}
    page.locator("input[type=file][accept='.toml']").set_input_files(file)
    expect(page.locator("#toast")).to_contain_text("mine.toml is read")
    values = exposed(page, "perpsim.form.values()")
    assert (values["fee_rate"], values["symbols"], values["code"]) == (0.02, ["ETH"], DIPS)
    assert (values["language"], values["scheduled_interval"]) == ("python", None)
    assert values["start_time"].startswith("2024-01-06T00:00:00")
