"""What stands in the pictures of ensembles."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.ensembles import cost_limits, market_ensemble, shift_ensemble, trade_ensemble
from adapters.workers import ThisProcess
from tests.support.noise_runs import noise_job


def test_bands_and_the_real_curve_stand_in_one_picture() -> None:
    made = market_ensemble(noise_job(), 6, ThisProcess())
    above, below = made.draw("bands.png").axes
    middle, real = above.lines
    assert np.array_equal(middle.get_ydata(), made.bands["50"])
    assert np.array_equal(real.get_ydata(), made.real.curve)
    outer, inner = (fill.get_paths()[0].get_extents() for fill in above.collections)
    assert (outer.ymin, outer.ymax) == (made.bands["5"].min(), made.bands["95"].max())
    assert (inner.ymin, inner.ymax) == (made.bands["25"].min(), made.bands["75"].max())
    names = ["5 to 95 % of markets", "25 to 75 %", "median", "the recorded market"]
    assert [each.get_text() for each in above.get_legend().get_texts()] == names
    fallen = below.lines[1].get_ydata()
    peak = np.maximum.accumulate(made.real.curve)
    assert np.allclose(fallen, 100 * (made.real.curve - peak) / peak)
    assert (fallen <= 0.0).all()


def test_drawdowns_and_equity_of_trades_are_drawn_with_the_real_ones() -> None:
    made = trade_ensemble(np.random.default_rng(1).normal(1, 9, 60).tolist(), 1000.0, 400)
    panels = made.draw("trades.png").axes
    for axes, name in zip(panels, ("order_max_drawdown_percent", "final_equity"), strict=True):
        spread = made.spreads[name]
        drawn = [line.get_xdata()[0] for line in axes.lines]
        assert drawn == pytest.approx([*spread.quantiles.values(), spread.real])
        assert sum(bar.get_height() for bar in axes.patches) == 400


def test_shifts_are_drawn_over_their_hours() -> None:
    made = shift_ensemble(noise_job(), 4, ThisProcess())
    figure = made.draw("starts.png")
    for axes, name in zip(figure.axes, ("total_pnl_percent", "max_drawdown_percent", "sharpe_ratio"), strict=True):
        later, real = axes.lines
        assert later.get_xdata().tolist() == [4.0, 8.0, 12.0, 16.0]
        assert later.get_ydata().tolist() == [each.figures[name] for each in made.runs]
        assert set(real.get_ydata()) == {made.real.figures[name]}


def test_costs_are_drawn_with_what_they_are_now_and_the_break_even() -> None:
    made = cost_limits(noise_job(fee_rate=0.0, slippage_percent=0.0), ThisProcess())
    for axes, (name, limit) in zip(made.draw("costs.png").axes, made.limits.items(), strict=True):
        curve = axes.lines[0].get_xydata().tolist()
        assert curve == [[value, pnl] for value, pnl in limit.points if value <= curve[-1][0]]
        assert axes.get_xlabel().startswith(name)
        texts = [each.get_text() for each in axes.get_legend().get_texts()]
        assert texts[0] == f"now {limit.cost.text(limit.now)}"
        assert limit.verdict in texts[1]
