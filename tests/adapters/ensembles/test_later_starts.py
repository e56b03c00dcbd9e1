"""Monte Carlo of the start: ordinary runs that begin whole intervals later."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.ensembles import shift_ensemble
from adapters.trials import Ground
from adapters.workers import ThisProcess
from engine import BacktestConfig, ConfigurationError
from processes import ProgramBacktestEngine, TriggerTimes
from tests.support.noise_runs import DAY, DAYS, HOUR, START, Turns, noise_job, noise_market


def test_each_run_is_the_one_that_begins_so_much_later() -> None:
    made = shift_ensemble(noise_job(), 3, ThisProcess())
    assert made.interval_ms == 4 * HOUR
    for place, run in enumerate((made.real, *made.runs)):
        config = BacktestConfig(
            strategy=Turns, symbols=["BTC", "ETH"], start_time=START + place * 4 * HOUR, end_time=START + DAYS * DAY,
            scheduled_interval="4h",
        )  # fmt: skip
        assert run.digest == ProgramBacktestEngine(noise_market()).run(config).digest
        assert run.figures["start_time"] == START + place * 4 * HOUR
    assert len({each.digest for each in (made.real, *made.runs)}) == 4


def test_without_a_schedule_starts_are_hours_apart() -> None:
    times = TriggerTimes("BTC", range(START, START + DAYS * DAY, 5 * HOUR))
    job = replace(noise_job(scheduled_interval=None), grounds={"": Ground(noise_market(), [times])})
    made = shift_ensemble(job, 2, ThisProcess())
    assert [row["shift_ms"] for row in made.rows()] == [0, HOUR, 2 * HOUR]
    assert repr(made).startswith("Monte Carlo of the start: 1 to 2 x 1h 0m later, with the same end\n")


def test_the_spread_is_over_the_later_starts(tmp_path: Path) -> None:
    made = shift_ensemble(noise_job(), 5, ThisProcess())
    for name in ("total_pnl_percent", "max_drawdown_percent", "sharpe_ratio"):
        assert made.spreads[name].values.tolist() == [each.figures[name] for each in made.runs]
    made.plot(tmp_path / "starts.png")
    assert (tmp_path / "starts.png").stat().st_size > 10_000


def test_the_last_start_is_before_the_end() -> None:
    intervals = DAYS * 6
    made = shift_ensemble(noise_job(), intervals - 1, ThisProcess())
    assert made.runs[-1].error is None
    with pytest.raises(ConfigurationError, match=f"give at most {intervals - 1}"):
        shift_ensemble(noise_job(), intervals, ThisProcess())
    with pytest.raises(ConfigurationError, match="start-shift: 0 is too few"):
        shift_ensemble(noise_job(), 0, ThisProcess())
