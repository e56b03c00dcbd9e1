"""What becomes of prices, marks and rates, and of what the program is told of them."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.trials import Ground, Job, Trial, run_trials
from adapters.workers import ThisProcess
from engine import FlowHistory, IndicatorCondition, KlineColumns, MarketHistory, SymbolHistory, TimedValues
from processes import IndicatorSignal
from tests.processes.faults.test_exchange_faults import at, scripted
from tests.support.runs import HOUR, MINUTE, START, Script, buy, config, klines, market, walk, wired

FLAT = market(X=klines(*[100.0] * 120))


def changed(history, *faults, minutes=60):
    """Return the history of X in a run with faults, and as the program is told of it."""
    settings = config(Script({}), minutes, tuple(history.symbols), faults=list(faults))
    sim = wired(history, settings)
    sim.run()
    return sim.market.symbols["X"], sim.provider.market.symbols["X"]


def test_prices_fall_so_far_and_come_back_and_longer_klines_follow():
    crashed, told = changed(FLAT, at(10, 20, "flash_crash", percent=25.0))
    base, hour = crashed.base.columns, crashed.series("1h").columns
    assert base.low.min() == pytest.approx(75.0)
    assert hour.low[0] == pytest.approx(75.0)
    touched = np.flatnonzero(base.low < 100.0)
    assert (touched[0], touched[-1]) == (10, 29)
    assert (base.high >= np.maximum(base.open, base.close)).all()
    assert (base.low <= np.minimum(base.open, base.close)).all()
    assert np.array_equal(base.open[1:], base.close[:-1])  # as in the flat market: without a gap
    assert told is crashed
    assert FLAT.symbols["X"].base.columns.low.min() == 100.0


@pytest.mark.parametrize(("direction", "far"), [("down", "high"), ("up", "low")])
def test_no_kline_in_a_crash_reaches_where_prices_were(direction, far):
    crashed, _ = changed(FLAT, at(10, 20, "flash_crash", percent=25.0, direction=direction))
    base = crashed.base.columns
    assert np.array_equal(
        getattr(base, far)[10:30], {"high": np.maximum, "low": np.minimum}[far](base.open, base.close)[10:30]
    )


def test_up_is_a_direction_too():
    crashed, _ = changed(FLAT, at(10, 20, "flash_crash", percent=25.0, direction="up"))
    assert crashed.base.columns.high.max() == pytest.approx(125.0)
    assert crashed.base.columns.low.min() == 100.0


@pytest.mark.parametrize("direction", ["down", "up"])
def test_a_wick_is_one_kline_whose_open_and_close_stay(direction):
    spiked, _ = changed(FLAT, at(10, 0, "wick", percent=5.0, direction=direction))
    base = spiked.base.columns
    assert set(base.open) == set(base.close) == {100.0}
    reached = base.low if direction == "down" else base.high
    assert [place for place, price in enumerate(reached) if price != 100.0] == [10]
    assert reached[10] == pytest.approx(95.0 if direction == "down" else 105.0)


def test_a_stop_is_hit_by_a_wick():
    plain, hit = (
        scripted(FLAT, {1: buy(stop_loss_price=97.0)}, 40, *faults)[1]
        for faults in ([], [at(10, 0, "wick", direction="down")])
    )
    assert (plain.trades, [trade.exit_reason for trade in hit.trades]) == ((), ["sl"])


def recorded():
    """A symbol with marks, oracle prices, rates, and longer klines that are stored."""
    times = np.arange(START, START + 2 * HOUR, 20_000)
    flow = FlowHistory(
        mark_price=TimedValues(times, np.full(len(times), 100.0)),
        oracle_price=TimedValues(times, np.full(len(times), 100.0)),
        funding_rate=TimedValues([START + HOUR * k for k in range(3)], [0.001, 0.002, 0.003]),
    )
    stored = [KlineColumns(HOUR, [START - HOUR, START, START + HOUR], *[[100.0] * 3] * 4, [60.0] * 3)]
    history = SymbolHistory("X", klines(*[100.0] * 120), stored, flow, klines(*[100.0] * 120))
    return MarketHistory([history])


def test_marks_follow_a_crash_and_a_longer_kline_that_was_stored_does_not_contradict_it():
    crashed, _ = changed(recorded(), at(10, 20, "flash_crash", percent=25.0))
    for rows in (crashed.flow.mark_price.rows, crashed.flow.oracle_price.rows):
        assert 75.0 <= rows.value.min() < 80.0
    assert crashed.mark_klines.low.min() == pytest.approx(75.0)
    assert crashed.disagreements() == {}
    assert crashed.series("1h").columns.low.tolist() == pytest.approx([100.0, 75.0, 100.0])


def test_an_account_is_liquidated_by_a_crash_of_its_symbol_alone():
    history = market(X=klines(*[100.0] * 60), Y=klines(*[100.0] * 60))
    decisions = {1: buy("X", portion=0.4, leverage=20), 2: buy("Y", portion=0.9, leverage=1)}
    crash = at(10, 10, "flash_crash", percent=30.0)
    counts = []
    for symbols in (["X"], ["Y"], None):
        result = scripted(history, decisions, 40, {**crash, "symbols": symbols})[1]
        counts.append(len(result.liquidations))
    assert counts[0] >= 1
    assert counts[1] == 0
    assert counts[2] >= 1


@pytest.mark.parametrize("history", [market(X=walk(120)), recorded()], ids=["no marks", "marks"])
def test_a_stale_mark_is_what_margin_is_judged_on(history):
    moved = {"kind": "flash_crash", "start": START + 20 * MINUTE, "duration": "20m", "percent": 40.0}
    position = {1: buy(portion=0.9, leverage=5)}
    liquidated = scripted(history, position, 60, moved)[1]
    assert [trade.exit_reason for trade in liquidated.trades] == ["liquidation"]
    sim, held, _ = scripted(history, position, 60, moved, at(19, 25, "stale_mark"))
    assert held.trades == ()
    assert sim.price("X") > 0
    assert any(
        text.startswith("fault stale_mark: once, 25m in all; klines with a stale mark: ") for text in held.warnings
    )


def test_without_marks_the_end_of_a_stale_one_is_judged_at_the_price_of_its_instant():
    history = market(X=klines(*[100.0] * 5, *[93.0] * 40))
    _, result, _ = scripted(history, {1: buy(portion=1.0, leverage=20)}, 30, at(3, 6, "stale_mark"))
    exits = [(trade.exit_reason, (trade.exit_timestamp - START) / MINUTE, trade.exit_price) for trade in result.trades]
    assert exits == [("liquidation", 9.0, 93.0)]


def test_orders_fill_at_the_market_beside_a_stale_mark():
    moved = {"kind": "flash_crash", "start": START + 20 * MINUTE, "duration": "20m", "percent": 40.0}
    decisions = {25: buy(portion=0.1)}
    for faults in ([moved], [moved, at(19, 25, "stale_mark")]):
        sim, *_ = scripted(market(X=klines(*[100.0] * 60)), decisions, 60, *faults)
        assert sim.exchange.fills[0].price < 95.0


def test_rates_of_the_span_are_raised_and_the_program_sees_it():
    spiked, told = changed(recorded(), at(50, 30, "funding_spike", percent=0.5))
    assert spiked.flow.funding_rate.rows.value.tolist() == pytest.approx([0.001, 0.007, 0.003])
    assert told is spiked
    result = scripted(recorded(), {1: buy()}, 90, at(50, 30, "funding_spike", percent=0.5))[1]
    assert result.funding_received == pytest.approx(-5_000.0 * 0.007)
    assert "fault funding_spike: once, 30m in all; funding rates moved: 1" in result.warnings


def test_funding_that_shorts_pay_is_a_direction_too():
    for direction, signs in (("down", {-1}), ("both", {-1, 1})):
        spikes = [at(50, 30, "funding_spike", percent=0.5, direction=direction, seed=seed) for seed in range(8)]
        rates = [changed(recorded(), each)[0].flow.funding_rate.rows.value.tolist() for each in spikes]
        assert {round((rate[1] - 0.002) / 0.005) for rate in rates} == signs
        assert {(rate[0], rate[2]) for rate in rates} == {(0.001, 0.003)}


def test_a_settlement_counts_when_it_is_due_and_not_when_its_rate_was_stamped():
    late = FlowHistory(
        funding_rate=TimedValues([START - 60_000, START + HOUR - 180_000, START + 2 * HOUR + 79], [0.001] * 3)
    )
    history = MarketHistory([SymbolHistory("X", klines(*[100.0] * 180), flow=late)])
    spiked, _ = changed(history, at(0, 120, "funding_spike", percent=0.5), minutes=150)
    assert spiked.flow.funding_rate.rows.value.tolist() == pytest.approx([0.006, 0.006, 0.001])


def test_a_stale_mark_is_what_the_mark_was_when_it_began_also_within_a_minute():
    marked = klines(*[(100.0, 101.0 + k, 99.0, 100.5) for k in range(120)])
    history = MarketHistory([SymbolHistory("X", klines(*[100.0] * 120), mark_klines=marked)])
    stale, _ = changed(history, at(10.5, 20, "stale_mark"), minutes=60)
    marks = stale.mark_klines
    rows = [
        tuple(getattr(marks, name)[k] for name in ("open", "high", "low", "close")) for k in (9, 10, 11, 29, 30, 31)
    ]
    held, calm = (100.5,) * 4, [(100.0, 101.0 + k, 99.0, 100.5) for k in (9, 31)]
    assert rows == [calm[0], (100.0, 100.5, 100.0, 100.5), held, held, held, calm[1]]


def test_marks_of_one_symbol_in_klines_and_of_another_in_rows_are_judged_together():
    times = np.arange(START, START + HOUR, 15_000)
    rows = FlowHistory(mark_price=TimedValues(times, np.full(len(times), 100.0)))
    flat = klines(*[100.0] * 60)
    falling = klines(*[100.0] * 20, (100.0, 100.0, 10.0, 100.0), *[100.0] * 39)
    parts = [SymbolHistory("X", flat, flow=rows), SymbolHistory("Y", flat, mark_klines=falling)]
    decisions = {1: buy("X", portion=0.3, leverage=2), 2: buy("Y", portion=0.5, leverage=20)}
    _, result, _ = scripted(MarketHistory(parts), decisions, 40)
    assert [each["symbol"] for each in result.liquidations] == ["X", "Y"]


def test_where_no_rate_is_recorded_there_is_none_to_raise():
    result = scripted(FLAT, {1: buy()}, 90, at(50, 30, "funding_spike"))[1]
    assert "fault funding_spike: once, 30m in all; no order, row or trigger was touched" in result.warnings


def test_rows_are_lost_on_the_way_to_the_program_and_the_market_goes_on():
    history = market(X=walk(600))
    real, told = changed(history, at(100, 200, "dropped_data", percent=30.0), minutes=500)
    assert real is history.symbols["X"]
    opened = told.base.columns.open_ms
    missing = np.setdiff1d(real.base.columns.open_ms, opened) + MINUTE
    assert 35 <= len(missing) <= 85
    assert START + 100 * MINUTE <= missing.min() <= missing.max() < START + 300 * MINUTE
    wanted = [each in opened for each in real.base.columns.open_ms]
    assert np.array_equal(told.base.columns.close, real.base.columns.close[wanted])


def test_rows_come_again_in_the_place_of_the_next_ones():
    history = market(X=walk(600))
    real, told = changed(history, at(100, 200, "duplicated_data", percent=30.0), minutes=500)
    closes, seen = real.base.columns.close, told.base.columns.close
    again = np.flatnonzero(closes != seen)
    assert 35 <= len(again) <= 85
    assert np.array_equal(seen[again], closes[again - 1])
    assert np.array_equal(told.base.columns.open_ms, real.base.columns.open_ms)


@pytest.mark.parametrize("kind", ["dropped_data", "duplicated_data", "flash_crash", "wick"])
def test_chance_comes_from_the_seed(kind):
    def found(**given):
        _, told = changed(
            market(X=walk(600)), {"kind": kind, "start": START + HOUR, "duration": "2h", **given}, minutes=500
        )
        return told.base.columns.close.tobytes() + told.base.columns.low.tobytes() + told.base.columns.high.tobytes()

    assert found() == found(seed=0)
    assert len({found(seed=seed) for seed in range(6)}) > 1


def test_what_is_not_touched_is_the_same_memory():
    history = market(X=walk(600), Y=walk(600, 2))
    settings = config(Script({}), 500, ("X", "Y"), faults=[at(10, 20, "flash_crash", symbols=["X"])])
    sim = wired(history, settings)
    assert sim.market.symbols["Y"] is history.symbols["Y"]
    assert sim.market.symbols["X"].base.columns.open_ms is history.symbols["X"].base.columns.open_ms
    assert sim.market.symbols["X"] is not history.symbols["X"]
    assert wired(history, config(Script({}), 500, ("X", "Y"))).market is history


def test_signals_of_indicators_see_a_crash():
    source = IndicatorSignal(IndicatorCondition("indicator:RSI7", "<", 20.0, "1m"))
    counts = []
    for faults in ([], [at(40, 20, "flash_crash", percent=30.0)]):
        settings = config(Script({}), 100, faults=faults, scheduled_interval=None)
        counts.append(wired(market(X=walk(120, 4, volatility=0.0005)), settings, [source]).run().signal_triggers)
    assert counts[1] > counts[0]


def test_a_sweep_has_the_faults_of_its_configuration():
    base = config(Buys, 60, faults=[at(10, 10, "flash_crash", percent=30.0)], code=None)
    job = Job(base, {"": Ground(FLAT)}, keep_trades=True)
    outcomes = [*run_trials(job, [Trial(0), Trial(1, {"faults": []}), Trial(2, {"fee_rate": 1.0})], ThisProcess())]
    faults = {each.number: each.faults for each in outcomes}
    assert faults == {0: ("fault flash_crash: once, 10m in all; klines moved: 10",), 1: (), 2: faults[0]}
    assert len({each.digest for each in outcomes}) == 3


class Buys:
    def should_trade(self, data):
        return None if data.positions else buy(stop_loss_price=90.0)


@pytest.mark.parametrize("kind", ["dropped_data", "duplicated_data"])
def test_what_was_loaded_before_changes_no_chance(kind):
    rows = walk(800, start_ms=START - 2 * HOUR)
    fault = at(300, 200, kind, percent=30.0)
    early = changed(market(X=rows), fault, minutes=600)[1].base.columns
    late = changed(market(X=rows.slice(100, 800)), fault, minutes=600)[1].base.columns
    after = START + 250 * MINUTE
    assert early.where(early.open_ms >= after).close.tolist() == late.where(late.open_ms >= after).close.tolist()
