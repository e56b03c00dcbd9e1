"""Monte Carlo of the market: ordinary runs on markets that were drawn anew."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from adapters.ensembles import MarketDraw, market_ensemble
from adapters.trials import Ground
from adapters.workers import ThisProcess
from engine import ConfigurationError, DataError, parse_condition
from engine.resampling import bootstrapped_market
from processes import IndicatorSignal, ProgramBacktestEngine
from tests.support.noise_runs import DAY, DAYS, HOUR, START, Idle, Turns, noise_job, noise_market


class Fragile:
    """Trades, but raises where the price is lower than it ever was."""

    def should_trade(self, data):
        if data.get_price("BTC") < noise_market().symbols["BTC"].base.columns.low.min():
            raise ValueError("as low as never before")
        return Turns().should_trade(data)


class Fails:
    """Raises where the market is not the recorded one."""

    def should_trade(self, data):
        if data.get_price("BTC") != noise_market().symbols["BTC"].price(data.timestamp, 0):
            raise ValueError("another market")


def test_each_run_is_an_ordinary_one_on_its_market() -> None:
    job = noise_job()
    made = market_ensemble(job, 3, ThisProcess(), seed=9, mean_block_ms=4 * HOUR)
    real = ProgramBacktestEngine(noise_market()).run(job.config)
    assert made.real.digest == real.digest
    for number in (1, 2, 3):
        generator = np.random.default_rng([9, number])
        market = bootstrapped_market(noise_market(), START, START + DAYS * DAY, 4 * HOUR, generator)
        result = ProgramBacktestEngine(market).run(job.config)
        run = made.runs[number - 1]
        assert (run.number, run.digest, run.error) == (number, result.digest, None)
        assert any("no recorded market" in each for each in result.warnings)
        assert run.curve[-1] == pytest.approx(result.final_equity)
    assert len({each.digest for each in made.runs}) == 3


def test_bands_are_quantiles_of_the_curves_on_one_grid() -> None:
    made = market_ensemble(noise_job(), 8, ThisProcess())
    assert made.curves.shape == (8, len(made.times_ms))
    assert (made.times_ms[0], made.times_ms[-1]) == (START, START + DAYS * DAY)
    for name, row in made.bands.items():
        assert row.tolist() == np.percentile(made.curves, float(name), axis=0).tolist()
    low, high = made.bands["5"], made.bands["95"]
    assert (low <= made.bands["50"]).all()
    assert (made.bands["50"] <= high).all()
    assert low[0] == high[0] == 10_000.0
    frame = made.bands_frame
    assert list(frame) == ["real", "5", "25", "50", "75", "95"]
    assert str(frame.index[-1]) == "2024-01-07 00:00:00+00:00"


def test_the_table_tells_the_real_run_among_the_others() -> None:
    made = market_ensemble(noise_job(), 8, ThisProcess(), mean_block_ms=2 * HOUR)
    spread = made.spreads["total_pnl_percent"]
    values = [each.figures["total_pnl_percent"] for each in made.runs]
    assert spread.values.tolist() == values
    assert spread.real == made.real.figures["total_pnl_percent"]
    assert spread.place == 100 * np.mean(np.array(values) < spread.real)
    lines = repr(made).splitlines()
    assert lines[0] == "Monte Carlo of 8 markets drawn anew, in blocks of 2h 0m on average, seed 0"
    profitable = sum(each.figures["total_pnl"] > 0 for each in made.runs)
    assert lines[-1] == f"profitable: {100 * profitable / 8:.4g} % of the markets"
    assert [row["run"] for row in made.rows()] == [*range(9)]


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        made = market_ensemble(noise_job(), 3, ThisProcess(), seed)
        made.to_json(tmp_path / f"{name}.json")
        made.plot(tmp_path / f"{name}.png")
    for ending in ("json", "png"):
        one, same, other = ((tmp_path / f"{name}.{ending}").read_bytes() for name in "abc")
        assert one == same
        assert one != other
    stored = json.loads((tmp_path / "a.json").read_text())
    assert stored["mean_block_ms"] == DAYS * DAY / 10
    assert len(stored["bands"]["real"]) == len(stored["bands"]["timestamp"]) == len(stored["bands"]["5"])


def test_blocks_are_at_most_half_of_the_range() -> None:
    half = DAYS * DAY // 2
    assert market_ensemble(noise_job(), 1, ThisProcess(), mean_block_ms=half).mean_block_ms == half
    with pytest.raises(ConfigurationError, match="give at most 3d, of which it takes two"):
        market_ensemble(noise_job(), 1, ThisProcess(), mean_block_ms=half + 1)
    short = noise_job(end_time=START + 60_000, scheduled_interval="1m")
    with pytest.raises(ConfigurationError, match="give at most 1m"):  # no block is shorter than a kline
        market_ensemble(short, 1, ThisProcess(), mean_block_ms=120_000)


def test_more_markets_begin_with_the_fewer_ones() -> None:
    few, more = (market_ensemble(noise_job(), count, ThisProcess(), 5) for count in (2, 4))
    assert [each.digest for each in few.runs] == [each.digest for each in more.runs[:2]]


def test_a_market_is_small_and_equal_where_it_is_the_same() -> None:
    one, same, other = (MarketDraw(1, number, START, START + DAY, HOUR) for number in (1, 1, 2))
    assert one == same == pickle.loads(pickle.dumps(one))
    assert one != other
    assert len(pickle.dumps(one)) < 300


def test_some_runs_that_fail_are_told_and_in_no_quantile() -> None:
    made = market_ensemble(noise_job(Fragile), 12, ThisProcess(), seed=2)
    failed = [each for each in made.runs if each.error is not None]
    assert 0 < len(failed) < 12
    assert len(made.spreads["total_pnl_percent"].values) == len(made.curves) == 12 - len(failed)
    assert made.summary()["failed"] == len(failed)
    assert f"not among them: {len(failed)} runs that failed, the first with: " in repr(made)
    assert "as low as never before" in repr(made)
    assert [row["error"] is None for row in made.rows()[1:]] == [each.error is None for each in made.runs]


def test_signals_are_those_of_the_drawn_market() -> None:
    condition = parse_condition({"metric": "indicator:RSI14", "operator": "<", "threshold": 40, "time_window": "15m"})
    job = replace(
        noise_job(scheduled_interval=None), grounds={"": Ground(noise_market(), [IndicatorSignal(condition)])}
    )
    made = market_ensemble(job, 2, ThisProcess(), seed=9, mean_block_ms=4 * HOUR)
    for run in made.runs:
        generator = np.random.default_rng([9, run.number])
        market = bootstrapped_market(noise_market(), START, START + DAYS * DAY, 4 * HOUR, generator)
        result = ProgramBacktestEngine(market, [IndicatorSignal(condition)]).run(job.config)
        assert run.digest == result.digest
        assert run.figures["total_triggers"] != made.real.figures["total_triggers"]


def test_where_every_run_fails_there_is_nothing_to_tell() -> None:
    with pytest.raises(DataError, match=r"none of 2 runs came to its end; the first: .*another market"):
        market_ensemble(noise_job(Fails), 2, ThisProcess())


def test_a_program_that_trades_nothing_has_flat_bands(tmp_path: Path) -> None:
    made = market_ensemble(noise_job(Idle), 2, ThisProcess())
    assert (made.bands["5"] == 10_000.0).all()
    assert made.spreads["sharpe_ratio"].place is None
    assert "Sharpe ratio" in repr(made)
    made.plot(tmp_path / "flat.svg")


@pytest.mark.parametrize(
    ("markets", "block", "text"), [(0, None, "klines: 0 is too few"), (2, 1000.0, "shorter than a kline")]
)
def test_what_cannot_be_drawn_is_refused(markets: int, block: float | None, text: str) -> None:
    with pytest.raises((ConfigurationError, DataError), match=text):
        market_ensemble(noise_job(Turns), markets, ThisProcess(), 0, block)
