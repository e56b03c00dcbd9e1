"""An instrument: rounding to its steps, and the tiers of its margin."""

import numpy as np
import pytest

from engine import Decision, Instrument, MarginTier, VenueRules
from engine.venue.instrument import half_initial_tiers
from tests.support.runs import Script, buy, close, config, klines, market, sell, wired

TIERS = (MarginTier(0.0, 50, 0.01, 0.0), MarginTier(100_000.0, 20, 0.025, 1_500.0))


@pytest.mark.parametrize(
    ("notional", "margin"),
    [(0.0, 0.0), (99_999.0, 999.99), (100_000.0, 1_000.0), (100_001.0, 1_000.025), (200_000.0, 3_500.0)],
)
def test_maintenance_has_no_jump_at_the_edge_of_a_tier(notional, margin):
    assert Instrument("X", tiers=TIERS).maintenance_margin(notional) == pytest.approx(margin)
    for one, other in zip(half_initial_tiers(((0.0, 50), (100_000.0, 20))), TIERS, strict=True):
        assert vars_of(one) == pytest.approx(vars_of(other))


def vars_of(tier):
    return [tier.notional_from, tier.max_leverage, tier.maintenance_rate, tier.deduction]


@pytest.mark.parametrize(
    ("price", "rounded"),
    [(12_345.678, 12_346.0), (123_456.7, 123_457.0), (1.234567, 1.2346), (0.00123456, 0.0), (99_999.5, 100_000.0)],
)
def test_five_digits_and_so_many_decimals_but_whole_numbers_always(price, rounded):
    assert Instrument("X", price_digits=5, price_decimals=1 if price > 1e4 else 4).rounded_price(price) == (
        pytest.approx(rounded) if rounded else pytest.approx(0.0012)
    )


def test_sizes_are_rounded_down_in_decimals():
    instrument = Instrument("X", size_step="0.001")
    assert [instrument.rounded_size(size) for size in (0.3, 1.0009999, 0.0009, 0.029)] == [0.3, 1.0, 0.0, 0.029]
    assert [instrument.rounded_size(size) for size in (0.7 * 0.1, 0.3 / 3.0, 2.3 - 0.1)] == [0.07, 0.1, 2.2]
    assert instrument.nearest_size(0.7 - 0.07) == 0.63
    tenth = Instrument("X", price_step="0.10")
    assert [tenth.rounded_price(100.16, sign) for sign in (0, 1, -1)] == [100.2, 100.1, 100.2]
    five_digits = Instrument("X", price_digits=5, price_decimals=1)
    assert [five_digits.rounded_price(23_456.78, sign) for sign in (0, 1, -1)] == [23_457.0, 23_456.0, 23_457.0]


PATH = klines(*[30_000.0] * 8)


def ruled(orders, minutes=6, path=PATH, **instrument):
    rules = VenueRules(instruments={"X": Instrument("X", **instrument)})
    sim = wired(market(X=path), config(Script(orders), minutes), rules=rules)
    return sim, sim.run()


def test_an_order_is_cut_to_the_step_and_one_below_it_is_rejected():
    sim, result = ruled({1: buy(portion=0.5)}, size_step="0.01")
    assert [fill.size for fill in sim.exchange.fills] == [0.16]
    _, result = ruled({1: buy(portion=0.1)}, size_step="0.1")
    assert result.rejections == {"size below the venue's step": 1}
    _, result = ruled({1: buy(portion=0.5), 2: close(portion=0.01)}, size_step="0.01")
    assert result.rejections == {"size below the venue's step": 1}


def test_an_order_below_the_minimum_is_rejected():
    _, result = ruled({1: buy(portion=0.1)}, min_notional=1_001.0)
    assert result.rejections == {"notional below the venue's minimum": 1}


def test_leverage_above_the_symbols_maximum_is_rejected_also_by_tier():
    from engine.venue.instrument import half_initial_tiers

    tiers = half_initial_tiers(((0.0, 20), (50_000.0, 5)))
    _, result = ruled({1: buy(leverage=25)}, tiers=tiers)
    assert result.rejections == {"leverage above the venue's maximum": 1}
    _, result = ruled({1: buy(portion=1.0, leverage=10)}, tiers=tiers)
    assert result.rejections == {"leverage above the venue's maximum": 1}
    _, result = ruled({1: sell(portion=0.3, leverage=10), 2: close()}, tiers=tiers)
    assert result.rejections == {}


def test_limits_and_triggers_are_rounded_to_the_venues_prices():
    path = klines(30_000.0, 30_000.0, (30_000.0, 30_000.0, 29_900.0, 29_900.0), 29_900.0, 29_900.0)
    order = buy(time_in_force="Gtc", max_price=29_950.44, stop_loss_price=29_000.26)
    sim, _ = ruled({1: order}, path=path, price_step="0.5")
    assert [fill.price for fill in sim.exchange.fills] == [29_950.0]  # never above the limit
    assert [each.trigger_price for each in sim.exchange.open_orders()] == [29_000.5]


def test_an_instruments_own_fees_come_before_those_of_the_model():
    path = klines(30_000.0, 30_000.0, 30_000.0, (30_000.0, 30_000.0, 29_900.0, 29_900.0), 29_900.0, 29_900.0)
    orders = {1: buy(portion=0.2), 2: buy(portion=0.2, time_in_force="Gtc", max_price=29_950.0)}
    for taker, maker, percent in ((0.2, 0.1, [0.2, 0.1]), (None, 0.0, [0.5, 0.0]), (0.2, None, [0.2, 0.5])):
        rules = VenueRules(instruments={"X": Instrument("X", taker_fee=taker, maker_fee=maker)})
        sim = wired(market(X=path), config(Script(orders), 6, fee_rate=0.5), rules=rules)
        sim.run()
        fees = [100 * fill.fee / (fill.size * fill.price) for fill in sim.exchange.fills]
        assert fees == pytest.approx(percent)


def test_prices_of_numpy_are_rounded_too():
    stop = np.float64(29_000.123)
    sim, _ = ruled({1: buy(portion=0.5, stop_loss_price=stop, max_price=np.float32(40_000))}, price_step="0.05")
    assert [order.trigger_price for order in sim.exchange.open_orders()] == [29_000.1]


def test_sizes_beyond_all_steps_are_refused_as_others_that_are_too_large():
    rests = Decision("buy", "X", size=0.1, leverage=1, max_price=29_000.0, time_in_force="Gtc", tag="a")
    more, much = Decision("amend", "X", tag="a", size=1e308), Decision("sell", "X", size=1e308, leverage=1)
    _, result = ruled({1: rests, 2: more, 3: much}, size_step="0.01")
    assert result.rejections == {"size above the available balance": 2, "end of run": 1}


@pytest.mark.parametrize("limit", [None, 30_100.0], ids=["market", "limit"])
def test_the_minimum_of_an_order_that_nets_is_that_of_the_whole_order(limit):
    first = Decision("buy", "X", size=0.1, leverage=1)
    more = Decision("sell", "X", size=0.1001, leverage=1, min_price=limit, time_in_force="Gtc")
    path = klines(*[30_000.0] * 3, (30_000.0, 30_200.0, 30_000.0, 30_000.0), *[30_000.0] * 4)
    sim, result = ruled({1: first, 2: more}, path=path, min_notional=50.0)
    assert [round(fill.size, 4) for fill in sim.exchange.fills] == [0.1, 0.1, 0.0001]
    assert not result.rejections
