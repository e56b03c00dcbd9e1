"""A small market, a program, and searches on them."""

from __future__ import annotations

import pytest

from adapters import synthetic_klines
from adapters.searches import SearchPlan, SearchRounds
from adapters.studies import Study, parse_metric, parse_parameter
from adapters.trials import Ground, Job
from adapters.workers import ThisProcess
from engine import BacktestConfig, Decision, MarketHistory

START, DAY = 1_704_067_200_000, 86_400_000
THRESHOLD_AND_STOP = ("threshold=int(20,60)", "stop=float(0.005,0.05)")


class Dips:
    def init(self, params):
        self.threshold, self.stop = params["threshold"], params.get("stop", 0.02)

    def should_trade(self, data):
        rsi, price = data.get_indicator("BTC", "RSI14", "1h"), data.get_price("BTC")
        if not rsi or data.positions or rsi["value"] > self.threshold:
            return None
        stop = price * (1.0 - self.stop)
        return Decision("buy", "BTC", target_portion_of_balance=0.5, leverage=2, stop_loss_price=stop)


@pytest.fixture(scope="session")
def market():
    return MarketHistory.from_klines({"BTC": synthetic_klines("BTC", START - 20 * DAY, 30 * 1440, seed=3)})


@pytest.fixture(scope="session")
def job(market):
    config = BacktestConfig(
        strategy=Dips, symbols=["BTC"], start_time=START, end_time=START + 9 * DAY, scheduled_interval="1h",
        params={"threshold": 40},
    )  # fmt: skip
    return Job(config, {"": Ground(market)})


@pytest.fixture
def search(job):
    """A function that makes a search and returns its study: `stored` trials are there before, and after `most` new ones
    it is left.
    """

    def made(plan=None, over=THRESHOLD_AND_STOP, metrics=("sharpe_ratio",), *, fields=(), stored=(), most=None,
             workers=None, job=job, timeout_s=float("inf")):  # fmt: skip
        parameters = [parse_parameter(each) for each in over] + [parse_parameter(each, True) for each in fields]
        study = Study("search", {}, tuple(parameters), tuple(map(parse_metric, metrics)))
        study.trials |= {each.trial.number: each for each in stored}
        rounds = SearchRounds(job, study, plan or SearchPlan(trials=24), workers or ThisProcess(), timeout_s)
        new = iter(rounds)
        while most is None or len(study.trials) < len(stored) + most:
            if next(new, None) is None:
                break
        new.close()
        study.end = rounds.end
        return study

    return made


def said(study):
    """All that a study holds, but how long its trials took."""
    return [
        (
            each.trial, dict(each.outcome.figures), each.outcome.digest, each.outcome.error, dict(each.notes),
            each.outcome.daily_equity.tobytes(), each.outcome.daily_ms.tobytes(),
        )
        for _, each in sorted(study.trials.items())
    ]  # fmt: skip
