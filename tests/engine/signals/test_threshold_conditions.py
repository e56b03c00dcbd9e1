"""A condition on an indicator: what is wrong with it is named."""

import pytest

from engine import ConfigurationError, IndicatorCondition


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
