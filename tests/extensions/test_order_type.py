"""A new order type: a stop entry buys when the price has risen to its trigger, or sells when it has fallen there.

Touches 2 files: this one, with the class, and the script or process that places it (`enter_on_breakout` below).
"""

import pytest

from engine import Decision, Order, PendingOrder, Touch
from engine.contract import OrderKind
from engine.market.series import first_outside
from tests.support.drills import jailed
from tests.support.runs import MINUTE, START, Script, config, klines, market, wired


class StopEntry(PendingOrder):
    """Trades as `decision` does, at market, when the price reaches `trigger`."""

    def __init__(self, exchange, decision, trigger):
        self.order_id = exchange.next_id()
        self.exchange, self.decision, self.trigger = exchange, decision, trigger

    @property
    def symbol(self):
        return self.decision.symbol

    def next_touch(self, ahead):
        """The first kline that reaches the trigger; one that opens beyond it trades at its open."""
        spans, start, stop, _ = ahead
        buys = self.decision.action() == "buy"
        upper, lower = (self.trigger, None) if buys else (None, self.trigger)
        place = first_outside(spans.high, spans.low, upper, lower, start, stop)
        if place < 0:
            return None
        opened = spans.gap_price[place]
        if opened >= self.trigger if buys else opened <= self.trigger:
            return Touch(int(spans.gap_ms[place]), place, float(opened), at_open=True)
        return Touch(spans.end(place), place, self.trigger, at_open=False)

    def fill(self, touch):
        self.exchange.execute(self, self.decision, touch.price)

    def views(self):
        sign = 1 if self.decision.action() == "buy" else -1
        return [Order.of(OrderKind.STOP_MARKET, self.order_id, self.symbol, sign, 0, trigger_price=self.trigger)]


def enter_on_breakout(sim, operation, trigger, **fields):
    """Place a stop entry at minute 2."""
    yield sim.at(START + 2 * MINUTE)
    decision = Decision(operation, "X", target_portion_of_balance=0.5, leverage=1, **fields)
    sim.exchange.place(StopEntry(sim.exchange, decision, trigger))


def run(rows, operation, trigger, minutes=8, **fields):
    script = Script({})
    sim = wired(market(X=klines(*rows)), config(script, minutes))
    sim.process(enter_on_breakout, operation, trigger, **fields)
    result = sim.run()
    done = [((f.timestamp - START) / MINUTE, f.side, f.purpose, pytest.approx(f.price)) for f in sim.exchange.fills]
    return done, result, script


@pytest.mark.parametrize(
    ("rows", "operation", "trigger", "expected"),
    [
        ([100, 100, 100, (100, 106, 100, 104)], "buy", 105.0, [(4, "buy", "entry", 105)]),
        ([100, 100, 100, (107, 108, 106, 107)], "buy", 105.0, [(3, "buy", "entry", 107)]),
        ([100, 100, 100, (100, 100, 94, 96)], "sell", 95.0, [(4, "sell", "entry", 95)]),
        ([100, 106, 100, 100], "buy", 105.0, []),
    ],
)
def test_it_trades_where_the_market_reaches_it(rows, operation, trigger, expected):
    done, result, _ = run([*rows, *[rows[-1] if isinstance(rows[-1], int) else rows[-1][3]] * 6], operation, trigger)
    assert done == expected
    assert result.rejections == ({} if expected else {"end of run": 1})


def test_its_entry_has_a_bracket_like_any_other_and_it_shows_among_the_open_orders():
    rows = [100, 100, 100, (100, 106, 100, 104), (104, 111, 104, 110), 110, 110]
    done, _, script = run(rows, "buy", 105.0, 6, take_profit_price=109.0)
    assert done == [(4, "buy", "entry", 105), (5, "sell", "tp", 109)]
    (order,) = script.seen[3].open_orders
    assert (order.order_type, order.trigger_price, order.direction) == ("Stop Market", 105.0, "Open Long")


def test_it_sleeps_through_a_pause_of_the_exchange():
    def pause(sim):
        yield sim.at(START + 3 * MINUTE)
        sim.exchange.pause("maintenance")
        yield sim.at(START + 5 * MINUTE)
        sim.exchange.resume()

    for last, expected in ((100, []), (107, [(5, 107)])):
        sim = wired(market(X=klines(100, 100, 100, 106, last, last, last, last)), config(Script({}), 7))
        sim.process(enter_on_breakout, "buy", 105.0)
        sim.process(pause)
        sim.run()
        assert [((f.timestamp - START) / MINUTE, f.price) for f in sim.exchange.fills] == expected


SEES_ORDERS = """
class SeesOrders:
    def should_trade(self, data):
        log([(order.order_type, order.trigger_price) for order in data.open_orders])
"""


def test_a_jailed_program_sees_it_among_the_open_orders():
    def prepare(sim):
        sim.process(enter_on_breakout, "buy", 105.0)

    history = market(X=klines(100, 100, 100, 100, (100, 106, 100, 104), *[104] * 4))
    result = jailed(history, SEES_ORDERS, 8, prepare=prepare)
    assert [entry["logs"][0] for entry in result.trigger_log].count("[('Stop Market', 105.0)]") == 3
    assert result.fills == 1


class Grouped(StopEntry):
    """One of a group: it goes when another of it fills."""

    @property
    def group(self):
        return "g"


@pytest.mark.parametrize("cap", [None, 5.0])
def test_one_of_a_group_goes_when_another_fills_in_whole_or_in_part(cap):
    def place(sim):
        yield sim.at(START + 2 * MINUTE)
        sim.exchange.place(Grouped(sim.exchange, Decision("buy", "X", size=1.0, leverage=1), 105.0))

    bid = Decision("buy", "X", size=10.0, leverage=1, max_price=99.0, time_in_force="Gtc", group="g")
    settings = config(Script({1: bid}), 8, volume_cap_percent=cap)
    sim = wired(market(X=klines(100, 100, 100, (100, 100, 98, 98), (98, 106, 98, 106), 106)), settings)
    sim.process(place)
    result = sim.run()
    assert result.rejections.get("another of its group filled") == 1
    assert {fill.price for fill in sim.exchange.fills} == {99.0}
    assert (sim.exchange.fills[0].size < 10.0) is (cap is not None)
