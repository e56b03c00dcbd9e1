"""A search in one call, as at a notebook."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine import ConfigurationError, ExecutionModels, MarketHistory, Simulation, VenueRules
from processes import TriggerSource

from ..database import Database
from ..runs import no_bars
from ..searches import BATCH, Constraint, SearchPlan, SearchRounds, parse_constraint
from ..studies import Study
from ..workers import open_workers
from .backtests import Program
from .given_data import GivenFrames
from .given_study import STUDY_KEYWORDS, GivenOwn, given_job, given_metrics, given_parameters, store_for_study
from .study_calls import called_study, study_running
from .workspace import Workspace

if TYPE_CHECKING:
    import pandas

_KEYWORDS = (*STUDY_KEYWORDS, *"trials sampler constraints seed batch prune prune_quantile timeout".split())


def search(
    data: pandas.DataFrame | Mapping[str, pandas.DataFrame] | MarketHistory | Database | Workspace | str | Path,
    strategy: type[Program] | Program | str | Path | None = None,
    *,
    over: Mapping[str, Any] | None = None,
    vary: Mapping[str, Any] | None = None,
    metric: str | Sequence[str] = "sharpe_ratio",
    trials: int | None = None,
    sampler: str = "tpe",
    constraints: Sequence[str | Constraint] | str = (),
    seed: int = 0,
    batch: int = BATCH,
    prune: float | None = None,
    prune_quantile: float = 0.5,
    timeout: float | None = None,
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
    """Back-test values that the trials before make promising, and return the trials side by side: ``.best``,
    ``.front``, ``.frame``, ``[number]``.

    `over` and `vary` are as `sweep` takes them, and intervals too: a tuple of two numbers, ``(10, 45)`` for whole and
    ``(0.1, 0.5)`` for real ones, or "int(10,45)", "float(0.1,10,log)". `trials` of them are made (100, or all of a
    grid) by a `sampler`: "tpe", "random", "nsga2", "grid" or "shuffled-grid". Of two metrics ``.front`` has the trials
    that no other is as good as by both. Trials that do not keep the `constraints`, "max_drawdown_percent<25", are never
    the best. With `prune`, a share such as 0.3, this first part of the range is run before, and a trial that is worse
    there than `prune_quantile` of those before it is not run whole. No batch is begun after `timeout` seconds.

    The same `seed` and `batch`, so many trials proposed at a time, make the same trials wherever they run. `resume`
    goes on with a stored search, as if it had not ended. All else is as `sweep` takes it, and so is what is raised;
    what is to be said of the trials is in ``.remarks``.
    """
    parameters, metrics, database = (
        given_parameters(_intervals(over), _intervals(vary), fields, _KEYWORDS),
        given_metrics(metric),
        store_for_study(save),
    )
    plan = SearchPlan(sampler, trials, seed, batch, _constraints(constraints), prune, prune_quantile)
    plan.require_fit(parameters, metrics)
    frames, own = GivenFrames(period, funding, flow, mark), GivenOwn(models, rules, prepare)
    given = given_job(data, strategy, parameters, frames, features, signals, own, trust, fields, _KEYWORDS)
    planned = plan.planned(parameters)
    study, keeper = called_study("search", given, metrics, planned, database, label, resume, plan.plain())
    shown = nullcontext() if progress else no_bars()
    with shown, study_running(study, keeper) as add, open_workers(workers, cluster) as opened:
        rounds = SearchRounds(given.job, study, plan, opened, math.inf if timeout is None else timeout)
        with closing(iter(rounds)) as made:
            for done in made:
                add(done)
    return study


def _intervals(given: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return what varies with each tuple of two numbers as the interval that it is."""
    if not isinstance(given, Mapping):
        return given
    return {name: _interval(values) for name, values in given.items()}


def _interval(values: Any) -> Any:
    are_ends = isinstance(values, tuple) and len(values) == 2 and all(type(each) in (int, float) for each in values)
    if not are_ends:
        return values
    kind = "int" if all(type(each) is int for each in values) else "float"
    return f"{kind}({values[0]!r},{values[1]!r})"


def _constraints(given: Sequence[str | Constraint] | str) -> tuple[Constraint, ...]:
    texts = [given] if isinstance(given, str) else given
    try:
        return tuple(each if isinstance(each, Constraint) else parse_constraint(each) for each in texts)
    except ValueError as error:
        raise ConfigurationError([f"constraints: {error}"]) from None
