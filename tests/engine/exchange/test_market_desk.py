"""Orders that take at once: the price, slippage and fee of a fill, reversals, IOC limits, stale prices."""

import pytest

from processes import TriggerTimes
from tests.support.fills import HOLE, RISING, fills_of, outline
from tests.support.runs import MINUTE, START, buy, close, klines, market, run_script, sell


@pytest.mark.parametrize(
    ("execution", "expected"),
    [
        ("close", [(1, "buy", 100.0), (3, "sell", 105.0)]),
        ("open", [(1, "buy", 101.0), (3, "sell", 106.0)]),
        ("vwap", [(2, "buy", (104 + 98 + 102) / 3), (4, "sell", (111 + 104 + 110) / 3)]),
    ],
)
def test_the_fill_price_follows_the_execution_mode(execution, expected):
    fills, result = fills_of({1: buy(), 3: close()}, execution_price=execution)
    assert outline(fills) == expected
    assert result.total_trades == 1


@pytest.mark.parametrize("side", ["long", "short"])
def test_slippage_is_against_the_trader_both_ways(side):
    first, signs = (buy, (1, -1)) if side == "long" else (sell, (-1, 1))
    fills, _ = fills_of({1: first(), 3: close()}, slippage_percent=1.0)
    assert [price for *_, price, _, _ in fills] == [100 * (1 + signs[0] / 100), 105 * (1 + signs[1] / 100)]


def test_a_fee_is_a_share_of_the_notional_of_each_fill():
    fills, result = fills_of({1: buy(), 3: close()}, fee_rate=0.1)
    (_, _, size, entry, entry_fee, _), (_, _, closed, out, exit_fee, _) = fills
    assert (size, entry, out, closed) == (5000 / 100, 100.0, 105.0, size)
    assert entry_fee == pytest.approx(0.1 / 100 * size * entry, rel=1e-15)
    assert exit_fee == pytest.approx(0.1 / 100 * size * out, rel=1e-15)
    assert result.fees_paid == pytest.approx(entry_fee + exit_fee, rel=1e-15)
    (trade,) = result.trades
    assert trade.fee == pytest.approx(entry_fee + exit_fee, rel=1e-15)
    assert trade.pnl == pytest.approx(size * 5 - trade.fee)
    assert trade.gross_pnl == pytest.approx(size * 5)
    assert trade.pnl_percent == pytest.approx(100 * trade.pnl / 5000)


def test_a_reversal_is_two_fills_and_two_records_of_one_order():
    _, sim, result = run_script(RISING, {1: buy(reason="up"), 3: sell(reason="down"), 5: close()}, 6, fee_rate=0.1)
    order = [(fill.order_id, fill.side, fill.purpose) for fill in sim.exchange.fills]
    assert order == [(1, "buy", "entry"), (2, "sell", "decision"), (2, "sell", "entry"), (3, "buy", "decision")]
    long, short = result.trades
    cash = 10_000 - 5 + 50 * 5 - 50 * 105 * 0.001
    assert (long.side, long.exit_reason, long.exit_price) == ("long", "decision", 105.0)
    assert (long.equity_after, long.exit_decision_reason, long.reason) == (pytest.approx(cash), "down", "up")
    assert (short.side, short.reason, short.exit_price) == ("short", "down", 115.0)
    assert short.size == pytest.approx(cash * 0.5 / 105)
    assert result.orders_submitted == 3


def test_a_reversal_that_cannot_open_still_closes_and_says_why():
    history = market(X=klines(100.0, 100.0, 50.0, 50.0, 50.0))
    fills, result = fills_of({1: buy(portion=1.0, leverage=2), 3: sell()}, 4, history, fee_rate=0.1, liquidation=False)
    assert [(minute, side, purpose) for minute, side, *_, purpose in fills] == [
        (1, "buy", "entry"),
        (3, "sell", "decision"),
    ]
    assert result.rejections == {"no available balance": 1}
    assert result.total_trades == 1
    assert result.final_equity < 0


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"portion": 2.0}, "portion out of range"),
        ({"leverage": 51}, "leverage out of range"),
        ({"take_profit_price": 106.0}, "take profit on the wrong side"),
        ({"stop_loss_price": 104.0}, "stop loss on the wrong side"),
        ({"min_price": 105.01}, "limit not met"),
    ],
)
def test_a_reversal_is_refused_whole_when_its_opening_half_is_known_to_be_wrong(fields, reason):
    fills, result = fills_of({1: buy(), 3: sell(**fields)}, 4)
    assert len(fills) == 1
    assert result.rejections == {reason: 1}
    assert [position["side"] for position in result.open_positions] == ["long"]


LIMITS = [
    # decision at minute 3 (price 105), with slippage 1 %, and whether it fills
    ("a buy below its maximum", None, buy(max_price=106.06), True),
    ("a buy at its maximum", None, buy(max_price=105 * 1.01), True),
    ("a buy above its maximum", None, buy(max_price=106.04), False),
    ("a buy whose maximum only the slippage breaks", None, buy(max_price=105.5), False),
    ("a sale above its minimum", None, sell(min_price=103.94), True),
    ("a sale at its minimum", None, sell(min_price=105 * 0.99), True),
    ("a sale below its minimum", None, sell(min_price=103.96), False),
    ("the minimum of a buy does not matter", None, buy(min_price=500.0), True),
    ("the maximum of a sale does not matter", None, sell(max_price=1.0), True),
    ("closing a long above its minimum", buy(), close(min_price=103.9), True),
    ("closing a long below its minimum", buy(), close(min_price=104.5), False),
    ("closing a short below its maximum", sell(), close(max_price=106.1), True),
    ("closing a short above its maximum", sell(), close(max_price=105.9), False),
]


@pytest.mark.parametrize(("before", "decision", "fills"), [row[1:] for row in LIMITS], ids=[row[0] for row in LIMITS])
def test_an_ioc_limit_holds_for_the_slipped_price_or_the_order_is_cancelled(before, decision, fills):
    done, result = fills_of({1: before, 3: decision}, 4, slippage_percent=1.0)
    assert len(done) - (before is not None) == int(fills)
    assert result.rejections == ({} if fills else {"limit not met": 1})


@pytest.mark.parametrize(
    ("minute", "stale_ms", "reason"),
    [
        (11, None, None),  # the close of minute 1 is exactly ten minutes old
        (12, None, "stale price"),
        (3, 2 * MINUTE, None),
        (4, 2 * MINUTE, "stale price"),
        (1, 0, None),
        (2, 0, "stale price"),
    ],
)
def test_a_close_is_good_to_trade_at_up_to_and_including_the_stale_limit(minute, stale_ms, reason):
    _, result = fills_of({minute: buy()}, 14, HOLE, price_stale_ms=stale_ms)
    assert result.rejections == ({} if reason is None else {reason: 1})


@pytest.mark.parametrize("decision", [close(), sell(), sell(portion=5.0)], ids=["close", "reverse", "bad"])
def test_a_stale_price_refuses_the_whole_decision_closing_included(decision):
    script, _, result = run_script(HOLE, {1: buy(), 13: decision}, 14)
    assert list(result.rejections.values()) == [1]
    assert [each["side"] for each in result.open_positions] == ["long"]
    assert script.seen[13].get_price("X") == 100.0


def test_before_the_first_close_there_is_no_price_to_trade_at():
    history = market(X=klines(*[None] * 5, 100.0, 100.0))
    script, _, result = run_script(history, {5: buy(), 6: buy()}, 7)
    assert script.seen[5].get_price("X") == 0.0
    assert result.rejections == {"stale price": 1}
    assert result.fills == 1


def test_an_order_decided_at_the_end_fills_at_the_end():
    fills, result = fills_of({2: buy()}, 2)
    assert outline(fills) == [(2, "buy", 102.0)]
    assert result.total_trades == 0
    fills, _ = fills_of({2: buy()}, 2, execution_price="open")
    assert outline(fills) == [(2, "buy", 103.0)]


def test_a_decision_trades_the_symbol_that_it_names_whatever_triggered_it():
    history = market(X=klines(*[100.0] * 4), Y=klines(*[50.0] * 4))
    woken = [TriggerTimes("X", [START + MINUTE])]
    script, sim, _ = run_script(history, {1: buy("Y")}, 3, woken, scheduled_interval=3600)
    assert script.seen[1].trigger_symbol == "X"
    assert [(fill.symbol, fill.price) for fill in sim.exchange.fills] == [("Y", 50.0)]


REFUSED = {
    "would take": sell(time_in_force="Alo", min_price=90.0),
    "limit not met": sell(min_price=200.0),
    "take profit on the wrong side": sell(take_profit_price=200.0),
    "stop loss on the wrong side": sell(stop_loss_price=50.0),
    "leverage out of range": sell(leverage=100),
}


@pytest.mark.parametrize(("reason", "decision"), [*REFUSED.items()])
def test_a_rejected_decision_leaves_the_other_sides_orders_alone(reason, decision):
    orders = {1: buy(time_in_force="Gtc", max_price=99.0), 2: decision}
    _, sim, result = run_script(market(X=klines(*[100.0] * 4, (100, 100, 98, 100))), orders, 5)
    assert result.rejections == {reason: 1}
    assert [fill.price for fill in sim.exchange.fills] == [99.0]


@pytest.mark.parametrize(
    "decisions",
    [
        {2: sell(min_price=110.0, time_in_force="Gtc"), 3: buy(max_price=110.0)},
        {1: buy(), 2: buy(max_price=90.0, time_in_force="Gtc"), 3: close(min_price=90.0)},
        {1: buy(), 2: buy(max_price=90.0, time_in_force="Gtc"), 3: sell(min_price=90.0)},
    ],
    ids=["an entry", "a close", "a reversal"],
)
def test_an_ioc_order_that_finds_no_volume_leaves_the_other_sides_orders_alone(decisions):
    """The kline before the last decision has none; the order that rests since minute 2 is there until the end."""
    history = market(X=klines(*[(100.0, 100.0, 100.0, 100.0, 0.0 if minute == 2 else 1e6) for minute in range(6)]))
    _, sim, result = run_script(history, decisions, 5, volume_cap_percent=50.0)
    assert result.rejections == {"volume cap": 1, "end of run": 1}
    assert len(sim.exchange.fills) == len(decisions) - 2


@pytest.mark.parametrize("execution", ["close", "open", "vwap"])
def test_a_decision_that_fills_cancels_the_other_sides_orders(execution):
    orders = {1: buy(time_in_force="Gtc", max_price=90.0), 3: sell(portion=0.1)}
    _, sim, result = run_script(market(X=klines(*[100.0] * 6)), orders, 5, execution_price=execution)
    assert result.rejections == {"opposite decision": 1}
    assert [fill.side for fill in sim.exchange.fills] == ["sell"]


def test_a_reversal_beyond_a_limit_of_the_account_is_refused_whole():
    orders = {1: buy(portion=0.5), 2: sell(portion=0.5, leverage=3)}
    _, _, result = run_script(market(X=klines(*[100.0] * 4)), orders, 3, max_position_usd=9_000.0)
    assert result.rejections == {"risk limit: position notional": 1}
    assert [(position["side"], position["size"]) for position in result.open_positions] == [("long", 50.0)]


def test_the_balance_of_a_reversal_is_the_one_after_the_close():
    orders = {1: buy(portion=1.0, leverage=2), 2: sell(portion=1.0, leverage=2)}
    settings = {"fee_rate": 0.1, "slippage_percent": 0.5}
    history = market(X=klines(100.0, 110.0, 110.0, 110.0))
    _, sim, _ = run_script(history, orders, 3, **settings)
    wanted = sim.exchange.fills[-1].size * sim.exchange.fills[-1].price
    _, sim, result = run_script(history, orders, 3, max_position_usd=wanted * (1 + 1e-9), **settings)
    assert (result.rejections, len(sim.exchange.fills)) == ({}, 3)
    _, sim, result = run_script(history, orders, 3, max_position_usd=wanted * (1 - 1e-9), **settings)
    assert result.rejections == {"risk limit: position notional": 1}
