"""Orders on their way: the market of their arrival, and what is still under way at the end."""

from tests.support.runs import MINUTE, START, buy, klines, market, run_script

STEADY = market(X=klines(*[(100.0, 100.0, 100.0, 100.0, 10.0)] * 200))


def test_an_order_meets_the_market_of_its_arrival_and_nobody_waits():
    history = market(X=klines(100.0, 101.0, 102.0, 103.0, 104.0))
    script, sim, result = run_script(history, {1: buy(), 2: buy(leverage=99)}, 4, order_latency_ms=90_000)
    (fill,) = sim.exchange.fills
    assert (fill.timestamp, fill.price) == (START + 2 * MINUTE + 30_000, 101.0)
    assert script.seen[2].open_orders[0].order_type == "In Flight"
    assert [entry["order"]["status"] for entry in result.trigger_log if "order" in entry] == ["in flight"] * 2
    assert result.rejections == {"leverage out of range": 1}
    assert result.orders_submitted == 2


def test_what_is_still_in_flight_at_the_end_is_cancelled_and_counted():
    _, sim, result = run_script(STEADY, {3: buy()}, 4, order_latency_ms=90_000)
    assert (sim.exchange.fills, result.rejections) == ([], {"end of run": 1})


def test_a_changed_decision_object_does_not_change_what_was_sent():
    decision = buy()

    def change(_):
        decision.symbol = "NOPE"

    _, sim, _ = run_script(STEADY, {1: decision, 2: change}, 5, order_latency_ms=90_000)
    assert [fill.symbol for fill in sim.exchange.fills] == ["X"]
