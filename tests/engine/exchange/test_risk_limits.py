"""The limits that an account sets itself."""

from dataclasses import replace

import pytest

from engine import Phase, RiskLimitHit, reasons
from tests.support.runs import DAY, MINUTE, START, Script, buy, close, config, klines, market, run_script, wired

FLAT = market(X=klines(*[100.0] * 12), Y=klines(*[50.0] * 12))


@pytest.mark.parametrize(
    ("orders", "fields", "reason", "value"),
    [
        ({1: buy()}, {"max_position_usd": 4_000.0}, "position notional", 5_000.0),
        ({1: buy(), 2: buy(portion=0.2)}, {"max_position_usd": 5_500.0}, "position notional", 6_000.0),
        ({1: buy(stop_loss_price=90.0), 2: buy("Y")}, {"max_open_orders": 1}, "open orders", 1.0),
    ],
)
def test_a_limit_of_the_account_refuses_and_is_an_event(orders, fields, reason, value):
    sim = wired(FLAT, config(Script(orders), 10, ("X", "Y"), **fields))
    heard: list[RiskLimitHit] = []
    sim.bus.listen(RiskLimitHit, heard.append)
    result = sim.run()
    assert result.rejections == {f"risk limit: {reason}": 1}
    (hit,) = result.risk_limit_hits
    assert (hit["limit"], hit["value"]) == (f"risk limit: {reason}", pytest.approx(value))
    assert [each.limit for each in heard] == [hit["limit"]]


def test_after_a_stop_nothing_opens_until_it_has_cooled_down():
    history = market(X=klines(100.0, 100.0, (100, 100, 94, 95), *[95.0] * 9))
    orders = {1: buy(stop_loss_price=95.0), 4: buy(), 6: buy(), 7: close()}
    _, sim, result = run_script(history, orders, 10, stop_cooldown_seconds=120)
    assert [hit["value"] for hit in result.risk_limit_hits] == [60.0]
    assert [(fill.timestamp - START) / MINUTE for fill in sim.exchange.fills] == [1, 3, 6, 7]


def test_a_daily_loss_stops_openings_until_midnight_but_never_closings():
    history = market(X=klines(*[100.0] * 3, *[90.0] * 1_500))
    orders = {1: buy(), 5: buy(portion=0.1), 6: close(), 7: buy(), 1_445: buy()}
    _, sim, result = run_script(history, orders, 1_450, max_daily_loss_usd=400.0)
    assert [hit["value"] for hit in result.risk_limit_hits] == [pytest.approx(500.0)] * 2
    assert [(fill.timestamp - START) / MINUTE for fill in sim.exchange.fills] == [1, 6, 1_445]
    assert sim.start_ms + DAY > START


def test_a_pause_that_is_configured_later_counts_from_stops_before() -> None:
    history = market(X=klines(100, 100, (100, 100, 98, 98), *[98.0] * 20))
    script = Script({1: buy(portion=0.1, stop_loss_price=99.0), 6: buy(portion=0.1), 9: buy(portion=0.1)})
    settings = config(script, 12)
    sim = wired(history, settings)
    later = replace(settings, stop_cooldown_seconds=300)
    sim.clock.at(START + 5 * MINUTE, Phase.MARKET_DATA).callbacks.append(lambda _: sim.configure(later))
    result = sim.run()
    stopped, bought = (each.timestamp for each in result.fill_records[1:])
    assert (stopped, bought) == (START + 3 * MINUTE, START + 9 * MINUTE)
    assert [each["limit"] for each in result.risk_limit_hits] == [reasons.COOL_DOWN]
    assert result.config["stop_cooldown_seconds"] == 300
