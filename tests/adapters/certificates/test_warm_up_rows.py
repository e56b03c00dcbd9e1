"""Decisions that rest on where the data begin are found, and the indicator is named."""

from __future__ import annotations

import pytest

from adapters.certificates import Verdict
from adapters.certificates.proof_subject import ProofSubject
from adapters.certificates.warm_up_rows import Decided, first_other, warm_up_check
from adapters.trials import Ground, Job
from adapters.workers import ThisProcess
from engine import BacktestConfig, MarketHistory
from engine.market import SymbolHistory
from tests.support.noise_runs import DAY, HOUR, START, Turns, noise_job, noise_market
from tests.support.planted_disorder import turned


class OnIndicator:
    """Is long while an indicator is above a level."""

    def init(self, params):
        self.name, self.period, self.level = params["name"], params["period"], params["level"]

    def should_trade(self, data):
        seen = data.get_indicator("BTC", self.name, self.period)
        return turned(data, bool(seen) and seen["value"] > self.level)


class CountsKlines:
    """Decides by how many klines there are, which an indicator of its own would go through."""

    def should_trade(self, data):
        closes = [each.close for each in data.get_klines("BTC", "1h", 90)]
        mean = closes[0]
        for close in closes:
            mean += (close - mean) * 0.02
        return turned(data, closes[-1] > mean)


class SaysIndicator(Turns):
    """Decides by the clock, and gives an indicator as its reason."""

    def should_trade(self, data):
        decision = super().should_trade(data)
        if decision is not None:
            decision.reason = f"{data.get_indicator('BTC', 'RSI14', '1h')['value']:.9f}"
        return decision


def checked(job):
    with ThisProcess() as here:
        return warm_up_check(ProofSubject(job, here))


def indicator_job(name, period, level, **fields):
    params = {"name": name, "period": period, "level": level}
    return noise_job(OnIndicator, scheduled_interval="1h", params=params, **fields)


@pytest.mark.parametrize(
    "job",
    [noise_job(Turns), indicator_job("RSI14", "1m", 50.0), indicator_job("MA20", "5m", 41_000.0)],
    ids=["no indicator", "a whole window of it", "a mean of few"],
)
def test_what_has_warm_up_enough_is_let_alone(job):
    check = checked(job)
    assert (check.verdict, check.not_shown) == (Verdict.PASSED, [])
    assert check.reason.endswith("decisions are the same with another 48h 0m before the data")
    assert check.evidence["decisions"] > 3


def test_an_indicator_of_too_few_klines_is_named():
    check = checked(indicator_job("RSI14", "1h", 52.0))
    assert check.verdict is Verdict.FAILED
    assert "get_indicator(BTC, RSI14, 1h) is " in check.reason
    assert "with twice the warm-up" in check.reason


class OnDigits:
    """Decides by small digits of an indicator that remembers, and asks for two that do not."""

    def init(self, params):
        self.name, self.key, self.digits = params["name"], params["key"], params["digits"]

    def should_trade(self, data):
        seen = [data.get_indicator("BTC", each, "1h") for each in ("MA20", self.name, "BOLL")]
        number = seen[1][self.key]
        return turned(data, int(number * 10**self.digits) % 2 == 0)


@pytest.mark.parametrize(
    ("name", "key", "digits"),
    [
        ("EMA20", "value", 3), ("RSI14", "value", 4), ("ATR14", "value", 4), ("MACD", "macd", 4), ("MACD", "signal", 4),
        ("MACD", "histogram", 4), ("OBV", "value", 2),
    ],
)  # fmt: skip
def test_each_indicator_that_remembers_is_named_and_no_other(name, key, digits):
    params = {"name": name, "key": key, "digits": digits}
    end = START + 2 * DAY
    check = checked(noise_job(OnDigits, scheduled_interval="4h", params=params, end_time=end, warm_up="trade"))
    assert check.verdict is Verdict.FAILED
    assert f"get_indicator(BTC, {name}, 1h) is " in check.reason
    assert "MA20, 1h" not in check.reason.replace("EMA20", "")
    assert "BOLL" not in check.reason


def test_klines_that_the_program_works_on_itself_are_named():
    check = checked(noise_job(CountsKlines, scheduled_interval="1h"))
    assert check.verdict is Verdict.FAILED
    assert "get_klines(BTC, 1h, 90) is " in check.reason


def test_without_warm_up_nothing_is_shown():
    klines = {name: each.base.columns for name, each in noise_market().symbols.items()}
    market = MarketHistory.from_klines({name: each.where(each.open_ms >= START) for name, each in klines.items()})
    config = BacktestConfig(strategy=Turns, symbols=["BTC"], start_time=START, end_time=START + DAY)
    check = checked(Job(config, {"": Ground(market)}))
    assert check.verdict is Verdict.NOT_SHOWN
    assert check.reason.startswith("BTC: no klines before the start")


def test_longer_klines_before_the_start_are_a_warm_up():
    base = noise_market().symbols["BTC"].base.columns
    series = noise_market().symbols["BTC"].series("1h")
    assert series is not None
    hours = series.columns
    history = SymbolHistory("BTC", base.where(base.open_ms >= START), [hours.where(hours.open_ms < START + DAY)])
    params = {"name": "RSI14", "period": "1h", "level": 50.0}
    config = BacktestConfig(
        strategy=OnIndicator,
        symbols=["BTC"],
        start_time=START,
        end_time=START + DAY,
        scheduled_interval="1h",
        params=params,
    )
    check = checked(Job(config, {"": Ground(MarketHistory([history]))}))
    assert check.evidence["klines"] == {"BTC": int((hours.open_ms < START).sum())}
    assert check.verdict is not Verdict.NOT_SHOWN, check.reason


BUY, SELL = {"operation": "buy", "symbol": "BTC", "leverage": 2}, {"operation": "sell", "symbol": "BTC"}


@pytest.mark.parametrize(
    ("ours", "theirs", "at_ms", "words"),
    [
        ([(0, BUY)], [(HOUR, BUY)], 0, "is decided now, and not with twice the warm-up"),
        ([(HOUR, BUY)], [(0, SELL)], 0, "is decided with twice the warm-up only"),
        ([(0, BUY)], [(0, SELL)], 0, "operation 'buy' and 'sell', leverage 2 and None"),
        ([(0, BUY), (HOUR, SELL)], [(0, BUY)], HOUR, "is decided now, and not with twice"),
        ([(0, BUY)], [(0, BUY), (HOUR, SELL)], HOUR, "with twice the warm-up only"),
    ],
)
def test_the_first_other_decision_is_told(ours, theirs, at_ms, words):
    one, two = ([Decided(*each) for each in decided] for decided in (ours, theirs))
    found = first_other(one, two)
    assert found is not None
    assert found[0] == at_ms
    assert words in found[1]


def test_rounding_is_no_other_decision():
    one, two = ([Decided(0, {"operation": "buy", "max_price": price})] for price in (100.0, 100.0 * (1 + 1e-12)))
    assert first_other(one, two) is None
    assert first_other(one, [Decided(0, {"operation": "buy", "max_price": 100.001})]) is not None


def test_a_reason_that_is_worded_otherwise_is_told_and_no_other_decision():
    check = checked(noise_job(SaysIndicator))
    assert check.verdict is Verdict.PASSED
    assert "of theirs are worded otherwise, first '" in check.reason
