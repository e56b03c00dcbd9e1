"""A pause of the exchange: nothing fills in it, nothing is accepted, and its klines are not seen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import (
    ExchangePaused,
    ExchangeResumed,
    FlowHistory,
    KlineColumns,
    MarketHistory,
    SimulationError,
    SymbolHistory,
    TimedValues,
)
from tests.support.runs import MINUTE, START, Script, buy, close, config, klines, market, sell, walk, wired


def maintenance(sim, begin, end, reason="maintenance"):
    """Pause from minute `begin` to minute `end`."""
    yield sim.at(round(START + begin * MINUTE))
    sim.exchange.pause(reason)
    yield sim.at(round(START + end * MINUTE))
    sim.exchange.resume()


def paused(history, decisions, minutes, begin, end, **fields):
    script = Script(decisions)
    sim = wired(history, config(script, minutes, tuple(history.symbols), **fields))
    sim.process(maintenance, begin, end)
    return script, sim, sim.run()


def fills(sim):
    return [((f.timestamp - START) / MINUTE, f.purpose, pytest.approx(f.price)) for f in sim.exchange.fills]


def exits(history, order, begin=3, end=6, minutes=10, **fields):
    """The fills after an entry at minute 1 at 100, with a pause."""
    _, sim, _ = paused(history, {1: order}, minutes, begin, end, **fields)
    return fills(sim)[1:]


CALM = (100.0, 100.0, 100.0)  # minutes 0 to 3: the entry at minute 1, the pause begins at minute 3

PAUSES = [
    # what, the klines from minute 3 on (the pause lasts to minute 6), the exits of the entry, what fills
    ("a dip that comes back", [(100, 100, 80, 80), 80, (80, 101, 80, 100), 100], {"stop_loss_price": 90}, []),
    ("a peak that comes back", [(100, 120, 99, 120), 120, (120, 120, 99, 100), 100], {"take_profit_price": 110}, []),
    ("a stop gapped over", [85, 80, 85, 88], {"stop_loss_price": 90}, [(6, "sl", 85)]),
    ("a target gapped over", [115, 120, 112, 111], {"take_profit_price": 110}, [(6, "tp", 112)]),
    (
        "the price of the end alone",
        [85, 80, (80, 95, 80, 92), (88, 95, 88, 95)],
        {"stop_loss_price": 90},
        [(6, "sl", 88)],
    ),
    ("a stop touched later", [85, 80, 92, (92, 92, 89, 92)], {"stop_loss_price": 90}, [(7, "sl", 90)]),
    ("both gapped over", [85, 120, 80, 80], {"stop_loss_price": 90, "take_profit_price": 110}, [(6, "sl", 80)]),
    ("a trailing stop does not trail", [150, 150, 100, (100, 100, 95, 96)], {"trailing_stop_percent": 10}, []),
    ("a trailing stop gapped over", [150, 150, 88, 88], {"trailing_stop_percent": 10}, [(6, "trailing", 88)]),
    (
        "a trailing stop trails on from the price of the end",
        [150, 150, 120, (120, 120, 107, 107)],
        {"trailing_stop_percent": 10},
        [(7, "trailing", 108)],
    ),
    ("a time stop of the pause", [90, 85, 95, 96], {"max_holding_seconds": 180}, [(6, "time", 95)]),
    (
        "a time stop of the pause and a kline that opens beyond the target",
        [90, 85, 95, 115],
        {"max_holding_seconds": 180, "take_profit_price": 110},
        [(6, "time", 95)],
    ),
    (
        "a time stop of the pause and a price of its end beyond the stop",
        [90, 85, 85, 95],
        {"max_holding_seconds": 180, "stop_loss_price": 90},
        [(6, "sl", 85)],
    ),
]


@pytest.mark.parametrize(("rows", "fields", "expected"), [row[1:] for row in PAUSES], ids=[row[0] for row in PAUSES])
def test_the_klines_of_a_pause_are_not_seen_and_the_price_of_its_end_is_judged_first(rows, fields, expected):
    rows = [*CALM, *rows, *[rows[-1] if isinstance(rows[-1], (int, float)) else rows[-1][3]] * 4]
    assert exits(market(X=klines(*rows)), buy(**fields)) == expected


def test_short_positions_are_mirrored():
    history = market(X=klines(*CALM, 125, 125, 115, 115, 115, 115))
    assert exits(history, sell(stop_loss_price=110)) == [(6, "sl", 115)]
    assert exits(history, sell(trailing_stop_percent=10)) == [(6, "trailing", 115)]


def test_what_a_kline_had_touched_that_closed_when_the_pause_began_fills_then():
    history = market(X=klines(100.0, 100.0, (100, 100, 89, 95), 95, 95, 95, 95, 95))
    assert exits(history, buy(stop_loss_price=90)) == [(3, "sl", 90)]


def test_a_kline_that_opens_at_the_beginning_of_the_pause_belongs_to_it():
    history = market(X=klines(*CALM, 80, 100, 100, 100, 100))
    assert exits(history, buy(stop_loss_price=90)) == []


@pytest.mark.parametrize(("begin", "end"), [(3.5, 6), (3, 5.5), (3.25, 5.75)])
def test_klines_that_are_under_way_when_a_pause_begins_or_ends_belong_to_it(begin, end):
    history = market(X=klines(*CALM, (100, 100, 80, 100), 100, (100, 100, 80, 100), 100, 100, 100))
    assert exits(history, buy(stop_loss_price=90), begin, end) == []


def test_a_gapped_limit_stop_rests_from_the_end_of_the_pause_on():
    history = market(X=klines(*CALM, 80, 80, 85, 86, (86, 91, 86, 91), 91))
    done = exits(history, buy(stop_loss_price=90), bracket_execution="limit")
    assert done == [(8, "sl", 90)]


def test_the_price_of_the_end_of_a_pause_does_nothing_to_what_is_decided_at_it():
    history = market(X=klines(*[100.0] * 10))
    order = buy(max_price=100.5, time_in_force="Gtc")
    _, sim, _ = paused(history, {6: order}, 9, 3, 6, slippage_percent=1)
    assert fills(sim) == [(7, "entry", 100.5)]


def test_nothing_is_accepted_in_a_pause():
    history = market(X=klines(*[100.0] * 10))
    _, sim, result = paused(history, {2: buy(), 4: close(), 7: close()}, 9, 3, 6)
    assert result.rejections == {"maintenance": 1}
    assert fills(sim) == [(2, "entry", 100), (7, "decision", 100)]


def test_an_order_that_arrives_in_a_pause_is_rejected():
    history = market(X=klines(*[100.0] * 10))
    _, _, result = paused(history, {2: buy()}, 9, 3, 6, order_latency_ms=90_000)
    assert (result.rejections, result.fills) == ({"maintenance": 1}, 0)


def test_an_order_in_flight_all_through_a_pause_meets_the_market_of_its_arrival():
    history = market(X=klines(*[100.0] * 10))
    orders = {2: buy(), 2.5: buy("nonsense")}
    fields = {"order_latency_ms": 300_000, "scheduled_interval": 30}
    _, sim, result = paused(history, orders, 9, 3, 6, **fields)
    assert result.rejections == {"symbol not configured": 1}
    assert fills(sim) == [(7, "entry", 100)]


@pytest.mark.parametrize(("execution", "expected"), [("open", (6, "entry", 106)), ("vwap", (7, "entry", 106))])
def test_an_order_that_waits_for_its_kline_waits_for_one_after_the_pause(execution, expected):
    history = market(X=klines(100, 101, 102, 103, 104, 105, 106, 107, 108, 109))
    _, sim, _ = paused(history, {2.5: buy()}, 9, 2.75, 6, execution_price=execution, scheduled_interval=30)
    assert fills(sim) == [expected]


@pytest.mark.parametrize("decided", [2.5, 6], ids=["before the pause", "at its end"])
def test_a_trailing_stop_does_not_follow_the_price_of_the_end_of_a_pause_that_came_before_its_entry(decided):
    history = market(X=klines(*CALM, 100, 100, 110, (100, 100, 97, 100), (100, 100, 94, 95), 95))
    order = {decided: buy(trailing_stop_percent=5.0)}
    _, sim, _ = paused(history, order, 8, 2.75, 6, execution_price="open", scheduled_interval=30)
    assert fills(sim) == [(6, "entry", 100), (8, "trailing", 95)]


def test_an_order_whose_kline_would_come_too_late_is_refused_at_the_end_of_the_pause():
    history = market(X=klines(*[100.0] * 20))
    _, _, result = paused(
        history, {2.5: buy()}, 19, 2.75, 14, execution_price="open", scheduled_interval=30, price_stale_ms=600_000
    )
    assert (result.rejections, result.fills) == ({"no price": 1}, 0)


@pytest.mark.parametrize(
    ("end_price", "later", "expected"),
    [(95, 95, []), (90, 90, [(6, "entry", 91)]), (95, (95, 95, 90, 92), [(7, "entry", 91)])],
)
def test_a_resting_order_fills_at_its_limit_at_the_end_of_the_pause_or_later(end_price, later, expected):
    history = market(X=klines(*CALM, 80, 80, end_price, later, 95, 95, 95))
    order = buy(max_price=91.0, time_in_force="Gtc")
    _, sim, _ = paused(history, {1: order}, 9, 3, 6)
    assert fills(sim) == expected


def test_nothing_is_liquidated_in_a_pause_and_the_price_of_its_end_liquidates():
    dip = market(X=klines(*CALM, (100, 100, 50, 50), 50, (50, 100, 50, 100), 100, 100, 100))
    order = buy(portion=1.0, leverage=10)
    _, sim, result = paused(dip, {1: order}, 8, 3, 6)
    assert (result.liquidations, len(sim.account.state.holdings)) == ([], 1)
    gap = market(X=klines(*CALM, 50, 50, 85, 85, 85, 85))
    _, sim, result = paused(gap, {1: order}, 8, 3, 6)
    assert fills(sim)[1:] == [(6, "liquidation", 85)]
    assert result.liquidations[0]["at_open"]
    later = market(X=klines(*CALM, 50, 50, 100, (100, 100, 80, 90), 90, 90))
    _, sim, _ = paused(later, {1: order}, 8, 3, 6)
    assert [(at, why) for at, why, _ in fills(sim)[1:]] == [(7, "liquidation")]


def test_a_kline_that_closed_when_the_pause_began_still_liquidates():
    history = market(X=klines(100.0, 100.0, (100, 100, 80, 95), 95, 95, 95, 95, 95))
    _, sim, _ = paused(history, {1: buy(portion=1.0, leverage=10)}, 7, 3, 6)
    assert [(at, why) for at, why, _ in fills(sim)[1:]] == [(3, "liquidation")]


def test_funding_goes_on_in_a_pause():
    rates = TimedValues([START + 30 * MINUTE, START + 60 * MINUTE], [0.001, 0.001])
    columns = klines(*[100.0] * 80)
    history = MarketHistory([SymbolHistory("X", columns, flow=FlowHistory(funding_rate=rates))])
    _, sim, result = paused(history, {1: buy()}, 70, 3, 65)
    assert result.funding_payments == 2
    assert sim.exchange.paused_at is None


def test_everybody_hears_of_a_pause():
    history = market(X=klines(*[100.0] * 10))
    sim = wired(history, config(Script({}), 9))
    heard = []
    sim.bus.listen(ExchangePaused, heard.append)
    sim.bus.listen(ExchangeResumed, heard.append)
    sim.process(maintenance, 3, 6)
    sim.run()
    begin, end = START + 3 * MINUTE, START + 6 * MINUTE
    assert heard == [ExchangePaused(begin, "maintenance"), ExchangeResumed(end, begin)]


def test_a_pause_in_a_pause_and_an_end_without_one_are_errors():
    sim = wired(market(X=klines(*[100.0] * 3)), config(Script({}), 2))
    with pytest.raises(SimulationError, match="not paused"):
        sim.exchange.resume()
    sim.exchange.pause("first")
    with pytest.raises(SimulationError, match="already"):
        sim.exchange.pause("second")


def test_two_pauses_and_a_run_that_ends_in_one():
    dip = (100, 100, 80, 100)
    history = market(X=klines(*CALM, dip, 100, dip, 100, 80, 80, 80))
    sim = wired(history, config(Script({1: buy(stop_loss_price=90)}), 9))
    sim.process_named("first", maintenance, 3, 4)
    sim.process_named("second", maintenance, 5, 6)
    sim.process_named("third", maintenance, 7, 90)
    result = sim.run()
    assert fills(sim)[1:] == []
    assert result.success


def test_the_15_second_rows_of_a_pause_are_not_seen_either():
    from engine import TradeRows

    times = START + 15_000 * np.arange(1, 41)
    low = np.where((times > START + 3 * MINUTE) & (times < START + 6 * MINUTE), 80.0, 100.0)
    rows = TradeRows(times, *[np.ones(40)] * 4, high=np.full(40, 100.0), low=low, vwap=np.full(40, 100.0))
    history = MarketHistory([SymbolHistory("X", klines(*[100.0] * 10), flow=FlowHistory(trades=rows))])
    assert exits(history, buy(stop_loss_price=90), watch_period="15s") == []


def scrambled(columns: KlineColumns, begin_ms: int, end_ms: int, seed: int) -> KlineColumns:
    """The same klines with those of a pause replaced by something wild, all but the last price of it."""
    random = np.random.default_rng(seed)
    ends = columns.open_ms + columns.period_ms
    of_pause = (ends > begin_ms) & (columns.open_ms < end_ms)
    last = int(np.flatnonzero(ends <= end_ms)[-1])
    factor = np.where(of_pause, np.exp(random.standard_normal(len(columns)) * 0.5), 1.0)
    new = {name: getattr(columns, name) * factor for name in ("open", "high", "low", "close")}
    new["close"][last] = columns.close[last]
    new["high"][last], new["low"][last] = (
        max(new["high"][last], new["close"][last]),
        min(new["low"][last], new["close"][last]),
    )
    return KlineColumns(columns.period_ms, columns.open_ms, **new, volume=columns.volume)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(4, 30), st.integers(1, 30), st.sampled_from(["close", "open", "vwap"]))
def test_what_happens_in_a_pause_changes_nothing_and_nothing_fills_in_it(seed, begin, length, execution):
    random = np.random.default_rng(seed)
    columns = walk(90, seed=seed, volatility=0.01)
    begin_ms, end_ms = START + begin * MINUTE, START + (begin + length) * MINUTE

    def decisions(prices):
        def decide(data):
            side, price = (buy, 1) if random_of[data.timestamp] < 0.5 else (sell, -1), data.get_price("X")
            operation, sign = side
            return operation(
                portion=0.5,
                leverage=5,
                take_profit_price=price * (1 + 0.02 * sign),
                stop_loss_price=price * (1 - 0.02 * sign),
                trailing_stop_percent=3.0,
                max_holding_seconds=900,
            )

        random_of = {START + minute * MINUTE: draw for minute, draw in enumerate(prices)}
        asked = [minute for minute in range(2, 88, 7) if not begin < minute < begin + length]
        return dict.fromkeys(asked, decide)

    draws = random.random(90)
    found = []
    for each in (columns, scrambled(columns, begin_ms, end_ms, seed)):
        _, sim, result = paused(market(X=each), decisions(draws), 89, begin, begin + length, execution_price=execution)
        assert result.error is None
        assert not [f for f in sim.exchange.fills if begin_ms < f.timestamp < end_ms]
        found.append([(f.timestamp, f.purpose, f.size, f.price) for f in sim.exchange.fills])
    assert found[0] == found[1]
