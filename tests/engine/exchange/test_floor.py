"""The volume cap as a budget: what fills until the next kline closes shares the volume of the last finished one."""

import pytest

from engine import Decision
from tests.support.runs import MINUTE, START, buy, klines, market, run_script, sell


def fills_of(rows, orders, minutes, **fields):
    """Run orders on klines of X with all of the volume to take; return (minute, side, size, price, purpose)."""
    history = market(X=klines(*rows))
    _, sim, result = run_script(history, orders, minutes, volume_cap_percent=100.0, **fields)
    done = [((f.timestamp - START) / MINUTE, f.side, f.size, f.price, str(f.purpose)) for f in sim.exchange.fills]
    return done, result


def flat(*volumes, price=100.0):
    return [(price,) * 4 + (float(volume),) for volume in volumes]


def limit(portion, price, **fields):
    return buy(portion=portion, time_in_force="Gtc", max_price=price, **fields)


def test_two_orders_that_one_kline_touches_share_its_volume():
    rows = [*flat(500, 500, 500), (100.0, 100.0, 98.0, 100.0, 30.0), *flat(500, 500)]
    done, _ = fills_of(rows, {1: limit(0.2, 99.0), 2: limit(0.2, 99.0)}, 5)
    assert [(minute, size) for minute, _, size, *_ in done] == [
        (4, pytest.approx(2_000 / 99)),
        (4, pytest.approx(30 - 2_000 / 99)),
    ]


def test_decisions_within_one_kline_share_the_volume_of_the_one_before():
    history = market(X=klines(*flat(500, 15, 500, 500)))
    settings = {"scheduled_interval": 10, "volume_cap_percent": 100.0}
    orders = {2 + k / 6: buy(portion=0.1) for k in range(6)}
    _, sim, _ = run_script(history, orders, 3, **settings)
    within = [fill.size for fill in sim.exchange.fills if fill.timestamp < START + 3 * MINUTE]
    assert sum(within) == pytest.approx(15.0)


@pytest.mark.parametrize("following", [5.0, 5_000.0])
def test_a_fill_at_an_open_is_capped_by_the_volume_that_is_known_then(following):
    rows = flat(500, 500, 20, following, 500)
    done, _ = fills_of(rows, {2.5: buy(portion=1.0)}, 3.5, execution_price="open", scheduled_interval=30)
    assert done == [(3, "buy", 20.0, 100.0, "entry")]
    rows = [*flat(500, 500, 40), (90.0, 90.0, 90.0, 90.0, following), *flat(500, price=90.0)]
    done, _ = fills_of(rows, {1: buy(portion=1.0, stop_loss_price=95.0)}, 3.5)
    assert done[1:] == [(3, "sell", 40.0, 90.0, "sl")]


def test_without_a_finished_kline_nothing_fills_but_from_its_close_on():
    rows = [None, None, *flat(10, 10, 10)]
    done, _ = fills_of(rows, {1: buy(portion=0.2)}, 4, execution_price="open")
    assert [(minute, size) for minute, _, size, *_ in done] == [(3, 10.0), (4, 10.0)]


def test_what_is_left_of_a_market_order_works_on_at_each_close_as_taker():
    rows = [(100.0 + k,) * 4 + (10.0,) for k in range(6)]
    done, result = fills_of(rows, {2: buy(portion=0.4)}, 6)
    assert [(minute, price) for minute, _, _, price, _ in done] == [(2, 101.0), (3, 102.0), (4, 103.0), (5, 104.0)]
    assert sum(size for _, _, size, *_ in done) == pytest.approx(4_000 / 101)
    assert result.rejections == {}


def test_what_is_left_of_a_limit_order_that_took_works_on_within_its_limit_only():
    prices = (100.0, 100.0, 103.0, 104.0, 101.0, 100.0)
    rows = [(price,) * 4 + (10.0,) for price in prices]
    done, _ = fills_of(rows, {2: limit(0.25, 102.0)}, 6)
    assert done == [
        (2, "buy", 10.0, 100.0, "entry"),
        (5, "buy", 10.0, 101.0, "entry"),
        (6, "buy", pytest.approx(5.0), 100.0, "entry"),
    ]


def test_what_is_left_of_an_ioc_order_is_cancelled():
    done, result = fills_of(flat(*[10] * 6), {2: buy(portion=0.4, max_price=102.0)}, 6)
    assert done == [(2, "buy", 10.0, 100.0, "entry")]
    assert (result.rejections, result.cancellations) == ({"volume cap": 1}, {})


def test_an_opposite_decision_cancels_an_order_that_works_on():
    orders = {2: buy(portion=0.4), 3: sell(portion=0.1)}
    done, result = fills_of(flat(*[10] * 8), orders, 4)
    assert [(minute, side) for minute, side, *_ in done] == [(2, "buy"), (3, "buy"), (4, "sell")]
    assert result.rejections == {"opposite decision": 1, "end of run": 1}
    assert result.cancellations == result.rejections


def test_what_is_left_of_a_reversal_closes_first_and_then_opens():
    orders = {1: buy(portion=0.25), 2: sell(portion=0.1)}
    done, result = fills_of(flat(500, *[10] * 8), orders, 7)
    sold = [(minute, size, purpose) for minute, side, size, _, purpose in done if side == "sell"]
    assert sold == [
        (2, 10.0, "decision"),
        (3, 10.0, "decision"),
        (4, pytest.approx(5.0), "decision"),
        (4, pytest.approx(5.0), "entry"),
        (5, pytest.approx(5.0), "entry"),
    ]
    assert result.open_positions[0]["side"] == "short"


def test_the_rest_of_a_limit_order_that_took_pays_the_takers_fee():
    history = market(X=klines(*flat(*[10] * 6)))
    settings = {"volume_cap_percent": 100.0, "fee_rate": 0.2, "maker_fee_rate": 0.1}
    _, sim, _ = run_script(history, {2: limit(0.2, 102.0)}, 5, **settings)
    assert [fill.fee for fill in sim.exchange.fills] == [
        pytest.approx(f.size * f.price * 0.002) for f in sim.exchange.fills
    ]
    assert len(sim.exchange.fills) == 2


@pytest.mark.parametrize("exits", [{"stop_loss_price": 98.0}, {"trailing_stop_percent": 2.0}])
def test_a_stop_that_was_triggered_works_on_until_it_is_done(exits):
    rows = [*flat(500, 500, 500), (100.0, 100.0, 97.0, 99.0, 10.0), *flat(10, 10, 10, 10, price=99.0)]
    done, result = fills_of(rows, {2: buy(portion=0.4, take_profit_price=120.0, **exits)}, 8)
    why = "sl" if "stop_loss_price" in exits else "trailing"
    assert done[1:] == [(4, "sell", 10.0, 98.0, why)] + [(minute, "sell", 10.0, 99.0, why) for minute in (5, 6, 7)]
    assert not result.open_positions


def test_a_triggered_stop_that_works_on_shows_alone():
    seen = {}
    rows = [*flat(500, 500, 500), (100.0, 100.0, 97.0, 99.0, 10.0), *flat(10, 10, price=99.0)]

    def look(data):
        seen["orders"] = [(order.order_type, order.size) for order in data.open_orders]

    orders = {2: buy(portion=0.4, take_profit_price=120.0, stop_loss_price=98.0, max_holding_seconds=600), 4: look}
    fills_of(rows, orders, 5)
    assert seen["orders"] == [("Stop Limit", pytest.approx(30.0))]


def test_a_capped_fill_is_whole_steps_and_leaves_whole_steps():
    from engine import Instrument, VenueRules
    from tests.support.runs import Script, config, wired

    rules = VenueRules(instruments={"X": Instrument("X", size_step="0.1")})
    orders = {2: buy(portion=0.123), 5: Decision("close", "X", target_portion_of_balance=0.3)}
    sim = wired(market(X=klines(*flat(*[3.25] * 8))), config(Script(orders), 6, volume_cap_percent=100.0), rules=rules)
    sim.run()
    assert [fill.size for fill in sim.exchange.fills] == [3.2, 3.2, 3.2, 2.7, 0.5, 3.1]
    assert sim.account.state.holdings["X"].size == 8.7


def test_a_kline_s_volume_goes_to_touches_inside_it_before_what_works_on_however_old():
    rows = [*flat(500, 10, 10), (100.0, 100.0, 98.0, 100.0, 10.0)]
    done, _ = fills_of(rows, {2: buy(portion=0.4), 3: limit(0.1, 99.0)}, 4)
    rest = 800 / 99
    assert done[-2:] == [
        (4, "buy", pytest.approx(rest), 99.0, "entry"),
        (4, "buy", pytest.approx(10 - rest), 100.0, "entry"),
    ]


def test_an_entry_that_fills_in_parts_is_closed_as_one_from_its_first_fill_on():
    orders = {2: buy(portion=0.2, stop_loss_price=50.0, max_holding_seconds=150)}
    done, _ = fills_of(flat(10, 10, 10, 500, 500, 500), orders, 6)
    assert [(minute, size) for minute, side, size, *_ in done] == [(2, 10.0), (3, 10.0), (4.5, 20.0)]


def test_what_works_on_waits_for_a_balance():
    rows = [*flat(10, 10), (100.0, 200.0, 100.0, 200.0, 500.0), *flat(500, 500, price=100.0)]
    done, result = fills_of(rows, {2: buy(portion=1.0)}, 5)
    assert [(minute, size) for minute, _, size, *_ in done] == [(2, 10.0), (3, 50.0)]
    assert result.rejections == {"end of run": 1}


STOPPED = [*flat(500, 500, 500), (100.0, 100.0, 97.0, 99.0, 10.0), *flat(10, 10, 10, 10, price=99.0)]


@pytest.mark.parametrize("exits", [{"stop_loss_price": 98.0}, {"max_holding_seconds": 120.0, "stop_loss_price": 50.0}])
def test_a_decision_the_other_way_cancels_an_exit_that_works_on(exits):
    done, result = fills_of(STOPPED, {2: buy(portion=0.4, **exits), 4: buy(portion=0.1)}, 8)
    assert sum(size for _, side, size, *_ in done if side == "sell") == 10.0
    assert result.rejections == {"opposite decision": 1}


def test_an_exit_that_works_on_at_the_end_is_cancelled_and_counted():
    _, result = fills_of(STOPPED, {2: buy(portion=0.4, stop_loss_price=98.0)}, 6)
    assert result.rejections == {"end of run": 1}


def test_an_exit_cancels_what_still_works_on_of_its_entry():
    rows = [*flat(10, 10, 10), (100.0, 100.0, 97.0, 99.0, 500.0), *flat(500, 500, 500, price=99.0)]
    done, result = fills_of(rows, {2: buy(portion=0.4, stop_loss_price=98.0)}, 7)
    assert [(minute, side, size) for minute, side, size, *_ in done] == [
        (2, "buy", 10.0),
        (3, "buy", 10.0),
        (4, "sell", 20.0),
    ]
    assert result.rejections == {"exit triggered": 1}
