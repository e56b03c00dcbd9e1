"""Every combination of values in one call, as at a notebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine import ExecutionModels, MarketHistory, Simulation, VenueRules
from processes import TriggerSource

from ..database import Database
from ..runs import no_bars
from ..studies import Study, planned_trials, sweep_grid
from ..workers import open_workers
from .backtests import Program
from .given_data import GivenFrames
from .given_study import GivenOwn, given_job, given_metrics, given_parameters, store_for_study
from .study_calls import called_study, study_running
from .workspace import Workspace

if TYPE_CHECKING:
    import pandas


def sweep(
    data: pandas.DataFrame | Mapping[str, pandas.DataFrame] | MarketHistory | Database | Workspace | str | Path,
    strategy: type[Program] | Program | str | Path | None = None,
    *,
    over: Mapping[str, Any] | None = None,
    vary: Mapping[str, Any] | None = None,
    metric: str | Sequence[str] = "sharpe_ratio",
    workers: int | None = None,
    cluster: str | None = None,
    save: str | Path | Database | Workspace | None = None,
    label: str | None = None,
    resume: int | None = None,
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
) -> Study:
    """Back-test every combination of values and return them side by side: ``.frame``, ``.best``, ``[number]``.

    `over` are parameters of the program and `vary` fields of the configuration, by name, each with its values: a list,
    a range, an array, or a text as on the command line ("20:40:2"). `vary={"strategy": [A, B]}` compares programs; None
    takes an optional field away. `metric` names the figure that is best where it is highest (or lowest, as a drawdown;
    min:NAME and max:NAME say so); of several the first counts.

    Trials run in `workers` processes of this machine (default: one a core; 1 is this process), or on the workers of the
    Dask scheduler at `cluster`. Each is what `backtest` does with these values, to the last bit; what goes wrong in one
    is its `error`. All else is as `backtest` takes it.

    `save` is a database that keeps the study while it runs (`perpsim.studies` gives it back), under a `label`;
    `resume` is the id of a study there, of which only what is missing is run. Ctrl-C ends it: what is done is returned,
    with the status "interrupted". Raises `ConfigurationError` and `DataError` before anything runs.
    """
    parameters, metrics, database = given_parameters(over, vary, fields), given_metrics(metric), store_for_study(save)
    planned = planned_trials(parameters)
    frames, own = GivenFrames(period, funding, flow, mark), GivenOwn(models, rules, prepare)
    given = given_job(data, strategy, parameters, frames, features, signals, own, trust, fields)
    study, keeper = called_study("sweep", given, metrics, planned, database, label, resume)
    with nullcontext() if progress else no_bars(), study_running(study, keeper) as add:
        if len(study) < planned:
            with open_workers(workers, cluster) as opened:
                for done in sweep_grid(given.job, study, opened):
                    add(done)
    return study
