"""A robustness card in one call, as at a notebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine import ExecutionModels, Simulation, VenueRules
from processes import TriggerSource

from ..robustness import RobustnessCard, make_card
from ..runs import long_steps_shown, no_bars
from ..studies import Study
from ..workers import open_workers
from .given_data import GivenFrames
from .given_study import GivenOwn, given_job, given_parameters

#: What `card` takes beside what `backtest` does.
_KEYWORDS = ("over", "study", "stress", "workers", "cluster")


def card(
    data: Any,
    strategy: Any,
    *,
    over: Mapping[str, Any] | None = None,
    study: Study | None = None,
    stress: bool = False,
    workers: int | None = None,
    cluster: str | None = None,
    progress: bool = True,
    trust: bool = False,
    period: str | None = None,
    funding: Any = None,
    flow: Any = None,
    mark: Any = None,
    features: Mapping[str, Any] | None = None,
    signals: Sequence[TriggerSource] = (),
    models: ExecutionModels | None = None,
    rules: VenueRules | None = None,
    prepare: Callable[[Simulation], None] | None = None,
    **fields: Any,
) -> RobustnessCard:
    """Say on one page how far a back-test is to be believed: what `perpsim.backtest` takes, run about 100 times.

    `over` says which of `params` have neighbours, and which values these are: ``{"threshold": range(20, 41, 2)}``
    (default: all that are numbers, by 10 and 20 %). `study` is what `sweep` or `search` gave, where the program is the
    best of one: its trials count against the Sharpe ratio. `stress` adds a line on faults, from a run with each that
    `perpsim.stress` has. `workers` are so many processes (default: one for each
    processor), `cluster` the address of a Dask scheduler.

    What comes back shows itself in a notebook; `print` has it as a table, `.grade` and `.reason` are its verdict,
    `.lines` its lines, `.save(path)` and `.save_json(path)` write it. Raises `ConfigurationError`, `DataError` and
    `StrategyError` for what cannot be run.
    """
    ranges, frames, own = (
        given_parameters(over, None),
        GivenFrames(period, funding, flow, mark),
        GivenOwn(models, rules, prepare),
    )
    given = given_job(data, strategy, ranges, frames, features, signals, own, trust, fields, _KEYWORDS)
    with long_steps_shown() if progress else no_bars(), open_workers(workers, cluster) as opened:
        return make_card(given.job, opened, ranges=ranges, study=study, stress=stress)
