"""Orders that wait for the kline of their price: when they fill, how they are sized, and how they end."""

import pytest

from engine import OrderRejected
from tests.support.fills import HOLE, fills_of, outline
from tests.support.runs import MINUTE, START, Script, buy, close, config, klines, market, run_script, wired


@pytest.mark.parametrize(("execution", "at", "price"), [("open", 16, 120.0), ("vwap", 17, 120.0)])
@pytest.mark.parametrize(("minute", "waits"), [(6, True), (5, False)])
def test_an_order_waits_for_its_kline_up_to_and_including_the_stale_limit(execution, at, price, minute, waits):
    fills, result = fills_of({minute: buy()}, 18, HOLE, execution_price=execution)
    assert outline(fills) == ([(at, "buy", price)] if waits else [])
    assert result.rejections == ({} if waits else {"no price": 1})


def test_an_order_that_finds_no_kline_is_refused_when_the_limit_is_over_not_before():
    _, sim, _ = run_script(HOLE, {}, 18, execution_price="open")
    script = Script({2: buy()})
    sim = wired(HOLE, config(script, 18, execution_price="open"))
    refused = []
    sim.bus.listen(
        OrderRejected, lambda message: refused.append(((message.timestamp - START) / MINUTE, message.reason))
    )
    sim.run()
    assert refused == [(12, "no price")]
    assert [len(script.seen[minute].open_orders) for minute in (2, 3, 11, 12, 13)] == [0, 1, 1, 0, 0]


@pytest.mark.parametrize(("execution", "minutes"), [("open", 10), ("vwap", 16.5), ("vwap", 10)])
def test_what_still_waits_at_the_end_is_cancelled_and_counted(execution, minutes):
    _, result = fills_of({8: buy()}, minutes, HOLE, execution_price=execution)
    assert (result.fills, result.rejections) == (0, {"end of run": 1})


def test_what_is_due_exactly_at_the_end_is_filled():
    for execution, minutes in (("open", 16), ("vwap", 17)):
        _, result = fills_of({8: buy()}, minutes, HOLE, execution_price=execution)
        assert (result.fills, result.rejections) == (1, {})


def test_with_open_an_order_is_sized_and_checked_at_the_fill():
    history = market(X=klines(100.0, None, None, (120, 120, 120, 120), 120.0, 120.0))
    fills, result = fills_of({1: buy(take_profit_price=115.0), 2: buy(portion=1.0)}, 5, history, execution_price="open")
    assert result.rejections == {"take profit on the wrong side": 1}
    assert fills == [(3, "buy", pytest.approx(10_000 / 120), 120.0, 0.0, "entry")]


def test_several_waiting_orders_fill_in_the_order_of_submission_each_on_the_changed_account():
    history = market(X=klines(100.0, None, None, 100.0, 100.0, 100.0))
    script, sim, _ = run_script(
        history, {1: buy(portion=0.5), 2: buy(portion=0.5), 3: close(portion=0.5)}, 5, execution_price="open"
    )
    assert [(fill.order_id, fill.size, fill.purpose) for fill in sim.exchange.fills] == [
        (1, 50.0, "entry"),
        (2, 25.0, "entry"),
        (3, 37.5, "decision"),
    ]
    assert [order.order_id for order in script.seen[3].open_orders] == []  # both filled before the decision of minute 3


def test_a_waiting_order_shows_as_open_and_is_not_part_of_the_margin():
    history = market(X=klines(100.0, None, None, 100.0, 100.0))
    script, _, _ = run_script(history, {1: buy(max_price=150.0)}, 4, execution_price="open")
    (order,) = script.seen[2].open_orders
    assert order._asdict() == {
        "order_id": 1, "symbol": "X", "side": "Buy", "direction": "Open Long", "order_type": "Limit", "size": 0.0,
        "price": 150.0, "trigger_price": None, "reduce_only": False, "timestamp": START + MINUTE, "tag": "",
    }  # fmt: skip
    assert (script.seen[2].used_margin, script.seen[2].available_balance) == (0.0, 10_000.0)
    assert script.seen[3].open_orders == []


def test_a_waiting_close_whose_position_is_gone_finds_nothing_to_close():
    history = market(X=klines(100.0, 100.0, None, None, 100.0, 100.0))
    _, result = fills_of({1: buy(), 2: close(), 3: close()}, 6, history, execution_price="open")
    assert result.rejections == {"nothing to close": 1}
    assert result.total_trades == 1


@pytest.mark.parametrize("execution", ["open", "vwap"])
def test_a_position_opened_before_the_first_close_is_worth_what_was_paid(execution):
    history = market(X=klines(None, None, (100, 110, 90, 105), 105.0, 105.0), Y=klines(*[50.0] * 6))
    asked = {minute: lambda data: None for minute in (2, 3)}
    script, _, result = run_script(history, {1: buy(), **asked}, 3, execution_price=execution, scheduled_interval=30)
    if execution == "open":  # filled at minute 2, before any close was known
        data = script.seen[2.5]
        assert data.positions["X"].unrealized_pnl == 0.0
        assert (data.total_equity, data.maintenance_margin) == (10_000.0, pytest.approx(50.0))
    assert result.final_equity == pytest.approx(
        10_000 + (50 * 5 if execution == "open" else 5000 / (305 / 3) * (105 - 305 / 3))
    )


def test_a_run_that_is_stopped_before_the_first_close_reports_the_position_at_what_was_paid():
    history = market(X=klines(None, None, (100, 110, 90, 105), 105.0))
    sim = wired(history, config(Script({1: buy()}), 4, execution_price="open"))

    def stopper(sim):
        yield sim.at(START + 2 * MINUTE + 30_000)
        sim.stop()

    sim.process(stopper)
    result = sim.run()
    (position,) = result.open_positions
    assert (position["mark_price"], position["unrealized_pnl"], result.final_equity) == (100.0, 0.0, 10_000.0)
