"""Studies as pictures and as a page."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas
import pytest

from adapters.studies import Metric, Parameter, Study, described_study, parse_metric, pictured_table
from adapters.study_pictures import Picture
from adapters.trials import Trial, TrialOutcome
from engine import DataError
from tests.support.runs import DAY, START

EMPTY = np.empty(0)
CONFIG = {
    "symbols": ["BTC"],
    "exchange": "hyperliquid",
    "start_time": START,
    "end_time": START + DAY,
    "code": "class Dips:\n    def should_trade(self, data):\n        pass\n",
}


def outcome(number, sharpe, error=None, **figures):
    found = {"sharpe_ratio": sharpe, "total_pnl_percent": 1.0, "max_drawdown_percent": 5.0, "total_trades": number}
    return TrialOutcome(
        number, {} if error else {**found, **figures}, None, error, 1.0, EMPTY, EMPTY, EMPTY, EMPTY, EMPTY
    )


def study_of(threshold=(20, 30, 40), stop=(0.01, 0.02), metric="sharpe_ratio"):
    """A full grid whose Sharpe ratio is the threshold over 10, and a little more with a wide stop."""
    parameters = (Parameter("threshold", values=threshold), Parameter("slippage_percent", True, stop))
    study = Study("sweep", CONFIG, parameters, (parse_metric(metric),), len(threshold) * len(stop))
    pairs = [(a, b) for a in threshold for b in stop]
    for number, (first, second) in enumerate(pairs):
        trial = Trial(number, {"slippage_percent": second}, {"threshold": first})
        study.add(trial, outcome(number, first / 10 + second, max_drawdown_percent=first - 10.0))
    return study


def test_the_heat_map_is_over_the_parameters_that_are_named_or_the_most_important():
    picture = study_of().heatmap("threshold", "slippage_percent")
    assert isinstance(picture, Picture)
    assert picture.frame.loc[0.02, 30] == pytest.approx(3.02)
    assert (picture.frame.columns.name, picture.frame.index.name) == ("threshold", "slippage_percent")
    assert picture._repr_html_().startswith("<svg")
    turned = study_of().heatmap(y="threshold").frame
    assert (turned.columns.name, turned.index.name) == ("slippage_percent", "threshold")
    assert study_of().heatmap().frame.columns.name == "threshold"


def test_another_metric_can_be_shown_and_less_is_better_where_it_is():
    table = pictured_table(study_of(), "max_drawdown_percent")
    assert (table.is_least, table.label) == (True, "Largest drawdown (%)")
    assert table.numbers[table.best] == 0
    assert study_of().heatmap(metric="max_drawdown_percent").frame.loc[0.01, 20] == 10.0
    assert not pictured_table(study_of(), "max:max_drawdown_percent").is_least
    with pytest.raises(ValueError, match="did you mean sharpe_ratio"):
        study_of().heatmap(metric="sharp_ratio")


def test_wrong_names_are_refused_with_the_right_ones():
    with pytest.raises(DataError, match="treshold is no parameter of this study: did you mean threshold"):
        study_of().heatmap("treshold")
    with pytest.raises(DataError, match="of='median'"):
        study_of().heatmap(of="median")  # type: ignore[arg-type]
    single = Study("sweep", CONFIG, (Parameter("a", values=(1, 2)),), (Metric("sharpe_ratio"),))
    with pytest.raises(DataError, match=r"two are needed; line\(\) shows one"):
        single.heatmap()


def test_what_failed_was_pruned_or_leaves_a_constraint_is_not_judged():
    study = study_of()
    study.add(Trial(6, {"slippage_percent": 0.03}, {"threshold": 20}), outcome(6, 0.0, "boom"))
    study.add(Trial(7, {"slippage_percent": 0.03}, {"threshold": 30}), outcome(7, 99.0), {"pruned": True})
    study.add(Trial(8, {"slippage_percent": 0.03}, {"threshold": 40}), outcome(8, 99.0), {"violates": ["x"]})
    table = pictured_table(study)
    assert [math.isnan(each) for each in table.metric_values] == [False] * 6 + [True] * 3
    assert table.states[5:] == ["done", "failed", "pruned", "infeasible"]
    assert table.errors[6:] == ["boom", None, None]
    assert table.figures["Closed trades"][4:] == [4, 5, None, 7, 8]
    assert table.numbers[table.best] == 5


def test_the_surface_the_line_and_the_lines_of_all_show_the_same_trials():
    study = study_of()
    assert study.surface().frame.equals(study.heatmap().frame)
    assert study.line("slippage_percent").frame["sharpe_ratio"].tolist() == pytest.approx([4.01, 4.02])
    assert study.line().frame.index.name == "threshold"
    assert study.parallel().frame.index[0] == 5
    with pytest.raises(DataError, match="threshold has values that are no numbers"):
        text_study().surface()


def text_study():
    study = Study("sweep", CONFIG, study_of().parameters, (Metric("sharpe_ratio"),))
    for number in range(4):
        trial = Trial(number, {"slippage_percent": number % 2}, {"threshold": "ab"[number // 2]})
        study.add(trial, outcome(number, float(number)))
    return study


def test_importance_is_a_frame_by_parameter():
    frame = study_of().importance()
    assert isinstance(frame, pandas.DataFrame)
    assert [*frame.index] == ["threshold", "slippage_percent", "(interactions)"]
    assert frame["share"].sum() == pytest.approx(1.0)
    assert frame.loc["threshold", "share"] > 0.99


def test_the_page_has_a_title_what_is_done_and_why_there_is_no_best(tmp_path: Path):
    page = study_of().plot()
    assert page.title == "Sweep of Dips on BTC"
    assert "srcdoc" in page._repr_html_()
    study_of().report(tmp_path / "made.html")
    assert (tmp_path / "made.html").read_text("utf-8") == study_of().plot().html
    study = Study("sweep", CONFIG, study_of().parameters, (Metric("sharpe_ratio"),), label="first try")
    study.add(Trial(0, {}, {"threshold": 1}), outcome(0, None, "boom"))
    described = described_study(study)
    assert described.title == "first try: Sweep of Dips on BTC"
    assert described.warnings == ["There is no best trial: the only trial failed with: boom"]


def test_a_study_of_nothing_has_a_page(tmp_path: Path):
    Study("sweep", CONFIG, (), (Metric("sharpe_ratio"),)).report(tmp_path / "made.html")
    assert "Sweep of Dips" in (tmp_path / "made.html").read_text("utf-8")
