"""`perpsim.search`, as at a notebook."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import perpsim
import pytest

from adapters import create_database, open_database, synthetic_klines, write_klines
from adapters.studies import Parameter, read_study
from engine import ConfigurationError

START, DAY = 1_704_067_200_000, 86_400_000


class Dips:
    def init(self, params):
        self.threshold, self.stop = params.get("threshold", 30), params.get("stop", 0.02)

    def should_trade(self, data):
        rsi, price = data.get_indicator("BTC", "RSI14", "1h"), data.get_price("BTC")
        if not rsi or data.positions or rsi["value"] > self.threshold:
            return None
        stop = price * (1.0 - self.stop)
        return perpsim.Decision("buy", "BTC", target_portion_of_balance=0.5, leverage=2, stop_loss_price=stop)


@pytest.fixture(scope="module")
def frame():
    klines = synthetic_klines("BTC", START, 10 * 1440, seed=3)
    names = ("open", "high", "low", "close", "volume")
    index = pd.to_datetime(klines.open_ms, unit="ms", utc=True)
    return pd.DataFrame({name: np.asarray(getattr(klines, name)) for name in names}, index=index)


def search(frame, **given):
    fixed = {"symbols": "BTC", "scheduled_interval": "1h", "workers": 1, "progress": False, "metric": "total_pnl"}
    return perpsim.search(frame, Dips, **{**fixed, **given})


def digests(study):
    return [(each.values, each.outcome.digest, each.state) for each in study]


BOTH = {"threshold": (25, 60), "stop": (0.005, 0.05)}


def test_the_best_of_a_search_is_the_backtest_with_its_values(frame):
    study = search(frame, over=BOTH, trials=16)
    assert len(study) == 16
    best = study.best
    alone = perpsim.backtest(
        frame, Dips, symbols="BTC", scheduled_interval="1h", progress=False, params=dict(best.values)
    )  # fmt: skip
    assert best.outcome.digest == best.result.digest == alone.digest


def test_two_workers_make_the_study_that_one_makes(frame):
    assert digests(search(frame, over=BOTH, trials=12, workers=2)) == digests(search(frame, over=BOTH, trials=12))


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ((30, 33), {30, 31, 32, 33}),
        ("int(30,33)", {30, 31, 32, 33}),
        (range(30, 34), {30, 31, 32, 33}),
        ([30, 33], {30, 33}),
        ("30:33:1", {30, 31, 32, 33}),
        (Parameter("threshold", low=30, high=33, is_integer=True), {30, 31, 32, 33}),
    ],
)
def test_values_are_given_in_many_ways(frame, values, found):
    study = search(frame, over={"threshold": values}, trials=300)
    assert {each.values["threshold"] for each in study} == found
    assert "combinations have been run" in study.remarks[0]


def test_real_ends_make_an_interval_of_real_numbers(frame):
    study = search(frame, over={"stop": (0.005, 0.05)}, vary={"slippage_percent": (0.0, 0.1)}, trials=9)
    values = [(each.values["stop"], each.values["slippage_percent"]) for each in study]
    assert all(0.005 <= stop <= 0.05 and 0.0 <= slippage <= 0.1 for stop, slippage in values)
    assert len({*values}) == 9


def test_constraints_pruning_and_two_metrics(frame):
    study = search(frame, over=BOTH, trials=24, constraints="total_trades>=3", prune=0.4, seed=2)
    assert {"done", "pruned"} <= {each.state for each in study}
    assert study.best.figures["total_trades"] >= 3
    both = search(frame, over=BOTH, trials=12, metric=["total_pnl", "max_drawdown"], sampler="nsga2")
    assert both.best.number == both.front[0].number


def test_a_stored_search_goes_on(frame, tmp_path):
    kept = perpsim.open(tmp_path / "kept.db", create=True)
    given = {"over": BOTH, "prune": 0.4, "seed": 3, "save": kept}
    search(frame, **given, trials=14)
    resumed = search(frame, **given, trials=24, resume=1)
    whole = search(frame, over=BOTH, prune=0.4, seed=3, trials=24)
    assert digests(resumed) == digests(whole)
    stored, _ = read_study(kept.database, 1)
    assert digests(stored) == digests(whole)
    pruned = next(each for each in resumed if each.state == "pruned")
    assert pruned.number < 14
    assert pruned.result.digest == pruned.outcome.digest


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"over": BOTH, "constraints": ["total_trads>1"]}, "constraints: total_trads: is no figure"),
        ({"over": BOTH, "sampler": "nsga"}, "sampler: 'nsga' is none of tpe"),
        ({"over": {"treshold": (1, 2)}}, "did you mean threshold?"),
        ({"over": {"threshold": (3, 1)}}, "threshold: is empty: 3 is not below 1"),
        ({}, "nothing varies"),
        ({"over": BOTH, "trails": 7}, "did you mean trials?"),
        ({"ovr": BOTH}, "ovr: there is no such field; did you mean over?"),
    ],
)
def test_what_cannot_be_searched_is_refused(frame, given, said):
    with pytest.raises(ConfigurationError) as refused, warnings.catch_warnings():
        search(frame, **given)
    assert said in str(refused.value)


TEXT = """
class Turns:
    def init(self, params):
        self.size = params["size"]

    def should_trade(self, data):
        return Decision("close" if data.positions else "buy", "BTC", target_portion_of_balance=self.size, leverage=1)
"""


def test_a_pruned_trial_of_a_stored_search_is_run_again_as_far_as_it_came(any_database_url):
    database = open_database(any_database_url, create=True)
    create_database(database)
    write_klines(database, "x", "BTC", "1m", synthetic_klines("BTC", START, 10 * 1440, seed=3))
    perpsim.search(
        database, TEXT, over={"size": (0.1, 0.9)}, trials=14, prune=0.4, save=database, trust=True, workers=1,
        metric="total_pnl", scheduled_interval="1h", progress=False,
    )  # fmt: skip
    pruned = next(each for each in perpsim.studies(database).newest if each.state == "pruned")
    result = pruned.result
    assert result.digest == pruned.outcome.digest
    assert result.end_time < START + 10 * DAY
