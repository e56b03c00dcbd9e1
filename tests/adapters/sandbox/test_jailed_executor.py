"""What a jailed program asks of features and records: the same to the last byte as in this process."""

import numpy as np
import pytest

from engine import MarketHistory, TimedValues
from tests.support.runs import MINUTE, START
from tests.support.sandboxes import HEAD, figures, jailed, run_code, wave

MOODY = """
class Moody:
    def should_trade(self, data):
        seen = data.get_feature("mood", "X", 3)
        data.get_feature("moood", "X"), data.get_feature("all", "X"), data.get_feature("last", "X"), data.get_feature("a", "Y")
        if not seen:
            return None
        data.record("mood", seen["value"])
        data.record("mean", sum(seen["values"]) / len(seen["values"]))
        if seen["time"] % 2:
            data.record("mood", seen["time"])
            data.record("odd", len(seen["times"]))
        if seen["value"] > 0.9:
            data.record("never", float("nan"))
        return Decision("buy" if seen["value"] > 0.5 else "sell", "X", target_portion_of_balance=0.3, leverage=2)
"""


@jailed
@pytest.mark.parametrize("record_queries", [False, True])
def test_features_and_records_are_the_same_to_the_last_byte(sandbox, record_queries):
    times = START + 40_003 * np.arange(5, 85)
    features = {
        "mood": {"time": times, "x": np.random.default_rng(3).random(80)},
        "all": TimedValues([START + 7 * MINUTE], [1e-300]),
        "last": TimedValues([START + 900 * MINUTE], [3.0]),
    }
    history = MarketHistory(wave().symbols, features=features)
    given = {"history": history, "minutes": 60, "record_queries": record_queries, "on_strategy_error": "hold"}
    jailed_run = run_code(MOODY, sandbox.executor, **given)
    assert jailed_run.error is None
    assert jailed_run.strategy_errors > 3
    assert {name: len(each) for name, each in jailed_run.records.items()} == {"mood": 57, "mean": 57, "odd": 27}
    assert figures(jailed_run) == figures(run_code(MOODY, **given))
    assert "did you mean mood?" in str(jailed_run.unanswered_queries)


@jailed
def test_a_jailed_program_finds_nothing_of_a_feature_before_its_time(sandbox):
    code = HEAD + "        seen = data.get_feature('mood', 'X', 10**9)\n        log(seen)\n"
    features = {"mood": TimedValues(START + MINUTE * np.arange(1, 60), np.arange(1, 60) / 7)}
    result = run_code(code, sandbox.executor, MarketHistory(wave().symbols, features=features), 20)
    for entry in result.trigger_log:
        minute = (entry["timestamp"] - START) // MINUTE
        assert entry["logs"][0].count(", ") + 1 == 2 * minute + 2
        assert f"{(minute + 1) / 7}" not in entry["logs"][0]
