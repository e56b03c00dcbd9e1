"""Signals against an independent judge on random rows, against the platform's answers, and against bad definitions."""

from __future__ import annotations

import json
import math
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import (
    PERIOD_MS,
    ConfigurationError,
    DataError,
    IncrementalDetector,
    Kline,
    SignalBacktestService,
    SignalDefinition,
    SignalPool,
    parse_condition,
)
from engine.market import aggregate
from engine.market.flow import FlowAtTimes
from engine.signals import CheckPoints, detect
from engine.signals.detection import check_times
from tests.oracles.signal_oracle import METRICS as SLOW_METRICS
from tests.oracles.signal_oracle import SlowMarket, kline_based, macd_of, slow_triggers, undefined_share
from tests.support.signal_markets import (
    ALIASES,
    EVENTS,
    METRICS,
    OPERATORS,
    START,
    cut,
    history_of,
    market_of,
    pool_of,
    random_condition,
    random_market,
)

pytest_plugins = ["tests.support.reference_market"]

seeds = st.integers(0, 2**32)


def close(ours: Any, theirs: Any) -> bool:
    if isinstance(theirs, float) or isinstance(ours, float):
        return math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)
    return bool(ours == theirs)


def told(trigger: Any) -> dict[int, dict[str, Any]]:
    """What a trigger says, in the shape of the judge."""
    out = {}
    for fact in trigger.triggered_signals:
        if fact["metric"] == "macd":
            seen: dict[str, Any] = {"event": fact["triggered_event"], "values": fact["values"]}
        elif fact["metric"] == "taker_volume":
            seen = {name: fact[name] for name in "value ratio buy sell total volume log_ratio direction".split()}
        else:
            seen = {"value": fact["value"]}
        out[fact["signal_id"]] = seen
    return out


def same_fact(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    if "values" in theirs:
        values = theirs["values"]
        event = theirs["event"] if "event" in theirs else theirs["events"][0]
        return ours["event"] == event and all(close(ours["values"][name], values[name]) for name in values)
    return all(close(ours[name], theirs[name]) for name in theirs)


def assert_same_triggers(ours: list[tuple[int, Any]], theirs: list[tuple[int, Any]]) -> None:
    assert [time for time, _ in ours] == [time for time, _ in theirs]
    for (time, one), (_, other) in zip(ours, theirs, strict=True):
        assert one.keys() == other.keys(), time
        for place in one:
            assert same_fact(one[place], other[place]), (time, place, one[place], other[place])


def case(seed: int, kinds: str = "fftmi") -> tuple[SlowMarket, list[dict[str, Any]], str, int, int]:
    """A random market, pool and range; its ends lie anywhere."""
    rng = random.Random(seed)
    conditions = [random_condition(rng, kinds) for _ in range(rng.choice([1, 1, 2, 3]))]
    start = START + rng.choice([0, 1, 14_999, rng.randrange(1_800_000)])
    end = start + rng.choice([0, 15_000, rng.randrange(3_600_000), 5_400_000])
    return random_market(seed), conditions, rng.choice(["OR", "AND", "or", "And"]), start, end


@settings(max_examples=250, deadline=None)
@given(seeds)
def test_triggers_are_those_of_the_slow_loop(seed: int) -> None:
    market, conditions, logic, start, end = case(seed)
    found = detect(pool_of(conditions, logic), history_of(market), start, end)
    assert all(start <= trigger.timestamp <= end for trigger in found.triggers)
    assert_same_triggers(
        [(t.timestamp, told(t)) for t in found.triggers], slow_triggers(conditions, logic, market, start, end)
    )
    if found.check_points:
        assert found.undefined / found.check_points == undefined_share(conditions, logic, market, start, end)


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_pools_of_klines_alone_are_judged_at_closes(seed: int) -> None:
    market, conditions, logic, start, end = case(seed, "mi")
    found = detect(pool_of(conditions, logic), history_of(market), start, end)
    assert_same_triggers(
        [(t.timestamp, told(t)) for t in found.triggers], slow_triggers(conditions, logic, market, start, end)
    )


@settings(max_examples=100, deadline=None)
@given(seeds, st.floats(0, 1))
def test_cutting_the_data_leaves_all_earlier_triggers(seed: int, share: float) -> None:
    market, conditions, logic, start, end = case(seed)
    pool, until = pool_of(conditions, logic), start + int((end - start) * share)
    known = cut(market, until)
    if not known.minutes:
        return
    whole, part = detect(pool, history_of(market), start, end), detect(pool, history_of(known), start, until)
    assert [t for t in whole.triggers if t.timestamp <= until] == list(part.triggers)


@settings(max_examples=150, deadline=None)
@given(seeds)
def test_values_at_many_instants_are_those_at_each(seed: int) -> None:
    rng = random.Random(seed)
    market = random_market(seed)
    flow = history_of(market).flow
    times = sorted({START + rng.randrange(-1_200_000, 9_000_000) for _ in range(25)})
    for metric in METRICS:
        for period in ("1m", "3m", "5m", "15m"):
            values = FlowAtTimes(flow, np.array(times)).values(metric, PERIOD_MS[period])
            slow = [SLOW_METRICS[metric](market, time, PERIOD_MS[period]) for time in times]
            for time, value, expected in zip(times, values.tolist(), slow, strict=True):
                assert math.isnan(value) if expected is None else close(value, expected), (metric, period, time)


# ------------------------------------------------------------------------------------------------ row by row


def replay(market: SlowMarket, conditions: list[dict[str, Any]], detector: IncrementalDetector, instants: list[int]):
    """Feed a detector every row at its time and check it at the instants; the triggers."""
    base = history_of(market).base.columns
    periods = sorted({c.get("time_window", "5m") for c in conditions if kline_based(c)})
    series = {period: base if period == "1m" else aggregate(base, PERIOD_MS[period]) for period in periods}
    events: list[tuple[int, Any, tuple[Any, ...]]] = [(row[0], detector.add_trade_row, row) for row in market.trades]
    events += [(row[0], detector.add_book_row, row) for row in market.book]
    for name, rows in (
        ("open_interest", market.open_interest), ("funding_rate", market.funding), ("mark_price", market.mark),
    ):  # fmt: skip
        events += [(row[0], detector.add_value, (name, *row)) for row in rows]
    for period, columns in series.items():
        for i, opened in enumerate(columns.open_ms.tolist()):
            prices = (columns.open[i], columns.high[i], columns.low[i], columns.close[i], columns.volume[i])
            kline = Kline(opened // 1000, *map(float, prices))
            events.append((opened + columns.period_ms, detector.add_kline, (period, kline)))
    events.sort(key=lambda event: event[0])
    at, out = 0, []
    for instant in instants:
        while at < len(events) and events[at][0] <= instant:
            _, add, arguments = events[at]
            add(*(math.nan if each is None else each for each in arguments))
            at += 1
        out.append(detector.check(instant))
    return [trigger for trigger in out if trigger is not None]


@settings(max_examples=200, deadline=None)
@given(seeds)
def test_row_by_row_gives_the_same_triggers(seed: int) -> None:
    market, conditions, logic, start, end = case(seed)
    pool, history = pool_of(conditions, logic), history_of(market)
    instants = check_times(pool, history, start, end).tolist()
    found = replay(market, conditions, IncrementalDetector(pool, "BTC"), instants)
    whole = detect(pool, history, start, end).triggers
    assert_same_triggers([(t.timestamp, told(t)) for t in found], [(t.timestamp, told(t)) for t in whole])
    for one, other in zip(found, whole, strict=True):
        assert [fact.keys() for fact in one.triggered_signals] == [fact.keys() for fact in other.triggered_signals]


def test_row_by_row_over_more_klines_than_a_window() -> None:
    market = random_market(5, hours=1, minutes_before=1_400)
    conditions = [{"metric": "indicator:RSI14", "operator": ">", "threshold": 60.0, "time_window": "1m"}]
    conditions += [{"metric": "macd", "event_types": EVENTS, "time_window": "1m"}]
    history = history_of(market)
    for condition in conditions:
        pool = pool_of([condition])
        start, end = START - 1_400 * 60_000, START + 3_600_000
        instants = [row[0] + 60_000 for row in market.minutes]
        found = replay(market, [condition], IncrementalDetector(pool, "BTC"), instants)
        whole = detect(pool, history, start, end).triggers
        assert whole
        assert_same_triggers([(t.timestamp, told(t)) for t in found], [(t.timestamp, told(t)) for t in whole])


def test_the_memory_of_the_incremental_detector_is_bounded() -> None:
    conditions = [{"metric": m, "operator": ">", "threshold": 0, "time_window": "1m"} for m in METRICS]
    conditions.append({"metric": "indicator:MA5", "operator": ">", "threshold": 0, "time_window": "1m"})
    detector = IncrementalDetector(pool_of(conditions), "BTC")
    for i in range(1, 5_000):
        time = START + i * 15_000
        detector.add_trade_row(time, 1.0, 2.0, 100.0, 99.0)
        detector.add_book_row(time, 1.0, 2.0)
        for name in ("open_interest", "funding_rate", "mark_price"):
            detector.add_value(name, time, 1.0 + i)
        if i % 4 == 0:
            detector.add_kline("1m", Kline((time - 60_000) // 1000, 1.0, 1.0, 1.0, 1.0, 1.0))
        detector.check(time)
    flow = detector._points.flow
    kept = sum(len(bucket._rows) for bucket in flow._buckets.values()) + len(flow._marks._marks)
    assert kept <= 4 * len(flow._buckets) + 50
    assert len(detector._points.klines["1m"]._klines) == 501


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (lambda d: d.add_trade_row(START, 1.0, 1.0, 1.0, 1.0), "trades: the row at"),
        (lambda d: d.add_value("mark", START + 1, 1.0), "there is no value 'mark'"),
        (lambda d: d.check(START), "does not come after"),
        (lambda d: (d.add_book_row(START + 20, 1.0, 1.0), d.check(START + 10)), "was added before the check"),
        (lambda d: d.add_kline("1m", Kline(START // 1000 - 120, 1.0, 1.0, 1.0, 1.0, 1.0)), "1m klines"),
    ],
)
def test_rows_and_checks_must_come_in_order(act: Any, text: str) -> None:
    conditions = [
        {"metric": "cvd", "operator": ">", "threshold": 0},
        {"metric": "indicator:MA5", "operator": ">", "threshold": 0, "time_window": "1m"},
    ]
    detector = IncrementalDetector(pool_of(conditions), "BTC")
    detector.add_trade_row(START, 1.0, 1.0, 1.0, 1.0)
    detector.add_kline("1m", Kline(START // 1000 - 60, 1.0, 1.0, 1.0, 1.0, 1.0))
    detector.check(START)
    with pytest.raises(DataError, match=text):
        act(detector)


def test_a_detector_refuses_a_symbol_that_its_pool_does_not_watch() -> None:
    pool = pool_of([{"metric": "cvd", "operator": ">", "threshold": 0}], symbols=("ETH",))
    with pytest.raises(ConfigurationError, match=r"signal pool 7 \('pool'\): does not watch BTC"):
        IncrementalDetector(pool, "BTC")


# ------------------------------------------------------------------------------------- the platform's answers


def assert_reproduced(name: str, ours: list[dict[str, Any]], theirs: list[dict[str, Any]], shift: int = 0) -> None:
    assert [t["timestamp"] - shift for t in ours] == [t["timestamp"] for t in theirs], name
    for one, other in zip(ours, theirs, strict=True):
        assert_contains(f"{name} at {other['timestamp']}", one, {**other, "timestamp": other["timestamp"] + shift})


def assert_contains(where: str, ours: Any, theirs: Any) -> None:
    """Assert that all that the platform told is told here, to 1e-9."""
    if isinstance(theirs, dict):
        for key, value in theirs.items():
            assert key in ours, f"{where}: {key} is missing"
            assert_contains(f"{where}: {key}", ours[key], value)
    elif isinstance(theirs, list):
        assert len(ours) == len(theirs), where
        for place, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            assert_contains(f"{where}[{place}]", one, other)
    elif isinstance(theirs, float):
        assert math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-12), f"{where}: {ours} is not {theirs}"
    else:
        assert ours == theirs, where


REFERENCE_START, REFERENCE_END = START, START + 10 * 86_400_000


@pytest.fixture(scope="module")
def service(reference_market: Any, reference_signals: Any) -> SignalBacktestService:
    signals, pools = reference_signals
    return SignalBacktestService(reference_market, signals, pools)


@pytest.mark.parametrize("pool_id", [1, 2])
def test_pools_of_the_platform_fire_as_there(service: SignalBacktestService, expected: Any, pool_id: int) -> None:
    theirs = expected["pools"][f"pool{pool_id}_BTC"]
    ours = service.backtest_pool(pool_id, "BTC", REFERENCE_START, REFERENCE_END).to_dict()
    assert_reproduced(f"pool {pool_id}", ours["triggers"], theirs["triggers"])
    assert_contains(f"pool {pool_id}", {**ours, "triggers": []}, {**theirs, "triggers": []})


@pytest.mark.parametrize("signal_id", [1, 2, 3])
def test_signals_of_the_platform_fire_as_there(service: SignalBacktestService, expected: Any, signal_id: int) -> None:
    theirs = expected["pools"][f"signal{signal_id}_BTC"]["triggers"]
    ours = service.backtest_signal(signal_id, "BTC", REFERENCE_START, REFERENCE_END).to_dict()
    assert_reproduced(f"signal {signal_id}", ours["triggers"], theirs)


@pytest.mark.parametrize("name", ["imb", "pc", "tr"])
def test_conditions_of_the_platform_fire_as_there(service: SignalBacktestService, expected: Any, name: str) -> None:
    entry = expected["conditions"][name]
    ours = service.backtest_condition(entry["condition"], "BTC", REFERENCE_START, REFERENCE_END).to_dict()
    assert_reproduced(f"condition {name}", ours["triggers"], entry["triggers"])


def test_macd_events_come_one_period_later_than_on_the_platform(
    service: SignalBacktestService, reference_market: Any, expected: Any
) -> None:
    """The platform stamps them at the kline's open, which nobody could have known then. Its values come from another
    window than the contract's 500 klines (ever closer to them as the range goes on), so ours are judged by the window.
    """
    entry = expected["conditions"]["macd"]
    ours = service.backtest_condition(entry["condition"], "BTC", REFERENCE_START, REFERENCE_END).to_dict()["triggers"]
    assert [t["timestamp"] - 3_600_000 for t in ours] == [t["timestamp"] for t in entry["triggers"]]
    assert [t["triggered_event"] for t in ours] == [t["triggered_event"] for t in entry["triggers"]]
    assert_contains(
        "macd, last", ours[-1]["values"]["macd"], pytest.approx(entry["triggers"][-1]["values"]["macd"], 1e-7)
    )
    hours = reference_market.get("BTC").series("1h").columns
    for trigger in ours:
        stop = int(np.searchsorted(hours.open_ms, trigger["timestamp"]))
        before, after = macd_of(hours.close[stop - 500 : stop].tolist())[-2:]
        assert before is not None
        assert after is not None
        slow = {"macd": after[0], "signal": after[1], "histogram": after[2], "prev_histogram": before[2]}
        assert_contains(f"macd at {trigger['timestamp']}", trigger["values"], slow)
        assert trigger["cross_strength"] == pytest.approx(abs(after[2] - before[2]), rel=1e-9)


def test_the_expected_file_is_covered_in_full(expected: Any) -> None:
    assert sorted(expected["pools"]) == ["pool1_BTC", "pool2_BTC", "signal1_BTC", "signal2_BTC", "signal3_BTC"]
    assert sorted(expected["conditions"]) == ["imb", "macd", "pc", "tr"]


# ------------------------------------------------------------------------------------------- small timelines


def steady(values: list[float], field: str = "open_interest", step: int = 60_000) -> SlowMarket:
    """A market in which one value stands at every minute and nothing else is known but klines."""
    market = SlowMarket(minutes=[(START - 600_000 + i * 60_000, 1.0, 1.0, 1.0, 1.0, 1.0) for i in range(60)])
    setattr(market, field, [(START + i * step, value) for i, value in enumerate(values)])
    return market


def times(found: Any) -> list[int]:
    return [(t.timestamp - START) // 1000 for t in found.triggers]


def test_a_pool_fires_at_each_edge_and_not_while_it_stays_true() -> None:
    market = steady([100, 100, 102, 104, 104, 106])
    pool = pool_of([{"metric": "oi_delta", "operator": ">", "threshold": 1, "time_window": "1m"}])
    assert times(detect(pool, history_of(market), START, START + 360_000)) == [120, 300]


def test_an_undefined_value_keeps_the_state_and_fires_nothing_when_it_ends() -> None:
    market = steady([100, 102, 104])
    market.open_interest += [(START + 1_800_000, 104.0), (START + 1_860_000, 106.0)]  # 28 minutes of nothing before
    pool = pool_of([{"metric": "oi_delta", "operator": ">", "threshold": 1, "time_window": "1m"}])
    assert times(detect(pool, history_of(market), START, START + 2_400_000)) == [60]


def test_true_at_the_first_check_point_is_an_edge() -> None:
    market = steady([100, 102, 104, 106])
    pool = pool_of([{"metric": "oi_delta", "operator": ">", "threshold": 1, "time_window": "1m"}])
    assert times(detect(pool, history_of(market), START + 121_000, START + 240_000)) == [135]


def test_without_a_previous_value_to_divide_by_nothing_is_compared() -> None:
    market = steady([0.0, 5.0])
    for metric, operator in (("oi_delta", "<"), ("oi_delta", ">"), ("oi", "abs_lt")):
        pool = pool_of([{"metric": metric, "operator": operator, "threshold": 1e9, "time_window": "1m"}])
        found = detect(pool, history_of(market), START, START + 90_000)
        assert (found.triggers, found.undefined) == ((), found.check_points)


@pytest.mark.parametrize(
    ("logic", "members", "fires"),
    [
        ("OR", "TU", True), ("OR", "FU", False), ("OR", "UU", False), ("OR", "FF", False), ("OR", "TF", True),
        ("AND", "TU", False), ("AND", "FU", False), ("AND", "TT", True), ("AND", "TF", False), ("AND", "UU", False),
    ],
)  # fmt: skip
def test_pools_follow_three_valued_logic(logic: str, members: str, fires: bool) -> None:
    condition = {
        "T": {"metric": "funding", "operator": ">=", "threshold": 0, "time_window": "1m"},
        "F": {"metric": "funding", "operator": "<", "threshold": 0, "time_window": "1m"},
        "U": {"metric": "cvd", "operator": ">", "threshold": 0, "time_window": "1m"},
    }
    market = steady([1e-5], "funding")
    found = detect(pool_of([condition[m] for m in members], logic), history_of(market), START, START + 15_000)
    assert bool(found.triggers) is fires
    undecided = {"OR": "T" not in members and "U" in members, "AND": "F" not in members and "U" in members}[logic]
    assert (found.undefined == found.check_points) is undecided


def test_a_kline_pool_is_first_judged_at_a_close_and_a_mixed_one_on_the_grid() -> None:
    market = steady([1e-5], "funding")
    always = {"metric": "indicator:MA5", "operator": ">", "threshold": 0, "time_window": "5m"}
    never = {"metric": "cvd", "operator": ">", "threshold": 0, "time_window": "1m"}
    market.minutes = [(START - 3_600_000 + i * 60_000, 1.0, 1.0, 1.0, 1.0, 1.0) for i in range(120)]
    assert times(detect(pool_of([always]), history_of(market), START + 1, START + 900_000)) == [300]
    assert times(detect(pool_of([always, never]), history_of(market), START + 1, START + 900_000)) == [15]


def test_a_macd_event_holds_until_the_next_kline_closes() -> None:
    rng = random.Random(3)
    market = SlowMarket()
    last = 100.0
    for i in range(120):
        last += rng.gauss(0, 1)
        market.minutes.append((START + i * 60_000, last, last, last, last, 1.0))
    macd = {"metric": "macd", "event_types": ["golden_cross"], "time_window": "1m"}
    history = history_of(market)
    events = detect(pool_of([macd]), history, START, START + 7_200_000).triggers
    market.funding = [(START, 1e-5)] + [(t.timestamp + 45_000, 1e-5) for t in events]
    funded = {"metric": "funding", "operator": ">=", "threshold": 0, "time_window": "1d"}
    both = detect(pool_of([macd, funded], "AND"), history_of(market), START, START + 7_200_000).triggers
    assert len(events) > 2
    assert [t.timestamp for t in both] == [t.timestamp for t in events]
    states = parse_condition(macd).states
    for each in events:
        points = CheckPoints(history, each.timestamp + np.array([-1, 0, 59_999, 60_000]))
        assert states(points).tolist() == [0, 1, 1, 0]


def test_facts_have_every_key_of_the_contract() -> None:
    market = random_market(11, hours=2)
    market.trades = [(START + i * 15_000, 5.0 + i % 7, 1.0, 101.0, 100.0) for i in range(40)]
    plain = {"metric": "cvd", "operator": "gt", "threshold": 1, "time_window": "1m"}
    taker = {"metric": "taker_volume", "time_window": "1m"}
    (first, *_) = detect(pool_of([plain, taker], "AND"), history_of(market), START, START + 600_000).triggers
    common = "signal_id signal_name description metric operator threshold current_value value condition_met"
    common += " time_window exchange"
    more = "direction buy sell total ratio log_ratio ratio_threshold volume volume_threshold"
    assert set(first.triggered_signals[0]) == set(common.split())
    assert set(first.triggered_signals[1]) == {*common.split(), *more.split()}
    assert json.loads(json.dumps(first.triggered_signals)) == list(first.triggered_signals)


# --------------------------------------------------------------------------------------------- bad definitions

GOOD = {"metric": "cvd", "operator": ">", "threshold": 1, "time_window": "5m"}


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ({**GOOD, "metric": "cdv"}, "there is no metric 'cdv'"),
        ({**GOOD, "metric": None}, "metric is missing"),
        ({**GOOD, "metric": 5}, "metric 5 is no name"),
        ({**GOOD, "operator": "=>"}, "operator '=>' is not one of"),
        ({**GOOD, "operator": None}, "operator None"),
        ({"metric": "cvd", "operator": ">"}, "threshold is missing"),
        ({**GOOD, "threshold": "high"}, "threshold 'high' is no finite number"),
        ({**GOOD, "threshold": True}, "threshold True is no finite number"),
        ({**GOOD, "threshold": math.nan}, "threshold nan is no finite number"),
        ({**GOOD, "threshold": [1]}, r"threshold \[1\] is no finite number"),
        ({**GOOD, "threshold": 10**400}, "threshold 1000"),
        ({**GOOD, "time_window": "7m"}, "time_window '7m' is not one of"),
        ({**GOOD, "time_window": 5}, "time_window 5 is not one of"),
        ({"metric": "taker_volume", "direction": "up"}, "direction 'up' is not one of"),
        ({"metric": "taker_volume", "ratio_threshold": "x"}, "ratio_threshold 'x' is no finite number"),
        ({"metric": "taker_volume", "volume_threshold": -1}, "volume_threshold -1 is below 0"),
        ({"metric": "macd"}, "event_types is missing"),
        ({"metric": "macd", "event_types": []}, "event_types is empty"),
        ({"metric": "macd", "event_types": "golden_cross"}, "event_types 'golden_cross' is no list"),
        ({"metric": "macd", "event_types": ["gold"]}, "event type 'gold' is not one of"),
        ({**GOOD, "metric": "indicator:FOO9"}, "there is no indicator 'FOO9'"),
        ({**GOOD, "metric": "indicator:BOLL", "output": "top"}, "BOLL has no output 'top'"),
        ("{not json", "the condition is no JSON"),
        ("[1]", r"the condition \[1\] is no object"),
    ],
)
def test_a_malformed_condition_says_what_is_wrong(condition: Any, text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        parse_condition(condition)


def test_all_problems_of_a_condition_are_told_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_condition({"metric": "x", "operator": "?", "threshold": "y", "time_window": "z"})
    assert len(caught.value.problems) == 4


@pytest.mark.parametrize("spelling", [*METRICS, *ALIASES, "CVD", " Oi_Delta "])
def test_every_metric_has_its_spellings(spelling: str) -> None:
    assert parse_condition({**GOOD, "metric": spelling}).time_window == "5m"


@pytest.mark.parametrize("operator", [*OPERATORS, "GT", "Less_Than"])
def test_every_operator_has_its_spellings(operator: str) -> None:
    parse_condition({**GOOD, "operator": operator})


def test_the_default_window_is_five_minutes() -> None:
    assert parse_condition({"metric": "cvd", "operator": ">", "threshold": 1}).time_window == "5m"


@pytest.mark.parametrize(
    ("signals", "logic", "text"),
    [((), "OR", r"signal pool 3 \('x'\): it has no signal"), (None, "XOR", "logic 'XOR' is not one of OR, AND")],
)
def test_a_malformed_pool_is_refused_by_name(signals: Any, logic: str, text: str) -> None:
    chosen = (SignalDefinition(1, "s", parse_condition(GOOD)),) if signals is None else signals
    with pytest.raises(ConfigurationError, match=text):
        SignalPool(3, "x", chosen, logic=logic)


def test_unknown_pools_signals_and_symbols_are_named() -> None:
    service = SignalBacktestService(market_of(random_market(1)), (), [pool_of([GOOD])])
    with pytest.raises(ConfigurationError, match=r"signal pool 9: there is no such pool \(there: 7\)"):
        service.backtest_pool(9, "BTC", START, START)
    with pytest.raises(ConfigurationError, match="signal 9: there is no such signal"):
        service.backtest_signal(9, "BTC", START, START)
    with pytest.raises(ConfigurationError, match="SOL is not in the market history"):
        service.backtest_pool(7, "SOL", START, START)
