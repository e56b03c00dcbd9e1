"""What a program records becomes series of the result: one value an instant, bounded, and nothing that is no number."""

from decimal import Decimal

import numpy as np
import pytest

from engine.program import MOST_SERIES, RecordedSeries
from tests.support.runs import MINUTE, START, klines, market, run_script

TEN = market(X=klines(*[100.0] * 10))


def plain(recorded):
    return {name: (list(times), list(values)) for name, (times, values) in recorded.by_name().items()}


def test_of_several_values_of_an_instant_the_last_counts():
    recorded = RecordedSeries()
    for now, value in ((5, 1.0), (5, 2.0), (7, 3.0)):
        recorded.now = now
        recorded.add(now, "x", value)
    assert plain(recorded) == {"x": ([5, 7], [2.0, 3.0])}
    assert recorded.take_news() == [("x", 3.0)]
    assert not recorded.has_news


@pytest.mark.parametrize("value", [3, True, np.float64(2.5), np.int64(4), np.array(7.0), Decimal("1.5"), -0.0])
def test_whatever_says_which_number_it_is_is_one(value):
    recorded = RecordedSeries()
    recorded.add(0, "x", value)
    assert plain(recorded) == {"x": ([0], [float(value)])}
    assert type(recorded.by_name()["x"][1][0]) is float


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -np.inf, None, "5", b"5", [1.0], {}, 10**400, 1j])
def test_what_is_no_finite_number_is_an_error(value):
    recorded = RecordedSeries()
    with pytest.raises(ValueError, match=r"record\('x', \.\.\.\): .* is not a finite number"):
        recorded.add(0, "x", value)
    assert plain(recorded) == {}


@pytest.mark.parametrize(("name", "error"), [(5, TypeError), (None, TypeError), ("", ValueError), ("a\nb", ValueError)])
def test_a_name_that_is_none_is_an_error(name, error):
    with pytest.raises(error, match="record: "):
        RecordedSeries().add(0, name, 1.0)


def test_a_program_may_keep_so_many_series_and_no_more():
    recorded = RecordedSeries()
    for number in range(MOST_SERIES):
        recorded.add(0, f"x{number}", 1.0)
    recorded.add(0, "x0", 2.0)
    with pytest.raises(ValueError, match="a program may keep 50 series, and 'one more' would be one more"):
        recorded.add(0, "one more", 1.0)


def test_a_value_takes_sixteen_bytes():
    recorded = RecordedSeries()
    for now in range(100_000):
        recorded.now = now
        recorded.add(now, "x", 1.0)
    times, values = recorded.by_name()["x"]
    assert (times.itemsize, values.itemsize) == (8, 8)


def test_a_run_keeps_what_its_program_records_and_when():
    def first(data):
        data.record("price", data.get_price("X"))
        data.record("twice", 1)
        data.record("twice", 2)

    _, _, result = run_script(TEN, {1: first, 3: lambda data: data.record("twice", 5)}, 4)
    assert result.records["price"].timestamp_ms.tolist() == [START + MINUTE]
    assert result.to_dict()["records"] == {
        "price": {"timestamp": [START + MINUTE], "value": [100.0]},
        "twice": {"timestamp": [START + MINUTE, START + 3 * MINUTE], "value": [2.0, 5.0]},
    }


def test_a_result_without_any_has_none():
    _, _, result = run_script(TEN, {}, 4)
    assert result.records == {}
    assert "records" not in result.to_dict()


def test_what_is_no_number_ends_the_run_with_a_clear_text():
    _, _, result = run_script(TEN, {2: lambda data: data.record("x", None)}, 4)
    assert not result.success
    assert "record('x', ...): NoneType is not a finite number" in result.error


def test_data_of_an_earlier_trigger_records_nothing():
    kept = []

    def later(data):
        kept[0].record("x", 1.0)

    _, _, result = run_script(TEN, {1: kept.append, 2: later}, 4, on_strategy_error="hold")
    assert result.records == {}
    assert "of an earlier trigger" in [*result.trigger_log][1]["error"]


def test_what_was_recorded_before_an_error_stays():
    def fails(data):
        data.record("x", 1.0)
        raise RuntimeError

    _, _, result = run_script(TEN, {2: fails}, 4)
    assert result.to_dict()["records"] == {"x": {"timestamp": [START + 2 * MINUTE], "value": [1.0]}}
