"""The exchange as a whole: what it says on the bus and to whom submits, outages, checks, and its end."""

from simpy import Environment

from engine import Fill, OrderRejected, OrderSubmitted, StrategyFailed
from tests.support.fills import RISING
from tests.support.runs import MINUTE, START, Script, buy, close, config, klines, market, sell, wired


def test_the_bus_tells_submission_fills_and_rejections_in_their_order():
    script = Script({1: buy(), 2: sell(), 3: buy("Y"), 4: close()})
    sim = wired(RISING, config(script, 5))
    told = []
    for kind in (OrderSubmitted, Fill, OrderRejected, StrategyFailed):
        sim.bus.listen(
            kind, lambda message: told.append(((message.timestamp - START) // MINUTE, type(message).__name__))
        )
    sim.run()
    assert told == [
        (1, "OrderSubmitted"), (1, "Fill"),
        (2, "OrderSubmitted"), (2, "Fill"), (2, "Fill"),
        (3, "OrderSubmitted"), (3, "OrderRejected"),
        (4, "OrderSubmitted"), (4, "Fill"),
    ]  # fmt: skip


def test_a_process_gets_the_result_of_what_it_submits():
    sim = wired(RISING, config(Script({}), 5))
    results = []

    def trader(sim):
        yield sim.at(START + MINUTE)
        results.append((yield sim.exchange.submit(buy())))
        results.append((yield sim.exchange.submit(buy("Y"))))
        results.append((yield sim.exchange.submit(close(), at_ms=START + 3 * MINUTE)))

    sim.process(trader)
    sim.run()
    assert [(each.status, each.reason, len(each.fills)) for each in results] == [
        ("filled", "", 1),
        ("rejected", "symbol not configured", 0),
        ("filled", "", 1),
    ]
    assert [fill.timestamp for each in results for fill in each.fills] == [START + MINUTE, START + 3 * MINUTE]


def test_an_outage_rejects_what_arrives_and_leaves_what_is_pending():
    script = Script({1: buy(stop_loss_price=90.0), 2: buy(), 4: close()})
    sim = wired(market(X=klines(100.0, 100.0, (100, 100, 85, 88), 88.0, 88.0)), config(script, 5))

    def outage(sim):
        yield sim.at(START + MINUTE + 1)
        sim.exchange.reject_orders("outage")
        yield sim.at(START + 3 * MINUTE + 1)
        sim.exchange.accept_orders()

    sim.process(outage)
    result = sim.run()
    assert result.rejections == {"nothing to close": 1, "outage": 1}
    assert [trade.exit_reason for trade in result.trades] == ["sl"]


def test_checks_of_ones_own_refuse_with_their_reason():
    script = Script({1: buy(), 2: buy(portion=0.9)})
    sim = wired(RISING, config(script, 5))
    sim.exchange.checks.append(lambda decision, now: "too big" if decision.target_portion_of_balance > 0.5 else None)
    assert sim.run().rejections == {"too big": 1}


def test_after_a_stop_nothing_fills_although_the_host_goes_on():
    env = Environment(START)
    script = Script({1: buy(stop_loss_price=90.0), 2: buy("Y")})
    history = market(X=klines(100.0, 100.0, 100.0, (100, 100, 80, 85), 85.0), Y=klines(50.0, 50.0, *[None] * 5, 50.0))
    sim = wired(history, config(script, 20, ("X", "Y")), env=env)
    refused = []

    def stopper(sim):
        yield sim.at(START + 2 * MINUTE + 1)
        sim.stop()

    def late(sim):
        yield sim.at(START + 3 * MINUTE)
        refused.append((yield sim.exchange.submit(buy())))

    sim.process(stopper)
    sim.process(late)
    sim.start()
    env.run(START + 20 * MINUTE)
    result = sim.result()
    assert result.end_time == START + 2 * MINUTE + 1
    assert [(fill.timestamp - START) // MINUTE for fill in sim.exchange.fills] == [1, 2]
    assert (result.total_trades, refused[0].status, refused[0].reason) == (0, "rejected", "end of run")
