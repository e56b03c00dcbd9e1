"""A stress test in one call, as at a notebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine import ExecutionModels, Simulation, VenueRules
from engine.faults import FaultLike
from processes import TriggerSource

from ..runs import long_steps_shown, no_bars
from ..stress import StressReport, chosen_faults, stress_job
from ..workers import open_workers
from .given_data import GivenFrames
from .given_study import GivenOwn, given_job

#: What `stress` takes beside what `backtest` does.
_KEYWORDS = ("fault", "workers", "cluster")


def stress(
    data: Any,
    strategy: Any,
    *,
    fault: FaultLike | Sequence[FaultLike] | None = None,
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
) -> StressReport:
    """Say what each of many faults does to a back-test: what `perpsim.backtest` takes, run as it is and once with each.

    `fault` says which: names of the standard set ("outage"), with another strength ("outage:4h", "rejects:25"), or
    faults of `perpsim.faults`, those of one's own too; a list of them, or one. Default: the whole set. `workers` are so
    many processes (default: one for each processor), `cluster` the address of a Dask scheduler.

    What comes back shows itself in a notebook; `print` has it as a table, `.by_name` the run of each fault, `.worst`
    that with the lowest return, `.save(path)` and `.save_json(path)` write it. Raises `ConfigurationError`, `DataError`
    and `StrategyError` for what cannot be run.
    """
    frames, own = GivenFrames(period, funding, flow, mark), GivenOwn(models, rules, prepare)
    given = given_job(data, strategy, (), frames, features, signals, own, trust, fields, _KEYWORDS)
    chosen = chosen_faults(fault, given.job.config)
    with long_steps_shown() if progress else no_bars(), open_workers(workers, cluster) as opened:
        return stress_job(given.job, chosen, opened)
