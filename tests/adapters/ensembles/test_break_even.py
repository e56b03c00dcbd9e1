"""Costs up to break-even: found by real runs, in words where there is no number."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.ensembles import COSTS, Cost, CostLimit, CostLimits, cost_limits
from adapters.trials import Ground, Job, Trial, run_trials
from adapters.workers import ThisProcess
from engine import DataError, Decision, KlineColumns, MarketHistory
from tests.support.noise_runs import DAY, HOUR, MINUTE, START, Idle, Turns, noise_job


class Swings:
    """Buys at even hours and sells at odd ones."""

    def should_trade(self, data):
        if data.timestamp // HOUR % 2:
            return Decision("close", "BTC", target_portion_of_balance=1.0) if "BTC" in data.positions else None
        return Decision("buy", "BTC", target_portion_of_balance=0.5, leverage=1)


class Raises:
    def should_trade(self, data):
        raise ValueError("no")


def hourly(rise: float) -> MarketHistory:
    """A market that rises in every odd hour, by that share, and falls back in every even one."""
    import numpy as np

    opened = START + MINUTE * np.arange(-60, 2 * 1440)
    level = np.where(opened // HOUR % 2 == 0, opened % HOUR / HOUR, 1.0 - opened % HOUR / HOUR)
    close = 100.0 * (1.0 + rise * level)
    one = np.ones(len(opened))
    return MarketHistory.from_klines({"BTC": KlineColumns(MINUTE, opened, close, close, close, close, one)})


def job_on(rise: float, strategy: type = Swings, **fields: object) -> Job:
    given = {"symbols": ["BTC"], "end_time": START + 2 * DAY, "scheduled_interval": "1h", "slippage_percent": 0.0,
             "fee_rate": 0.0, **fields}  # fmt: skip
    return replace(noise_job(strategy, **given), grounds={"": Ground(hourly(rise))})


def limits_of(rise: float, **fields: object) -> CostLimits:
    return cost_limits(job_on(rise, **fields), ThisProcess())


def test_a_fee_is_borne_up_to_half_of_what_a_round_trip_brings() -> None:
    made = limits_of(0.01)
    fee, slippage = made.limits["fee"], made.limits["slippage"]
    # bought at 1 of 60 minutes up, sold at the top: two fees take what a rise of about 1 % brings
    low, high = fee.bracket
    assert fee.break_even == low
    assert low == pytest.approx(0.49, abs=0.03)
    assert slippage.break_even == pytest.approx(low, rel=0.05)
    assert (high - low) <= 0.005 * high
    for limit in (fee, slippage):
        below, above = ([value for value, pnl in limit.points if (pnl > 0) is sign] for sign in (True, False))
        assert max(below) < min(above)


def test_the_runs_at_both_ends_are_ordinary_ones() -> None:
    made = limits_of(0.01)
    job = job_on(0.01)
    low, high = made.limits["fee"].bracket
    fields = [{"fee_model": "flat", "fee_rate": value} for value in (low, high)]
    below, above = run_trials(job, [Trial(place, each) for place, each in enumerate(fields)], ThisProcess())
    assert below.digest == made.limits["fee"].runs[low].digest
    assert above.digest == made.limits["fee"].runs[high].digest
    assert below.figures["total_pnl"] > 0.0 >= above.figures["total_pnl"]
    assert made.real.figures["total_pnl"] == made.limits["fee"].runs[0.0].figures["total_pnl"]


def test_a_latency_is_counted_in_whole_ms() -> None:
    latency = limits_of(0.01).limits["latency"]
    low, high = latency.bracket
    assert low == int(low)
    assert 10 * MINUTE < low < high < 40 * MINUTE  # half an hour late it buys as dear as it sells
    assert high - low <= max(0.005 * high, 1.0)


def test_what_loses_without_a_cost_is_never_profitable() -> None:
    made = limits_of(-0.01)
    for limit in made.limits.values():
        assert limit.break_even is None
        assert limit.headroom is None
    assert made.limits["fee"].verdict == "profitable at none that was tried"
    assert made.limits["slippage"].verdict == "profitable at none that was tried"
    assert [each.borne_above for each in made.limits.values()][:2] == [[], []]


def test_what_is_profitable_at_more_only_is_told_so() -> None:
    """An hour late it buys what rises, where it sold it: every cycle is turned round."""
    latency = limits_of(-0.01).limits["latency"]
    assert not latency.is_borne_now
    assert latency.break_even is None
    assert latency.borne_above
    assert latency.borne_above[-1] == HOUR
    assert latency.verdict.startswith("profitable only at more than now: ")
    assert latency.tile.meaning.startswith("The highest order_latency_ms that is borne: profitable only at more than")


FEE, _, LATENCY = COSTS


@pytest.mark.parametrize(
    ("cost", "now", "profits", "verdict"),
    [
        (FEE, 0.0, {0.0: 1, 0.1: 1, 0.3: -1, 1.0: -1}, "0.1 %"),
        (FEE, 0.0, {0.0: 1, 0.1: 1, 0.3: -1, 1.0: 2}, "0.1 %; again at 1 %"),
        (FEE, 0.1, {0.0: -1, 0.1: 1, 0.3: -1, 1.0: 2}, "0.1 %; yet it loses at 0 %; again at 1 %"),
        (FEE, 0.3, {0.0: -1, 0.1: 1, 0.3: 0, 1.0: 2}, "0.1 %; yet it loses at 0 %; again at 1 %"),
        (
            FEE,
            0.1,
            {0.0: -1, 0.1: 1, 0.3: 1, 10.0: 2},
            "profitable beyond 10 %, the largest allowed; yet it loses at 0 %",
        ),
        (FEE, 0.0, {0.0: 1, 0.1: 1}, "profitable beyond 0.1 %, the largest tried"),
        (FEE, 0.1, {0.0: -1, 0.1: 0, 0.3: -1}, "profitable at none that was tried"),
        (LATENCY, 0.0, {0.0: -1, 100.0: 0, HOUR: 3}, "profitable only at more than now: 1h 0m"),
        (
            LATENCY,
            0.0,
            {0.0: -1, 100.0: 1, 300.0: 1, 1_000.0: -1, 3_000.0: 1, 10_000.0: 1, HOUR: 3},
            "profitable only at more than now: 0.1 s, 0.3 s, 3 s and 2 more",
        ),
    ],
)
def test_the_verdict_is_what_the_runs_say_whatever_order_they_have(
    cost: Cost, now: float, profits: dict[float, float], verdict: str
) -> None:
    (run,) = run_trials(noise_job(Idle), [Trial(0)], ThisProcess())
    runs = {float(value): replace(run, figures={"total_pnl": float(pnl)}) for value, pnl in profits.items()}
    limit = CostLimit(cost, now, runs)
    assert limit.verdict == verdict
    said = {value for value, pnl in limit.points if pnl > 0.0}
    assert ("none that was tried" in verdict) is not said
    assert limit.tile.meaning == f"The highest {cost.field} that is borne: {verdict}; now {cost.text(now)}"


def test_what_bears_next_to_nothing_comes_to_an_end() -> None:
    fee = limits_of(1e-9).limits["fee"]
    assert fee.break_even == 0.0
    assert fee.bracket[1] <= 1e-5
    assert len(fee.runs) < 40


def test_what_wins_at_every_cost_says_so() -> None:
    made = limits_of(3.0)
    assert made.limits["fee"].verdict == "profitable beyond 10 %, the largest allowed"
    whole_cycle = limits_of(3.0, order_latency_ms=2 * HOUR).limits["latency"]
    assert whole_cycle.verdict == "profitable beyond 2h 0m, the largest tried; yet it loses at 1h 0m"


def test_what_loses_now_may_be_profitable_at_less() -> None:
    made = limits_of(0.01, fee_rate=1.0)
    fee = made.limits["fee"]
    assert not fee.is_borne_now
    assert fee.break_even == pytest.approx(0.49, abs=0.03)
    assert fee.headroom == pytest.approx(fee.break_even)
    assert "0.4" in repr(made)
    assert made.limits["slippage"].verdict == "profitable at none that was tried"  # while the fee is what it is


def test_the_fee_is_that_of_every_fill_and_the_models_count() -> None:
    job = noise_job(venue="hyperliquid", fee_model="tiers", slippage_model="spread", latency_model="time_of_day",
                    latency_by_hour_ms=[5] * 24)  # fmt: skip
    fee, slippage, latency = (cost.fields(job.config, 7.0) for cost in COSTS)
    assert fee == {"fee_model": "flat", "fee_rate": 7.0}
    assert slippage == {"slippage_model": "percent", "slippage_percent": 7.0}
    assert latency == {"latency_model": "constant", "order_latency_ms": 7}
    plain = noise_job(slippage_model="volume_share")
    assert COSTS[1].fields(plain.config, 1.0) == {"slippage_percent": 1.0}
    assert COSTS[2].fields(plain.config, 1.4) == {"order_latency_ms": 1}


def test_curves_reach_from_nothing_to_the_break_even(tmp_path: Path) -> None:
    made = limits_of(0.01)
    fee = made.limits["fee"]
    values = [value for value, _ in fee.points]
    assert values[0] == 0.0
    assert sum(0.0 < value < fee.break_even for value in values) >= 4
    made.plot(tmp_path / "costs.png")
    made.to_json(tmp_path / "costs.json")
    stored = json.loads((tmp_path / "costs.json").read_text())
    assert stored["limits"]["fee"]["break_even"] == fee.break_even
    assert len(stored["rows"]) == sum(len(each.runs) for each in made.limits.values())
    assert {row["cost"] for row in stored["rows"]} == {"fee", "slippage", "latency"}


def test_twice_the_same_search_runs_the_same() -> None:
    one, other = (cost_limits(noise_job(), ThisProcess()) for _ in range(2))
    assert one.to_dict() == other.to_dict()


def test_a_run_without_a_fill_and_one_that_fails_are_refused() -> None:
    with pytest.raises(DataError, match="no fills: there is nothing that costs could take"):
        cost_limits(noise_job(Idle), ThisProcess())
    with pytest.raises(DataError, match=r"the run itself fails: .*no"):
        cost_limits(noise_job(Raises), ThisProcess())


def test_a_cost_of_now_is_among_those_tried() -> None:
    made = cost_limits(noise_job(Turns, fee_rate=0.07, order_latency_ms=250), ThisProcess())
    assert 0.07 in made.limits["fee"].runs
    assert 250.0 in made.limits["latency"].runs
    assert made.limits["fee"].runs[0.07].digest == made.real.digest
