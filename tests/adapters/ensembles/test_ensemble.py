"""Pictures and pages of ensembles: what their numbers are drawn as."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from adapters.ensembles import Ensemble, EnsembleRequest, cost_limits, market_ensemble, shift_ensemble, trade_ensemble
from adapters.study_pictures import Picture
from adapters.workers import ThisProcess
from engine import DataError
from tests.adapters.report.test_html_page import blocks, values
from tests.support.noise_runs import noise_job


def test_the_fan_has_the_bands_and_the_real_curve_and_what_they_fall() -> None:
    made = market_ensemble(noise_job(), 6, ThisProcess())
    frame = made.plot().frame
    for name, band in made.bands.items():
        assert np.array_equal(frame[f"{name} %"], band)
    assert np.array_equal(frame["real"], made.real.curve)
    assert [each.value // 10**6 for each in frame.index] == made.times_ms.tolist()
    peak = np.maximum.accumulate(made.real.curve)
    assert np.allclose(frame["drawdown real"], 100 * (made.real.curve - peak) / peak)


def test_drawdowns_and_equity_of_trades_are_drawn_with_the_real_ones() -> None:
    made = trade_ensemble(np.random.default_rng(1).normal(1, 9, 60).tolist(), 1000.0, 400)
    frame = made.plot().frame
    assert len(frame) == 3
    for name in ("order_max_drawdown_percent", "max_drawdown_percent", "final_equity"):
        spread = made.spreads[name]
        assert frame.loc[spread.title].tolist() == pytest.approx([spread.real, *spread.quantiles.values()])


def test_shifts_are_drawn_over_their_hours() -> None:
    made = shift_ensemble(noise_job(), 4, ThisProcess())
    frame = made.plot().frame
    assert frame.index.tolist() == [0.0, 4.0, 8.0, 12.0, 16.0]
    for name in ("total_pnl_percent", "max_drawdown_percent", "sharpe_ratio"):
        expected = [math.nan if each.figures[name] is None else each.figures[name] for each in (made.real, *made.runs)]
        assert frame[made.spreads[name].title].tolist() == pytest.approx(expected, nan_ok=True)


def test_costs_are_drawn_with_every_run() -> None:
    made = cost_limits(noise_job(fee_rate=0.0, slippage_percent=0.0), ThisProcess())
    frame = made.plot().frame
    for name, limit in made.limits.items():
        assert list(frame.loc[name, "total_pnl"].items()) == limit.points


@pytest.mark.parametrize("asked", [{"trades": 30}, {"klines": 2}, {"start_shift": 2}, {"costs": True}])
def test_a_page_holds_what_the_picture_and_the_table_do(tmp_path: Path, asked: dict[str, int]) -> None:
    made: Ensemble = EnsembleRequest(**asked).of_job(noise_job(), ThisProcess())
    made.report(tmp_path / "page.html")
    made.report(tmp_path / "again.html")
    page = (tmp_path / "page.html").read_text("utf-8")
    assert (tmp_path / "again.html").read_text("utf-8") == page
    found = {name: values(block) for name, block in blocks(page).items() if name != "script"}
    told = made.told()
    assert found["study"]["title"] == told.title
    (table,) = found["study"]["tables"]
    assert (table["heads"], table["rows"]) == ([*told.heads], [[*each] for each in told.rows])
    assert dict(found["study"]["configuration"])["Symbols"] == ["BTC", "ETH"]
    assert [each["svg"] for each in found["pictures"]["further"]] == [made.plot().svg]
    assert len(found["study"]["tiles"]) >= 4


def test_a_picture_goes_to_a_file_and_to_a_notebook(tmp_path: Path) -> None:
    made = trade_ensemble([5.0, -2.0, 1.0], 1000.0, 20)
    shown = made.plot(tmp_path / "trades.svg")
    assert isinstance(shown, Picture)
    assert (tmp_path / "trades.svg").read_text("utf-8") == shown.svg
    with pytest.raises(DataError, match=r"must end in \.png, \.svg, \.pdf"):
        made.plot(tmp_path / "trades.gif")
