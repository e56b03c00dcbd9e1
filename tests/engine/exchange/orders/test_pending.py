"""Pending orders: what is due when, in which order, and that none of them can hold the clock."""

import pytest

from engine import Ahead, Order, PendingOrder, SimulationError, Touch
from tests.support.runs import MINUTE, START, Script, buy, config, klines, market, wired


class Reminder(PendingOrder):
    """Writes down when it is touched; put again each time, `pause_ms` later."""

    def __init__(self, sim, told, pause_ms):
        self.order_id = sim.exchange.next_id()
        self.sim, self.told, self.pause_ms = sim, told, pause_ms

    @property
    def symbol(self):
        return "X"

    def next_touch(self, ahead: Ahead):
        return Touch(ahead.now_ms + self.pause_ms, 0, 0.0, True)

    def fill(self, touch):
        self.told.append((touch.due_ms - START) / MINUTE)
        self.sim.exchange.cancel(self, "reminded")
        again = Reminder(self.sim, self.told, self.pause_ms)
        self.sim.exchange.place(again)

    def views(self) -> list[Order]:
        return []


class Sticky(Reminder):
    """Never gets on: it is due now for ever."""

    def fill(self, touch):
        self.sim.exchange.watch(self)


def placed(kind, **fields):
    sim, told = wired(market(X=klines(*[100.0] * 10)), config(Script({}), 9, **fields)), []

    def place(sim):
        yield sim.at(START + MINUTE)
        sim.exchange.place(kind(sim, told, 2 * MINUTE if kind is Reminder else 0))

    sim.process(place)
    return sim, told


def test_an_order_of_ones_own_kind_is_watched_touched_and_cancelled_at_the_end():
    sim, told = placed(Reminder)
    result = sim.run()
    assert told == [3, 5, 7, 9]
    assert result.rejections == {"reminded": 4, "end of run": 1}


def test_an_order_that_does_not_get_on_is_named():
    sim, _ = placed(Sticky)
    with pytest.raises(SimulationError, match="order Sticky 1 in X was due 1000 times at 1704067260000"):
        sim.run()


def test_an_order_can_be_placed_once_and_not_in_a_pause():
    sim = wired(market(X=klines(*[100.0] * 3)), config(Script({}), 2))
    order = Reminder(sim, [], MINUTE)
    sim.exchange.place(order)
    with pytest.raises(SimulationError, match="pending already"):
        sim.exchange.place(order)
    sim.exchange.pause("maintenance")
    with pytest.raises(SimulationError, match="cannot be placed: maintenance"):
        sim.exchange.place(Reminder(sim, [], MINUTE))


def test_pending_orders_show_oldest_first_and_a_partly_filled_one_keeps_its_place():
    history = market(X=klines(100.0, 100.0, (100, 100, 100, 100, 1000), (100, 100, 80, 100, 10), 100, 100))
    limit = {"time_in_force": "Gtc", "portion": 0.2}
    script = Script({1: buy(max_price=90.0, **limit), 2: buy(max_price=70.0, **limit)})
    sim = wired(history, config(script, 5, volume_cap_percent=10.0))
    sim.run()
    seen = [[(order.order_id, order.price) for order in script.seen[minute].open_orders] for minute in (3, 4)]
    assert seen == [[(1, 90.0), (2, 70.0)], [(1, 90.0), (2, 70.0)]]
    assert sim.exchange.fills[0].size == 1.0
