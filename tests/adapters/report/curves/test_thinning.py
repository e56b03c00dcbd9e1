"""Windows of series: all of it, or fewer instants with every extreme."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.report.curves.thinning import Window, kept_places, windowed


@pytest.mark.parametrize("points", [4, 9, 100, 1_999])
def test_of_many_values_the_extremes_of_every_column_are_kept(points: int) -> None:
    random = np.random.default_rng(1)
    columns = [np.cumsum(random.normal(size=2_000)) for _ in range(1 if points < 6 else 2)]
    columns[0][700:800] = np.nan
    keep = kept_places(columns, points)
    assert len(keep) <= points
    assert keep.tolist() == sorted({*keep.tolist()})
    assert {0, 1_999} <= {*keep.tolist()}
    for column in columns:
        assert (np.nanmin(column), np.nanmax(column)) == (np.nanmin(column[keep]), np.nanmax(column[keep]))


def test_a_window_is_whole_where_it_is_small_and_counts_what_it_leaves_out() -> None:
    times = 60_000 * np.arange(1_000)
    values = np.sin(np.arange(1_000) / 50.0)
    values[500] = np.inf
    found = windowed(times, {"value": values}, Window(times[490], times[509], 20), ("value",))
    assert (found["total"], found["given"]) == (20, 20)
    assert found["timestamp"] == times[490:510].tolist()
    assert found["value"][10] is None
    assert found["value"][11] == values[501]
    whole = windowed(times, {"value": values}, Window(points=50), ("value",))
    assert whole["total"] == 1_000
    assert whole["given"] == len(whole["timestamp"]) <= 50
    assert windowed(times, {"value": values}, Window(-5, -1, 50), ("value",))["total"] == 0
