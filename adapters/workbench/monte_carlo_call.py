"""Monte Carlo in one call, as at a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal, overload

from engine import BacktestResult, ConfigurationError
from engine.durations import parse_duration
from processes import TriggerSource

from ..ensembles import (
    CostLimits,
    Ensemble,
    EnsembleRequest,
    MarketEnsemble,
    ShiftEnsemble,
    TradeEnsemble,
    config_to_run,
    trades_of_result,
)
from ..runs import long_steps_shown, no_bars
from ..trials import Ground, Job
from ..workers import open_workers
from .given_data import GivenFrames
from .given_input import given_ground

#: What `monte_carlo` takes beside what `backtest` does.
_KEYWORDS = ("data", "trades", "klines", "start_shift", "costs", "seed", "mean_block", "workers", "cluster")


@overload
def monte_carlo(result_or_data: Any, strategy: Any = None, *, trades: int, **more: Any) -> TradeEnsemble: ...
@overload
def monte_carlo(result_or_data: Any, strategy: Any = None, *, klines: int, **more: Any) -> MarketEnsemble: ...
@overload
def monte_carlo(result_or_data: Any, strategy: Any = None, *, start_shift: int, **more: Any) -> ShiftEnsemble: ...
@overload
def monte_carlo(result_or_data: Any, strategy: Any = None, *, costs: Literal[True], **more: Any) -> CostLimits: ...
@overload
def monte_carlo(result_or_data: Any, strategy: Any = None, **more: Any) -> Ensemble: ...
def monte_carlo(
    result_or_data: Any,
    strategy: Any = None,
    *,
    data: Any = None,
    trades: int | None = None,
    klines: int | None = None,
    start_shift: int | None = None,
    costs: bool = False,
    seed: int = 0,
    mean_block: str | timedelta | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    progress: bool = True,
    period: str | None = None,
    funding: Any = None,
    flow: Any = None,
    mark: Any = None,
    features: Mapping[str, Any] | None = None,
    signals: Sequence[TriggerSource] = (),
    trust: bool = False,
    **fields: Any,
) -> Ensemble:
    """Say what luck would have done to a run, by one of: `trades`, so many other orders of its closed trades, and as
    many draws of them with replacement; `klines`, so many markets of recorded minutes in another order, in blocks of
    `mean_block` on average ("4h", "2d"; a day without it); `start_shift`, so many later starts, each an interval after
    the one before; `costs`, fee, slippage and latency raised up to break-even.

    What is run is a `BacktestResult` (for all but `trades` on `data`, and where its program was a class with that as
    `strategy`), or data and a program, with all else as `backtest` takes it.

    What comes back shows itself: `repr`, in a notebook a table; `frame` has the paths or runs, one a row, `spreads`
    quantiles and the place of the real run among them, `bands_frame` (of `klines`) the bands of the equity, `limits`
    (of `costs`) the break-evens; `plot()` is its picture, `page()` its page, `plot(path)`, `report(path)`, `to_json`
    and `to_csv` write it. The same seed gives the same,
    whatever `workers` is: so many processes, without it one for each processor (1: this one); `cluster` is the address
    of a Dask scheduler. `progress` shows a bar in a terminal or a notebook.

    Raises `ConfigurationError`, `DataError` and `ProgramError` for what cannot be run.
    """
    request = EnsembleRequest(
        trades=trades,
        klines=klines,
        start_shift=start_shift,
        costs=costs,
        seed=seed,
        mean_block_ms=None if mean_block is None else _block(mean_block),
    )
    figures = None
    if isinstance(result_or_data, BacktestResult):
        if trades is not None:
            return request.of_trades(trades_of_result(result_or_data))
        figures = result_or_data.figures()
        result_or_data, strategy, fields = _of_result(result_or_data, data, strategy, fields)
    elif data is not None:
        raise ConfigurationError(["data: is of a result; without one data come first: monte_carlo(data, strategy)"])
    if strategy is None:
        raise ConfigurationError(["strategy: is required beside data: a class, an object, source text or a .py file"])
    frames = GivenFrames(period, funding, flow, mark)
    ground = given_ground(result_or_data, strategy, frames, features, signals, fields, _KEYWORDS)
    grounds = {"": Ground(ground.market, ground.signals, ground.warnings)}
    job = Job(ground.config, grounds, trust, database=ground.stored_in)
    with long_steps_shown() if progress else no_bars(), open_workers(workers, cluster) as opened:
        return request.of_job(job, opened, figures)


def _block(mean_block: str | timedelta) -> int:
    try:
        return parse_duration(mean_block)
    except ValueError as error:
        raise ConfigurationError([f"mean_block: {error}"]) from None


def _of_result(
    result: BacktestResult, data: Any, strategy: Any, fields: Mapping[str, Any]
) -> tuple[Any, Any, dict[str, Any]]:
    """Return data, program and fields of the run that a result came from, with what is given instead."""
    if data is None:
        raise ConfigurationError(["data: a result keeps no market: give what it ran on, a database or frames, as data"])
    kept = dict(result.config)
    if strategy is None:
        strategy = config_to_run(kept, "this result").code
    stored = {name: value for name, value in kept.items() if name not in ("code", "strategy")}
    return data, strategy, {**stored, **fields}
