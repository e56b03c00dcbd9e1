from __future__ import annotations

import numpy as np
import pytest

from adapters.report.prices.detail_levels import curve_levels, kline_levels, overview_ms
from engine.market import aggregate
from tests.adapters.packing.test_packed_series import opened
from tests.adapters.report.prices.test_packed_klines import prices, read_klines
from tests.support.klines import START_MS, random_klines
from tests.support.runs import DAY, HOUR, MINUTE


@pytest.mark.parametrize(
    ("span", "period"), [(MINUTE, MINUTE), (DAY, MINUTE), (2 * DAY, 3 * MINUTE), (366 * DAY, 8 * HOUR)]
)
def test_a_whole_range_is_shown_in_the_shortest_period_that_fits(span: int, period: int) -> None:
    assert overview_ms(START_MS, START_MS + span) == period


def test_the_short_level_of_klines_is_those_of_the_period_in_which_all_are_shown() -> None:
    columns = random_klines(10 * 1_440)
    finest, short = kline_levels(columns, START_MS, START_MS + 10 * DAY, 10**6)
    assert read_klines(finest)[0] == MINUTE
    period, times, rows = read_klines(short)
    expected = aggregate(columns, period)
    assert (period, times) == (15 * MINUTE, expected.open_ms.tolist())
    assert np.abs(np.array(rows) / np.array(prices(expected)) - 1).max() < 1e-5


def test_what_is_short_has_one_level() -> None:
    assert len(kline_levels(random_klines(600), START_MS, START_MS + 600 * MINUTE, 10**6)) == 1
    assert len(curve_levels(START_MS + MINUTE * np.arange(600), np.ones(600), 10**6)) == 1


def test_the_short_level_of_a_curve_keeps_lowest_highest_and_last_of_each_kline() -> None:
    count = 20 * 1_440
    times = START_MS + MINUTE * np.arange(count)
    values = np.round(10_000 + np.cumsum(np.random.default_rng(1).standard_normal(count)), 2)
    finest, short = curve_levels(times, values, 10**6)
    assert opened(finest)[1] == times.tolist()
    head, kept, (differences,) = opened(short)
    read = np.cumsum(differences) * head["step"][0] / head["step"][1]
    period = overview_ms(int(times[0]), int(times[-1]))
    for begin in range(START_MS, int(times[-1]), period):  # what is known at the close belongs to a kline
        all_of_it = values[(times > begin) & (times <= begin + period)]
        shown = read[(np.array(kept) > begin) & (np.array(kept) <= begin + period)]
        whole = all_of_it.min(), all_of_it.max(), all_of_it[-1]
        assert (shown.min(), shown.max(), shown[-1]) == pytest.approx(whole)
    assert len(kept) < count / 5
