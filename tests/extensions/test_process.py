"""A process of one's own: it wakes the program when its position has lost too much since the last fill.

Touches 1 file: this one, with the process. It needs no base class and no registration.
"""

from engine import Decision, Fill, Phase, TriggerEvent
from tests.support.drills import jailed
from tests.support.runs import MINUTE, START, config, klines, market, wired

HISTORY = market(X=klines(100.0, 100.0, 99.0, 97.0, 96.0, 90.0, 90.0, 90.0, 90.0, 90.0))


def loss_alarm(sim, percent):
    """Look at every minute of a position, and wake the program once when it stands `percent` below its entry."""
    entries = sim.subscribe(Fill)
    while not sim.is_over:
        fills = yield entries.batch()
        while fills[-1].symbol in sim.account.state.holdings:
            yield sim.at(sim.now - sim.now % MINUTE + MINUTE, Phase.SIGNALS)
            price = sim.price(fills[-1].symbol)
            if price <= fills[-1].price * (1 - percent / 100):
                sim.bus.publish(TriggerEvent(sim.now, "signal", fills[-1].symbol, pool_name="loss alarm"))
                break


class Frightened:
    """Buys at the first tick, and sells when it is woken by the alarm."""

    def __init__(self):
        self.woken = []

    def should_trade(self, data):
        if data.signal_pool_name == "loss alarm":
            self.woken.append((data.timestamp - START) / MINUTE)
            return Decision("close", "X")
        return None if data.positions or data.recent_trades else Decision("buy", "X", target_portion_of_balance=0.5)


def test_the_process_wakes_the_program_at_the_instant_it_means():
    program = Frightened()
    sim = wired(HISTORY, config(program, 9, scheduled_interval="1m"))
    sim.process(loss_alarm, percent=3.5)
    result = sim.run()
    assert program.woken == [5]
    (trade,) = result.trades
    assert (trade.exit_pool_name, trade.exit_price, trade.exit_timestamp) == ("loss alarm", 96.0, START + 5 * MINUTE)
    assert (result.signal_triggers, result.scheduled_triggers) == (1, 9)


FRIGHTENED = """
class Frightened:
    def should_trade(self, data):
        if data.signal_pool_name == "loss alarm":
            log("woken", data.positions["X"].unrealized_pnl < 0)
            return Decision("close", "X")
        return None if data.positions or data.recent_trades else Decision("buy", "X", target_portion_of_balance=0.5)
"""


def test_it_wakes_a_jailed_program_too():
    result = jailed(HISTORY, FRIGHTENED, 9, prepare=lambda sim: sim.process(loss_alarm, 3.5))
    (trade,) = result.trades
    assert (trade.exit_pool_name, trade.exit_price, trade.exit_timestamp) == ("loss alarm", 96.0, START + 5 * MINUTE)
    assert ("woken True",) in [tuple(entry["logs"]) for entry in result.trigger_log]
