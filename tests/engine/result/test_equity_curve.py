"""The equity curve: marked at every whole minute, whatever triggered when; and what is read off it."""

import gc
import json
import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters import synthetic_klines
from engine import Decision, FlowHistory, KlineColumns, MarketHistory, SymbolHistory, TimedValues
from engine.market import aggregate
from engine.result import sample_extremes
from tests.support.runs import (
    DAY,
    HOUR,
    MINUTE,
    START,
    Hold,
    Script,
    buy,
    close,
    config,
    klines,
    market,
    run,
    run_script,
    sell,
    walk,
    wired,
)


def test_the_instants_are_start_every_whole_minute_and_end():
    flat = market(X=klines(*[100.0] * 10))
    result = run(flat, Hold, 4)
    assert ((result.equity.timestamp_ms - START) / MINUTE).tolist() == [0, 1, 2, 3, 4]
    result = run(flat, Hold, 0, start_time=START + 90_001, end_time=START + 240_007, scheduled_interval=60)
    assert (result.equity.timestamp_ms - START).tolist() == [90_001, 120_000, 180_000, 240_000, 240_007]
    result = run(flat, Hold, 0, start_time=START + 70_000, end_time=START + 71_000, scheduled_interval=1)
    assert (result.equity.timestamp_ms - START).tolist() == [70_000, 71_000]


RANDOM = market(X=walk(400, 3, holes=0.2), Y=walk(400, 4, holes=0.5))


def random_decisions(seed):
    """A decision at some half minutes, over two symbols, with brackets that some wicks touch."""
    random = np.random.default_rng(seed)
    decisions = {}
    for minute in random.choice(np.arange(2, 760), 60, replace=False) / 2:
        name, way = random.choice(["X", "Y"]), random.choice(["buy", "sell", "close"])
        portion = float(random.uniform(0.1, 0.4))

        def decide(data, n=str(name), w=str(way), p=portion):
            sign, price = -1 if w == "sell" else 1, data.get_price(n)
            stops = {"take_profit_price": price * (1 + sign * 0.01), "stop_loss_price": price * (1 - sign * 0.01)}
            return Decision(w, n, target_portion_of_balance=p, leverage=3, **(stops if p < 0.3 and price else {}))

        decisions[float(minute)] = decide
    return decisions


def closes_until(columns, time_ms):
    return [
        float(price)
        for opened, price in zip(columns.open_ms.tolist(), columns.close.tolist(), strict=True)
        if opened + columns.period_ms <= time_ms
    ]


@pytest.mark.parametrize("execution", ["close", "open", "vwap"])
@pytest.mark.parametrize("seed", range(3))
def test_the_curve_is_that_of_a_slow_loop_over_all_minutes(seed, execution):
    _, sim, result = run_script(
        RANDOM, random_decisions(seed), 390, scheduled_interval=30, fee_rate=0.1, execution_price=execution
    )
    assert result.total_trades > 10
    known = {}
    for time, equity, balance in zip(
        result.equity.timestamp_ms.tolist(), result.equity.equity, result.equity.balance, strict=True
    ):
        cash, holdings = 10_000.0, {}
        for change in sim.account.changes:
            if change.timestamp <= time:
                cash, holdings = change.state.cash, change.state.holdings
        expected = cash
        for name, held in holdings.items():
            prices = known.setdefault((name, time), closes_until(RANDOM.symbols[name].base.columns, time))
            price = prices[-1] if prices else held.entry_price
            expected += held.sign * held.size * (price - held.entry_price)
        assert balance == cash
        assert math.isclose(equity, expected, rel_tol=1e-12)
    assert result.final_equity == result.equity.equity[-1]
    peak = np.maximum.accumulate(result.equity.equity)
    assert result.max_drawdown == pytest.approx((peak - result.equity.equity).max())
    assert result.max_drawdown_percent == pytest.approx((100 * (peak - result.equity.equity) / peak).max())
    np.testing.assert_array_equal(result.equity.drawdown, peak - result.equity.equity)


def test_a_change_between_two_minutes_shows_at_the_next_one():
    history = market(X=klines(100.0, 100.0, 110.0, 110.0, 110.0))
    _, _, result = run_script(history, {1.5: buy(), 3.5: close()}, 5, scheduled_interval=30, fee_rate=1.0)
    entry, out = 5_000 * 0.01, 50 * 110 * 0.01
    assert result.equity.balance.tolist() == [
        10_000.0,
        10_000.0,
        pytest.approx(10_000 - entry),
        pytest.approx(10_000 - entry),
        pytest.approx(10_500 - entry - out),
        pytest.approx(10_500 - entry - out),
    ]
    assert result.equity.equity.tolist()[2:4] == [pytest.approx(10_000 - entry), pytest.approx(10_500 - entry)]


def test_fresh_mark_prices_mark_the_curve():
    marks = FlowHistory(
        mark_price=TimedValues(START + np.array([2 * MINUTE, 3 * MINUTE - 1]), np.array([120.0, 130.0]))
    )
    history = MarketHistory([SymbolHistory("X", klines(*[100.0] * 10), (), marks)])
    _, _, result = run_script(history, {1: buy()}, 5)
    assert result.equity.equity.tolist() == [10_000, 10_000, 11_000, 11_500, 10_000, 10_000]


def test_columns_are_read_only_and_of_one_length():
    result = run(RANDOM, Hold, 50)
    columns = (result.equity.timestamp_ms, result.equity.equity, result.equity.balance, result.equity.drawdown)
    assert {len(column) for column in columns} == {len(result.equity)} == {51}
    for column in columns[:3]:
        with pytest.raises(ValueError, match="read-only"):
            column[0] = 0


# --- the sampled curve


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=400), st.integers(4, 60))
def test_a_sample_keeps_first_last_and_extremes_and_is_never_too_long(values, most):
    column = np.array(values)
    places = sample_extremes(column, most)
    assert len(places) <= most
    assert places.tolist() == sorted(set(places.tolist()))
    assert (places[0], places[-1]) == (0, len(values) - 1)
    kept = column[places]
    assert (kept.min(), kept.max()) == (column.min(), column.max())


def test_the_curve_of_a_long_run_is_sampled_and_keeps_every_extreme():
    script = {1: buy(portion=1.0, leverage=2), 3_000: close()}
    _, _, result = run_script(market(X=walk(6_000, 2)), script, 5_900)
    points = result.equity_curve
    assert len(points) <= 2_000 < len(result.equity)
    assert list(points[0]) == ["timestamp", "equity", "balance", "drawdown"]
    for name in ("equity", "drawdown"):
        column = getattr(result.equity, name)
        kept = [point[name] for point in points]
        assert (kept[0], kept[-1], min(kept), max(kept)) == (column[0], column[-1], column.min(), column.max())
    full = dict(zip(result.equity.timestamp_ms.tolist(), result.equity.equity.tolist(), strict=True))
    assert all(full[point["timestamp"]] == point["equity"] for point in points)


def test_a_short_curve_is_not_sampled():
    assert len(run(RANDOM, Hold, 100).equity_curve) == 101


# --- statistics do not depend on the trigger rate


@pytest.mark.parametrize("brackets", [False, True])
def test_statistics_are_the_same_for_any_trigger_rate_with_the_same_fills(brackets):
    history = market(X=walk(12 * 1440, 8, volatility=0.001))

    def entry(data):
        price = data.get_price("X")
        stops = {"take_profit_price": price * 1.01, "stop_loss_price": price * 0.99} if brackets else {}
        return buy(portion=0.8, leverage=2, **stops)

    decisions = {1_440 * day: entry if day % 2 else close() for day in range(1, 12)}
    found = {}
    for interval in ("1m", "1h", "1d"):
        _, sim, result = run_script(history, decisions, 11 * 1_440, scheduled_interval=interval, fee_rate=0.035)
        values = result.to_dict(timing=False)
        for name in ("scheduled_triggers", "total_triggers", "quiet_triggers", "decisions", "trigger_log", "config"):
            del values[name]
        del values["digest"]  # of the counts of triggers, too
        found[interval] = json.dumps(values), len(sim.trigger_log)
    assert found["1m"][0] == found["1h"][0] == found["1d"][0]
    assert [triggers for _, triggers in found.values()] == [11 * 1440, 11 * 24, 11]
    assert json.loads(found["1d"][0])["sharpe_ratio"] is not None


def test_the_statistics_say_how_many_returns_they_rest_on():
    _, _, result = run_script(market(X=walk(4 * 1440)), {1: buy()}, 3 * 1440 + 60)
    assert (result.return_count, result.annualization_factor) == (4, 365)
    assert "00:00 UTC" in result.return_grid


# --- worst intrabar equity and the maintenance margin


@pytest.mark.parametrize(
    ("entry", "row", "worst"),
    [
        (buy(), (100, 101, 80, 99), 9_000),
        (sell(), (100, 130, 99, 99), 8_500),
        (buy(), (100, 130, 100, 100), 10_000),
        (sell(), (100, 100, 70, 100), 10_000),
    ],
)
def test_the_worst_equity_inside_a_kline_is_beside_the_curve(entry, row, worst):
    _, _, result = run_script(market(X=klines(100, 100, row, 100)), {1: entry}, 4)
    assert result.worst_intrabar_equity == pytest.approx(worst)
    assert result.equity.equity.min() >= 9_950


def test_klines_that_a_position_was_not_held_through_do_not_count():
    wild = (100, 100, 1, 100)
    for rows, decisions in (
        ([wild, 100, 100], {1: buy()}),  # before it
        ([100, wild, 100], {1.5: buy()}),  # around its entry
        ([100, 100, 100, wild], {1: buy(), 2: close()}),  # after it
    ):
        _, _, result = run_script(market(X=klines(*rows)), decisions, len(rows), scheduled_interval=30)
        assert result.worst_intrabar_equity == 10_000


@pytest.mark.parametrize(("decided", "worst"), [(60, 9_500), (90, 10_000)])
def test_a_longer_base_kline_counts_only_when_it_was_held_through(decided, worst):
    base = klines(100, (100, 100, 90, 100), 100, period_ms=HOUR)
    _, _, result = run_script(market(X=base), {decided: buy()}, 180, scheduled_interval=1800, base_period="1h")
    assert result.worst_intrabar_equity == pytest.approx(worst)


def breach_of(low, *, leverage=50, entry=buy, **fields):
    row = (100, 100, low, 100) if entry is buy else (100, low, 100, 100)
    _, _, result = run_script(
        market(X=klines(100, 100, row, 100)), {1: entry(portion=1.0, leverage=leverage)}, 4, liquidation=False, **fields
    )
    return [warning for warning in result.warnings if "maintenance" in warning]


def test_equity_that_falls_to_maintenance_gives_a_warning_with_time_and_amount():
    # 500,000 USD at 100: 10,000 - 5,000 d <= 1 % of 5,000 (100 - d) from d = 1.0101 on
    assert breach_of(99.0) == []
    (warning,) = breach_of(98.9)
    assert "4,500.00 USD at 2024-01-01 00:03:00 UTC" in warning
    assert "maintenance margin of 4,945.00" in warning
    assert "liquidat" in warning


def test_a_short_is_warned_about_the_high_and_low_leverage_is_not():
    assert breach_of(100.5, entry=sell) == []
    assert len(breach_of(101.2, entry=sell)) == 1
    assert breach_of(60.0, leverage=1) == []


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 200))
def test_a_stopped_run_has_the_curve_of_the_whole_run_up_to_then(seed, minute):
    history = market(X=walk(210, seed))
    decisions = {k: (buy, sell)[k % 2](portion=0.3) for k in range(1, 200, 7)}
    _, _, whole = run_script(history, decisions, 205)
    sim = wired(history, config(Script(decisions), 205))

    def stopper(sim):
        yield sim.at(START + minute * MINUTE + 1)
        sim.stop()

    sim.process(stopper)
    part = sim.run()
    assert part.equity.timestamp_ms[-1] == START + minute * MINUTE + 1
    np.testing.assert_array_equal(part.equity.equity[:-1], whole.equity.equity[: minute + 1])
    assert part.final_equity == part.equity.equity[-2]


def test_exposure_turnover_and_buy_and_hold():
    history = market(X=klines(100, 100, 100, 100, 120, 125, 125, 125, 125, 125), Y=klines(None, 40, 40, *[50] * 7))
    _, _, result = run_script(history, {1: buy(), 5: close()}, 8, scheduled_interval=60)
    assert result.exposure_percent == pytest.approx(100 * 4 / 8)
    assert result.turnover_usd == pytest.approx(5_000 + 50 * 120)
    assert result.turnover_ratio == pytest.approx(1.1)
    assert result.buy_and_hold_percent == {"X": pytest.approx(25.0), "Y": pytest.approx(25.0)}


def test_daily_marks_are_at_midnight_utc():
    base = walk(3 * 1440, 4)
    history = market(
        X=KlineColumns(MINUTE, base.open_ms + 5 * HOUR, base.open, base.high, base.low, base.close, base.volume)
    )
    script = Script({5 * 60 + 1: buy(portion=1.0)})
    settings_ = config(script, 0, start_time=START + 5 * HOUR, end_time=START + 2 * DAY + 7 * HOUR)
    result = wired(history, settings_).run()
    times, equity = result.equity.daily()
    assert [(time - START) / HOUR for time in times.tolist()] == [5, 24, 48, 55]
    closes = {time: base.close[(time - START - 5 * HOUR) // MINUTE - 1] for time in times.tolist()[1:]}
    entry = base.close[0]
    assert equity.tolist()[1:] == [pytest.approx(10_000 * close_ / entry) for close_ in closes.values()]
    assert result.return_count == 3


def test_a_balance_given_as_an_int_and_never_touched_gives_a_flat_curve():
    result = run(market(X=klines(*[100.0] * 10)), Hold, 4, initial_balance=10_000)
    assert (result.success, result.final_equity, result.worst_intrabar_equity) == (True, 10_000.0, 10_000.0)


# --- what is read off it in parts


def marked(seed):
    """Two symbols with holes: one with mark rows, one with mark klines."""
    random = np.random.default_rng(seed)
    seconds = np.sort(random.choice(np.arange(0, 400 * 60, 15), 500, replace=False))
    rows = TimedValues(START + 1_000 * seconds, 100.0 * np.exp(0.02 * random.standard_normal(500)))
    return MarketHistory(
        [
            SymbolHistory("X", walk(400, seed, holes=0.2), flow=FlowHistory(mark_price=rows)),
            SymbolHistory("Y", walk(400, seed + 1, holes=0.3), mark_klines=walk(400, seed + 2, holes=0.3)),
        ]
    )


def slow_adverse(sim, history):
    """Equity at each minute with each position at its worst: of the kline that closes then, and of the last minute's
    mark rows, both of which it was held through.
    """
    stale = sim.config.mark_stale_ms
    for now in range(START, sim.end_ms + 1, MINUTE):
        seen = [change for change in sim.account.changes if change.timestamp <= now]
        if not seen or not seen[-1].state.holdings:
            continue
        since = -(-seen[-1].timestamp // MINUTE) * MINUTE
        equity, holdings = seen[-1].state.cash, seen[-1].state.holdings
        for name in sorted(holdings):
            held, one = holdings[name], history.symbols[name]
            spans = one.margin_spans(stale)
            prices = [one.margin_price(now, stale) or held.entry_price]
            period = spans.period_ms
            closed = [place for place, start in enumerate(spans.start_ms.tolist()) if start + period <= now]
            if closed and now - period == spans.start_ms[closed[-1]] >= since:
                prices = [(spans.low if held.sign > 0 else spans.high).item(closed[-1])]
            if spans.rows is not None:
                times, values = spans.rows.timestamp_ms, spans.rows.value
                prices += values[(times > max(now - MINUTE, since - 1)) & (times <= now)].tolist()
            worst = min(prices) if held.sign > 0 else max(prices)
            equity += held.sign * held.size * (worst - held.entry_price)
        yield equity


HOURS = {name: aggregate(walk(60 * 400, seed, volatility=0.0005), HOUR) for name, seed in (("X", 3), ("Y", 4))}


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    ("made", "period"),
    [
        (lambda _: market(X=walk(400, 3, holes=0.2)), "1m"),
        (lambda _: RANDOM, "1m"),
        (marked, "1m"),
        (lambda _: market(**HOURS), "1h"),
    ],
    ids=["one", "two", "marks", "hours"],
)
def test_the_worst_equity_inside_klines_is_that_of_a_slow_loop(seed, made, period):
    history = made(seed)
    decisions = {
        minute: decide
        for minute, decide in random_decisions(seed).items()
        if len(history.symbols) > 1 or decide.__defaults__[0] == "X"
    }
    _, sim, result = run_script(history, decisions, 390, scheduled_interval=30, base_period=period)
    assert result.worst_intrabar_equity == min(*slow_adverse(sim, history), result.equity.equity.min())


def test_a_mark_that_grew_stale_counts_beside_the_low_of_another_symbol():
    rows = FlowHistory(mark_price=TimedValues([START + 144_000], [100.0]))  # fresh at 00:03:00, not at 00:04:00
    low = (100.0, 100.0, 90.0, 100.0)
    history = MarketHistory(
        [
            SymbolHistory("X", klines(100.0, 100.0, 100.0, 100.0, low, 100.0, 100.0)),
            SymbolHistory("Y", klines(50.0), flow=rows),
        ]
    )
    decisions = {2: buy(portion=0.2), 2.5: buy("Y", 0.25)}  # 20 coins of each
    fields = {"scheduled_interval": 30, "mark_stale_ms": 60_000, "liquidation": False}
    _, _, result = run_script(history, decisions, 6, **fields)
    assert result.fills == 2
    assert result.equity.equity.tolist() == [10_000] * 4 + [pytest.approx(9_000)] * 3
    assert result.worst_intrabar_equity == pytest.approx(9_000 - 200)


@pytest.mark.parametrize("rows", [1, 7, 64])
def test_in_parts_of_any_length_a_result_has_the_same_bytes(monkeypatch, rows):
    def values():
        _, _, result = run_script(marked(1), random_decisions(1), 390, scheduled_interval=30, liquidation=False)
        curve = result.equity
        return json.dumps(result.to_dict(timing=False)), curve.points(50), curve.equity.tobytes(), curve.breach

    whole = values()
    for module in ("equity_curve", "marked_account"):
        monkeypatch.setattr(f"engine.result.{module}.PART_ROWS", rows)
    assert values() == whole


@pytest.mark.parametrize("rows", [1, 7, 1_000])
def test_the_parts_of_a_curve_are_its_columns(rows):
    _, _, result = run_script(RANDOM, random_decisions(2), 390, scheduled_interval=30)
    columns = [np.concatenate(each) for each in zip(*result.equity.parts(rows), strict=True)]
    for name, column in zip(("timestamp_ms", "equity", "balance", "drawdown"), columns, strict=True):
        np.testing.assert_array_equal(column, getattr(result.equity, name))


def finished(days, decisions, **fields):
    history = MarketHistory.from_klines({"X": synthetic_klines("X", START, days * 1440, 7)})
    settings = {"scheduled_interval": "1d", "start_time": START, "end_time": START + days * DAY, **fields}
    sim = wired(history, config(Script(decisions), 0, **settings))
    sim.start()
    sim.env.run(sim.done)
    return sim


def traced(work):
    """Return what some work gives, the most memory it took, and what of it stays, in bytes."""
    gc.collect()
    tracemalloc.start()
    found = work()
    peak = tracemalloc.get_traced_memory()[1]
    gc.collect()
    stays = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return found, peak, stays


def held_throughout(days):
    return {1440: buy(portion=0.5, leverage=1)}


def traded_daily(days):
    return {1440 * day: (buy(portion=0.5), close())[day % 2] for day in range(1, days)}


@pytest.mark.parametrize("decisions", [held_throughout, traded_daily])
@pytest.mark.parametrize("liquidation", [True, False])
@pytest.mark.parametrize("days", [60, pytest.param(365, marks=pytest.mark.soak)])
def test_a_result_of_four_times_as_long_a_run_takes_no_more_memory(days, liquidation, decisions):
    peaks, kept = [], []
    for length in (days, 4 * days):
        sim = finished(length, decisions(length), liquidation=liquidation)
        result, peak, stays = traced(sim.result)
        _, sampled, _ = traced(lambda result=result: result.equity_curve)
        peaks.append(max(peak, sampled))
        kept.append(stays)
        assert len(result.equity) == length * 1440 + 1
    assert peaks[1] <= 1.3 * peaks[0]
    assert kept[1] <= 100_000 + 1_000 * len(sim.account.trades)  # a column of the minutes has eight bytes for each


def test_a_column_that_is_read_twice_is_made_once():
    curve = run(RANDOM, Hold, 50).equity
    assert curve.equity is curve.equity
    assert curve.balance is curve.balance
    assert curve.timestamp_ms is curve.timestamp_ms
