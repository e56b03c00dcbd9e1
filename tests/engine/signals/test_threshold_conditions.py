"""A condition on an indicator: what is wrong with it is named, and from when on it is defined."""

import numpy as np
import pytest

from engine import ConfigurationError, IncrementalDetector, IndicatorCondition, SignalPool
from engine.market.series import ReadyKlines
from engine.signals.check_points import TRUE, UNDEFINED, CheckPoints
from tests.support.runs import MINUTE, START, market, walk


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"metric": "indicator:RSY14"}, "no indicator 'RSY14'"),
        ({"metric": "RSI14"}, "RSI14"),
        ({"operator": "=>"}, "operator"),
        ({"threshold": float("nan")}, "threshold"),
        ({"threshold": "30"}, "threshold"),
        ({"time_window": "7m"}, "time_window"),
    ],
)
def test_a_malformed_condition_is_a_configuration_error_that_names_it(fields, says):
    values = {"metric": "indicator:RSI14", "operator": "<", "threshold": 30.0, "time_window": "1h", **fields}
    with pytest.raises(ConfigurationError, match=says):
        IndicatorCondition(**values)


@pytest.mark.parametrize(
    ("condition", "length"),
    [
        (IndicatorCondition("indicator:RSI14", ">=", 0.0, "1m"), 15),
        (IndicatorCondition("indicator:MACD", "!=", 7.0, "1m", "macd"), 34),
        (IndicatorCondition("indicator:STOCH", ">=", 0.0, "1m", "k"), 18),
        (IndicatorCondition("indicator:MA5", ">", 0.0, "1m"), 5),
    ],
    ids=lambda value: getattr(value, "metric", value),
)
def test_a_condition_is_undefined_until_its_indicator_has_the_klines_of_its_length(condition, length):
    history = market(X=walk(60)).symbols["X"]
    points = CheckPoints(history, START + MINUTE * np.arange(1, 61, dtype=np.int64))
    assert condition.states(points).tolist() == [UNDEFINED] * (length - 1) + [TRUE] * (61 - length)
    detector = IncrementalDetector(SignalPool.of(condition), "X")
    fired = []
    for count, kline in enumerate(ReadyKlines(history.base.columns).window(0, 60), 1):
        detector.add_kline("1m", kline)
        if detector.check(START + count * MINUTE) is not None:
            fired.append(count)
    assert fired == [length]
