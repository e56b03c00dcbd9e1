"""A maintenance window: every day the exchange stands still for some minutes.

Touches 1 file: this one, with the process. It needs nothing but `exchange.pause` and `exchange.resume`.
"""

from engine import Decision
from tests.support.drills import BUY_ONCE, jailed
from tests.support.runs import DAY, MINUTE, START, config, klines, market, wired

#: A day and a half; in the second day's first minutes the price falls through the stop and comes back.
HISTORY = market(X=klines(*[100.0] * 1440, 80.0, 80.0, (80.0, 99.0, 80.0, 99.0), *[99.0] * 60))


def maintenance(sim, at_ms, length_ms):
    """Pause the exchange every day at `at_ms` after 00:00 UTC."""
    begin = sim.start_ms - sim.start_ms % DAY + at_ms
    while begin <= sim.end_ms:
        if begin >= sim.start_ms:
            yield sim.at(begin)
            sim.exchange.pause("maintenance")
            yield sim.at(begin + length_ms)
            sim.exchange.resume()
        begin += DAY


class BuysWithAStop:
    def should_trade(self, data):
        if data.positions or data.recent_trades:
            return None
        return Decision("buy", "X", target_portion_of_balance=0.5, leverage=1, stop_loss_price=90.0)


def run(window):
    sim = wired(HISTORY, config(BuysWithAStop, 1500, scheduled_interval="1m"))
    if window is not None:
        sim.process(maintenance, *window)
    return sim.run()


def test_the_stop_sleeps_through_the_window():
    assert [trade.exit_reason for trade in run(None).trades] == ["sl"]
    assert run((0, 3 * MINUTE)).trades == ()
    (trade,) = run((0, 2 * MINUTE)).trades
    assert (trade.exit_price, trade.exit_timestamp) == (80.0, START + DAY + 2 * MINUTE)


def test_orders_of_the_window_are_refused():
    assert run((0, 5 * MINUTE)).rejections["maintenance"] == 4


def test_it_stands_still_for_a_jailed_program_too():
    def prepare(sim):
        sim.process(maintenance, 0, 5 * MINUTE)

    assert jailed(HISTORY, BUY_ONCE, 1445, prepare=prepare).rejections["maintenance"] == 4
