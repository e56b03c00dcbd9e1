"""A condition on a feature: undefined before its first value, judged on the grid, the same row by row."""

import numpy as np
import pytest

from engine import (
    ConfigurationError,
    DataError,
    FeatureCondition,
    IncrementalDetector,
    SignalPool,
    SymbolHistory,
    TimedValues,
    parse_condition,
)
from engine.signals import detect, judge_pool
from engine.signals.check_points import TRUE, UNDEFINED, CheckPoints
from tests.support.runs import MINUTE, START, walk

ABOVE = {"metric": "feature:mood", "operator": ">", "threshold": 0.5}
ROW = 15_000


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"metric": "feature:"}, "'' is no name of a feature"),
        ({"metric": "feature: mood"}, "' mood' is no name of a feature"),
        ({"metric": "feature:" + "x" * 81}, "is no name of a feature: 1 to 80"),
        ({"operator": "=>"}, "operator"),
        ({"threshold": None}, "threshold is missing"),
        ({"time_window": "7m"}, "time_window"),
    ],
)
def test_a_malformed_condition_on_a_feature_names_what_is_wrong(fields, says):
    with pytest.raises(ConfigurationError, match=says):
        parse_condition({**ABOVE, **fields})


def test_the_prefix_is_taken_in_any_case_and_the_name_as_it_is():
    condition = parse_condition({**ABOVE, "metric": "Feature:Mood.Up"})
    assert condition.features == ("Mood.Up",)
    assert condition.describe() == "Feature:Mood.Up > 0.5"
    with pytest.raises(ConfigurationError, match="is not of the form feature:NAME"):
        FeatureCondition("mood", ">", 1.0)


def moody(*known):
    times, values = zip(*known, strict=True)
    features = {"mood": TimedValues(START + np.array(times), values)}
    return SymbolHistory("X", walk(60), features=features)


def test_a_condition_on_a_feature_is_undefined_before_its_first_value_and_changes_when_one_is_known():
    history = moody((20_000, 0.6), (45_000, 0.4), (45_001, 0.7), (90_000, 0.5))
    points = CheckPoints(history, START + ROW * np.arange(8, dtype=np.int64))
    expected = [UNDEFINED, UNDEFINED, TRUE, 0, TRUE, TRUE, 0, 0]
    assert parse_condition(ABOVE).states(points).tolist() == expected


NEVER = {"metric": "indicator:MA5", "operator": "<", "threshold": 0.0, "time_window": "1h"}


@pytest.mark.parametrize(
    ("also", "fires"),
    [({}, [30_000, 75_000]), (NEVER, [30_000])],  # with what is undefined a pool that is true stays so
    ids=["alone", "beside an indicator"],
)
def test_a_pool_on_a_feature_is_judged_on_the_grid_and_fires_as_soon_as_the_value_is_known(also, fires):
    history = moody((20_000, 0.6), (45_000, 0.4), (60_001, 0.7))
    conditions = [parse_condition(each) for each in (ABOVE, also) if each]
    pool = SignalPool(None, "p", tuple(SignalPool.of(each).signals[0] for each in conditions))
    found = detect(pool, history, START, START + 10 * MINUTE)
    assert [trigger.timestamp - START for trigger in found.triggers] == fires
    (told,) = next(iter(found.triggers)).triggered_signals
    assert {name: told[name] for name in ("metric", "operator", "threshold", "current_value", "value")} == {
        "metric": "feature:mood", "operator": ">", "threshold": 0.5, "current_value": 0.6, "value": 0.6,
    }  # fmt: skip


def test_row_by_row_a_feature_fires_at_the_same_instants():
    known = [(7_000 * place, value) for place, value in enumerate(np.random.default_rng(2).random(500).tolist())]
    history, pool = moody(*known), SignalPool.of(parse_condition(ABOVE))
    detector, fired, waiting = IncrementalDetector(pool, "X"), [], [*known]
    for time in range(0, 3_400_000, ROW):
        while waiting and waiting[0][0] <= time:
            at, value = waiting.pop(0)
            detector.add_feature("mood", START + at, value)
            detector.add_feature("other", START + at, value)
        if detector.check(START + time) is not None:
            fired.append(START + time)
    assert fired == [each.timestamp for each in detect(pool, history, START, START + 3_399_999).triggers]
    assert len(fired) > 20
    with pytest.raises(DataError, match="feature mood"):
        detector.add_feature("mood", START, 1.0)


def test_a_feature_that_is_not_there_is_left_out_of_a_pool_with_its_reason():
    rising = parse_condition({"metric": "indicator:MA5", "operator": ">", "threshold": 0.0, "time_window": "1m"})
    missing = parse_condition({**ABOVE, "metric": "feature:mud"})
    late = parse_condition(ABOVE)
    history = moody((10**9, 1.0))
    signals = tuple(SignalPool.of(each).signals[0] for each in (rising, missing, late))
    found = judge_pool(SignalPool(None, "p", signals), history, START, START + 20 * MINUTE)
    assert len(found.triggers) == 1
    assert [text.rpartition("for X: ")[2] for text in found.warnings] == [
        "there is no feature mud (there: mood)",
        "no value of feature mood is known in the range",
    ]
    with pytest.raises(ConfigurationError, match="there is no feature mud"):
        judge_pool(SignalPool(None, "p", signals, logic="AND"), history, START, START + 20 * MINUTE)
