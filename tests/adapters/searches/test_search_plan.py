"""How a search goes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from adapters.searches import SearchPlan, parse_constraint, stored_plan
from adapters.studies import parse_metric, parse_parameter
from engine import ConfigurationError
from tests.conftest import ROOT

INTERVALS = [parse_parameter("threshold=int(10,45)"), parse_parameter("stop=float(0.01,0.05)")]
LISTS = [parse_parameter("threshold=20:40:2"), parse_parameter("stop=1%,2%")]
SHARPE, DRAWDOWN, FEES = map(parse_metric, ("sharpe_ratio", "max_drawdown_percent", "fees_paid"))


@pytest.mark.parametrize(
    ("plan", "parameters", "metrics", "said"),
    [
        (SearchPlan("tep"), LISTS, [SHARPE], "sampler: 'tep' is none of tpe, random, nsga2, grid, shuffled-grid; did"),
        (SearchPlan(trials=0), LISTS, [SHARPE], "trials: 0 is no whole number from 1 on"),
        (SearchPlan(trials=2.5), LISTS, [SHARPE], "trials: 2.5 is no whole number"),
        (SearchPlan(batch=0), LISTS, [SHARPE], "batch: 0 is no whole number from 1 on"),
        (SearchPlan(seed=-1), LISTS, [SHARPE], "seed: -1 is no whole number from 0 to 4294967295"),
        (SearchPlan(seed=2**32), LISTS, [SHARPE], "seed: 4294967296 is no whole number"),
        (SearchPlan(seed=True), LISTS, [SHARPE], "seed: True is no whole number"),
        (SearchPlan(prune=1.0), LISTS, [SHARPE], "prune: 1.0 is no share between 0 and 1"),
        (SearchPlan(prune=30), LISTS, [SHARPE], "prune: 30 is no share between 0 and 1"),
        (SearchPlan(prune=0.3, prune_quantile=0), LISTS, [SHARPE], "prune_quantile: 0 is no share"),
        (SearchPlan(prune=0.3), LISTS, [SHARPE, FEES], "prune: goes with one metric"),
        (SearchPlan(), LISTS, [SHARPE, DRAWDOWN, FEES], "metric: a search is by one figure or by two, not 3"),
        (SearchPlan(), LISTS, [], "metric: a search is by one figure or by two, not 0"),
        (SearchPlan(), LISTS, [SHARPE, SHARPE], "metric: sharpe_ratio is there twice"),
        (SearchPlan(), [], [SHARPE], "nothing varies: name a parameter and its values"),
        (SearchPlan("grid"), INTERVALS, [SHARPE], "stop: an interval without a step is no part of a grid"),
        (
            SearchPlan("shuffled-grid"), [parse_parameter("a=int(1,1000)"), parse_parameter("b=int(1,1000)")], [SHARPE],
            "trials: the grid has 1,000,000 combinations: say how many",
        ),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_refused(plan, parameters, metrics, said):
    with pytest.raises(ConfigurationError) as refused:
        plan.require_fit(parameters, metrics)
    assert said in str(refused.value)
    assert len(refused.value.problems) == 1


def test_a_varied_end_does_not_go_with_pruning():
    parameters = [parse_parameter("end_time=2024-01-05T00:00:00Z,2024-01-06T00:00:00Z", is_field=True)]
    SearchPlan().require_fit(parameters, [SHARPE])
    with pytest.raises(ConfigurationError, match="prune: cannot go with a varied end_time"):
        SearchPlan(prune=0.5).require_fit(parameters, [SHARPE])


@pytest.mark.parametrize(
    ("plan", "parameters", "planned"),
    [
        (SearchPlan(), INTERVALS, 100),
        (SearchPlan(trials=7), INTERVALS, 7),
        (SearchPlan("grid"), LISTS, 22),
        (SearchPlan("grid", trials=7), LISTS, 7),
        (SearchPlan("shuffled-grid", trials=700), LISTS, 22),
    ],
)
def test_it_knows_how_many_trials_there_are_at_most(plan, parameters, planned):
    plan.require_fit(parameters, [SHARPE])
    assert plan.planned(parameters) == planned


def test_a_stored_plan_is_the_plan():
    plan = SearchPlan("nsga2", 30, 5, 4, (parse_constraint("max_drawdown_percent<25"),), 0.3, 0.25)
    assert stored_plan({**plan.plain(), "sources": "those of a class"}, 30) == plan
    assert "trials" not in plan.plain()
    assert plan.plain()["constraints"] == ["max_drawdown_percent<25"]


def told_without_optuna(sampler):
    code = (
        "import sys\n"
        "sys.modules['optuna'] = None\n"
        "from adapters.searches import SearchPlan\n"
        "from adapters.searches.search_space import SearchSpace\n"
        "from adapters.studies import parse_metric, parse_parameter\n"
        "space = SearchSpace([parse_parameter('a=1,2')])\n"
        f"print(SearchPlan({sampler!r}).proposer(space, [parse_metric('sharpe_ratio')]).ask(3))\n"
    )
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)


def test_without_optuna_a_sentence_names_the_extra_and_a_grid_needs_none():
    told = told_without_optuna("tpe")
    assert "DataError: this sampler needs optuna: pip install 'perpsim[search]', or take grid" in told.stderr
    assert told_without_optuna("grid").stdout == "[{'a': 1}, {'a': 2}]\n"
