"""Figures of a curve by itself are those that a result has of the same curve."""

from __future__ import annotations

from datetime import UTC, datetime
from math import prod

import numpy as np
import pytest

from engine import Decision
from engine.periods import DAY_MS
from engine.result import curve_figures, growth_a_year, month_returns
from engine.result.statistics import daily_returns
from processes import ProgramBacktestEngine
from tests.support.runs import DAY, MINUTE, START, config, market, walk


class Flips:
    """Turns round every few hours; with much leverage it is ruined."""

    def init(self, params):
        self.leverage, self.count = params["leverage"], 0

    def should_trade(self, data):
        self.count += 1
        side = "buy" if self.count % 2 else "sell"
        return Decision(side, "X", target_portion_of_balance=0.9, leverage=self.leverage)


@pytest.mark.parametrize(
    ("minutes", "shift", "leverage", "more"),
    [
        (40 * 1440, 0, 1, {}),
        (31 * 1440, 90 * MINUTE + 17_000, 2, {}),
        (5 * 1440, 0, 1, {}),
        (100, 0, 1, {}),
        (40 * 1440, 0, 50, {"liquidation": False, "fee_rate": 5.0}),
    ],
)
def test_they_are_those_of_the_run(minutes, shift, leverage, more):
    settings = config(
        Flips, minutes, ("X",), start_time=START + shift, end_time=START + shift + minutes * MINUTE,
        scheduled_interval="4h" if minutes > 1000 else "5m", params={"leverage": leverage}, max_leverage=50, **more,
    )  # fmt: skip
    result = ProgramBacktestEngine(market(X=walk(minutes + 200, seed=5))).run(settings)
    curve = result.equity
    found = curve_figures(curve.timestamp_ms, curve.equity)
    assert found == {name: getattr(result, name) for name in found}
    assert result.fills >= 2
    assert (result.ruined_at is not None) == (leverage == 50)


def test_marks_are_those_of_midnights_wherever_the_curve_begins():
    times = START - 600_000 + MINUTE * np.arange(3 * 1440)
    equity = 100.0 + np.arange(len(times)) % 977
    places = [0, 10, 10 + 1440, 10 + 2880, len(times) - 1]
    returns = daily_returns(equity[places])
    assert curve_figures(times, equity)["sharpe_ratio"] == returns.mean() / returns.std(ddof=1) * np.sqrt(365.0)


def test_growth_is_taken_to_a_year_however_short_the_time():
    assert growth_a_year(100.0, 110.0, 365 * DAY) == pytest.approx(0.1)
    assert growth_a_year(100.0, 121.0, 730 * DAY) == pytest.approx(0.1)
    assert growth_a_year(1.0, 1.01, DAY) == pytest.approx(1.01**365 - 1.0)
    assert growth_a_year(100.0, 0.0, DAY) == -1.0
    assert growth_a_year(100.0, 101.0, 0) is None


def test_months_follow_one_another_and_a_year_is_compounded() -> None:
    start, end = (round(datetime(*day, tzinfo=UTC).timestamp()) * 1_000 for day in ((2023, 11, 20, 12), (2024, 2, 10)))
    days = [start, *range(start - start % DAY_MS + DAY_MS, end, DAY_MS)]
    times = np.array([*days, days[-1] + 3_600_000], np.int64)
    equity = 1_000.0 + 40.0 * np.sin(np.arange(len(times)))
    rows = month_returns(times, equity)
    found = {(row.year, month): each for row in rows for month, each in enumerate(row.months, 1)}
    slow: dict[tuple[int, int], list[float]] = {}
    for at, before, after in zip(times[:-1].tolist(), equity[:-1].tolist(), equity[1:].tolist(), strict=True):
        day = datetime.fromtimestamp(at / 1_000, UTC)
        slow.setdefault((day.year, day.month), []).append(after / before)
    want = {key: 100.0 * (prod(each) - 1.0) for key, each in slow.items()}
    assert {key: each for key, each in found.items() if each is not None} == pytest.approx(want)
    totals = [row.total for row in rows]
    years = [prod(1.0 + each / 100.0 for key, each in want.items() if key[0] == year) for year in (2023, 2024)]
    assert totals == pytest.approx([100.0 * (each - 1.0) for each in years])
