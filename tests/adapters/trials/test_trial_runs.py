"""Trials of a job are ordinary runs."""

from __future__ import annotations

import pytest

from adapters import synthetic_klines
from adapters.trials import Ground, Job, Trial, TrialRunner, run_trials
from adapters.workers import ThisProcess
from engine import BacktestConfig, Decision, MarketHistory
from processes import ProgramBacktestEngine

START = 1_704_067_200_000


class Dips:
    def init(self, params):
        self.threshold, self.stop = params["threshold"], params.get("stop", 0.02)

    def should_trade(self, data):
        rsi, price = data.get_indicator("BTC", "RSI14", "1h"), data.get_price("BTC")
        if not rsi or data.positions or rsi["value"] > self.threshold:
            return None
        stop = price * (1.0 - self.stop)
        return Decision("buy", "BTC", target_portion_of_balance=0.5, leverage=2, stop_loss_price=stop)


@pytest.fixture(scope="module")
def market():
    return MarketHistory.from_klines({"BTC": synthetic_klines("BTC", START - 20 * 86_400_000, 30 * 1440, seed=3)})


def job_on(market, **more):
    config = BacktestConfig(
        strategy=Dips, symbols=["BTC"], start_time=START, end_time=START + 9 * 86_400_000, scheduled_interval="1h",
        params={"threshold": 40},
    )  # fmt: skip
    return Job(config, {"": Ground(market)}, **more)


def test_a_trial_is_the_run_with_its_fields_and_parameters(market):
    job = job_on(market, curve_points=10, keep_trades=True)
    trials = [Trial(0), Trial(1, {"fee_rate": 0.1}, {"threshold": 45}), Trial(2, {}, {"stop": 0.01})]
    found = {each.number: each for each in run_trials(job, trials, ThisProcess())}
    for trial in trials:
        config = BacktestConfig(
            strategy=Dips, symbols=["BTC"], start_time=START, end_time=START + 9 * 86_400_000, scheduled_interval="1h",
            params={"threshold": 40, **trial.params}, **trial.fields,
        )  # fmt: skip
        result, outcome = ProgramBacktestEngine(market).run(config), found[trial.number]
        assert outcome.digest == result.digest
        assert outcome.figures == {name: getattr(result, name) for name in outcome.figures}
        assert outcome.curve.tolist() == result.equity.equity[:: 9 * 144].tolist()
        assert outcome.trade_pnl.tolist() == [each.pnl for each in result.trades]
        assert outcome.daily_equity.tolist() == result.equity.daily()[1].tolist()
    assert len({each.digest for each in found.values()}) == 3


def test_what_cannot_be_run_is_in_the_outcome(market):
    trials = [Trial(0, {"fee_rate": -1.0}), Trial(1, {"fe_rate": 1.0}), Trial(2)]
    below, unknown, right = run_trials(job_on(market), trials, ThisProcess())
    assert "fee_rate" in below.error
    assert "did you mean fee_rate?" in unknown.error
    assert right.error is None


def test_the_result_of_a_trial_is_the_whole_one(market):
    with TrialRunner(job_on(market)) as runner:
        result = runner.result(Trial(7, {}, {"threshold": 35}))
    assert result.config["params"] == {"threshold": 35}
