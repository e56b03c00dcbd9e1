"""Limit orders in the book: when they fill, at what size and fee, and what cancels them."""

import pytest

from tests.support.runs import MINUTE, START, buy, close, klines, market, run_script, sell

DIP = market(X=klines(100.0, 100.0, (100, 100, 98, 99), (99, 99, 95, 97), (97, 103, 97, 102), 102.0, 102.0))


def gtc(kind=buy, price=97.0, **fields):
    return kind(time_in_force="Gtc", **{"max_price" if kind is buy else "min_price": price}, **fields)


def fills(sim):
    return [((f.timestamp - START) / MINUTE, f.side, f.price, f.purpose) for f in sim.exchange.fills]


@pytest.mark.parametrize(
    ("limit", "fill_on", "filled_at"),
    [(98.5, "through", 3), (98.0, "through", 4), (98.0, "touch", 3), (95.0, "through", None), (95.0, "touch", 4)],
)
def test_a_limit_fills_at_the_close_of_the_kline_that_trades_through_it(limit, fill_on, filled_at):
    _, sim, result = run_script(DIP, {1: gtc(price=limit)}, 6, fill_on=fill_on, slippage_percent=1.0)
    assert fills(sim) == ([] if filled_at is None else [(filled_at, "buy", limit, "entry")])
    assert result.rejections == ({"end of run": 1} if filled_at is None else {})


def test_the_kline_under_way_when_it_was_placed_is_not_looked_at():
    _, sim, _ = run_script(DIP, {2.5: gtc(price=98.5)}, 6, scheduled_interval=30)
    assert fills(sim) == [(4, "buy", 98.5, "entry")]


def test_it_is_sized_when_it_is_placed_and_pays_the_maker_fee():
    script, sim, _ = run_script(DIP, {1: gtc(price=98.0)}, 6, fee_rate=0.1, maker_fee_rate=-0.01)
    (order,) = script.seen[2].open_orders
    assert (order.order_type, order.side, order.direction, order.price) == ("Limit", "Buy", "Open Long", 98.0)
    assert order.size == pytest.approx(5_000 / 98)
    assert (order.reduce_only, order.timestamp, order.trigger_price) == (False, START + MINUTE, None)
    assert (script.seen[3].used_margin, script.seen[3].available_balance) == (0.0, 10_000.0)
    (fill,) = sim.exchange.fills
    assert (fill.size, fill.fee) == (pytest.approx(5_000 / 98), pytest.approx(-0.5))


def test_it_is_capped_by_what_is_available_at_the_fill():
    orders = {1: gtc(price=98.0, portion=0.9), 2: buy(portion=0.8)}
    _, sim, _ = run_script(DIP, orders, 6)
    market_order, limit_order = sim.exchange.fills
    equity = 10_000 + market_order.size * (97 - 100)
    assert limit_order.size == pytest.approx((equity - 8_000) / 98)


def test_a_marketable_one_takes_and_post_only_refuses_to():
    assert fills(run_script(DIP, {1: gtc(price=101.0)}, 6)[1]) == [(1, "buy", 100.0, "entry")]
    _, sim, result = run_script(DIP, {1: buy(time_in_force="Alo", max_price=101.0)}, 6)
    assert (fills(sim), result.rejections) == ([], {"would take": 1})
    assert fills(run_script(DIP, {1: buy(time_in_force="Alo", max_price=98.5)}, 6)[1]) == [(3, "buy", 98.5, "entry")]


def test_a_closing_limit_is_reduce_only_and_goes_with_the_position():
    _, sim, result = run_script(DIP, {1: buy(), 2: gtc(close, 101.0)}, 6)
    assert fills(sim)[1:] == [(5, "sell", 101.0, "decision")]
    assert result.trades[0].exit_reason == "decision"
    script, sim, result = run_script(DIP, {1: buy(), 2: gtc(close, 110.0), 3: close()}, 6)
    assert script.seen[3].open_orders[0].reduce_only
    assert result.rejections == {"position gone": 1}
    assert len(fills(sim)) == 2


def test_an_opposite_decision_cancels_and_one_in_the_same_direction_does_not():
    _, _, result = run_script(DIP, {1: gtc(price=90.0), 2: sell()}, 6)
    assert result.rejections == {"opposite decision": 1}
    _, _, result = run_script(DIP, {1: gtc(price=90.0), 2: buy()}, 6)
    assert result.rejections == {"end of run": 1}


def test_a_fill_against_the_open_position_reverses_it():
    _, sim, result = run_script(DIP, {1: sell(), 2: gtc(price=98.0, portion=0.5)}, 6)
    assert fills(sim)[1:] == [(4, "buy", 98.0, "decision"), (4, "buy", 98.0, "entry")]
    assert result.open_positions[0]["side"] == "long"


@pytest.mark.parametrize(("target", "stop", "problem"), [(97.0, None, "take profit"), (None, 99.0, "stop loss")])
def test_its_bracket_is_judged_against_the_limit(target, stop, problem):
    order = gtc(price=98.0, take_profit_price=target, stop_loss_price=stop)
    _, _, result = run_script(DIP, {1: order}, 6)
    assert result.rejections == {f"{problem} on the wrong side": 1}


def test_its_bracket_is_active_from_the_kline_after_the_fill():
    _, sim, _ = run_script(DIP, {1: gtc(price=98.5, stop_loss_price=98.2)}, 6)
    assert fills(sim) == [(3, "buy", 98.5, "entry"), (4, "sell", 98.2, "sl")]


@pytest.mark.parametrize(("execution", "at"), [("open", 3), ("vwap", 3)])
def test_with_a_later_price_it_is_judged_there_and_rests_from_then_on(execution, at):
    script, sim, _ = run_script(DIP, {1: gtc(price=98.5)}, 6, execution_price=execution)
    assert script.seen[2].open_orders[0].order_type == "Limit"
    assert fills(sim)[0][0] == at
