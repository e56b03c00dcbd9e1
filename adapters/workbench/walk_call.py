"""A walk-forward in one call, as at a notebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine import ConfigurationError, ExecutionModels, MarketHistory, Simulation, VenueRules
from engine.durations import parse_duration
from engine.plain_values import shown
from processes import TriggerSource

from ..database import Database
from ..runs import no_bars
from ..searches import SearchPlan
from ..studies import Metric, running
from ..walking import Account, WalkForward, WalkScheme, planned_walk, run_walk
from ..workers import open_workers
from .backtests import Program
from .given_data import GivenFrames
from .given_study import STUDY_KEYWORDS, GivenOwn, given_job, given_metrics, given_parameters, store_for_study
from .study_calls import called_study
from .workspace import Workspace

if TYPE_CHECKING:
    import pandas

_KEYWORDS = (*STUDY_KEYWORDS, *"train test step anchored purge embargo account trials sampler seed".split())
_ACCOUNTS = ("carried", "restarted")


def walk_forward(
    data: pandas.DataFrame | Mapping[str, pandas.DataFrame] | MarketHistory | Database | Workspace | str | Path,
    strategy: type[Program] | Program | str | Path | None = None,
    *,
    train: str | timedelta,
    test: str | timedelta,
    over: Mapping[str, Any] | None = None,
    vary: Mapping[str, Any] | None = None,
    metric: str = "sharpe_ratio",
    step: str | timedelta | None = None,
    anchored: bool = False,
    purge: str | timedelta = "0d",
    embargo: str | timedelta = "0d",
    account: Account = "carried",
    trials: int | None = None,
    sampler: str | None = None,
    seed: int | None = None,
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
) -> WalkForward:
    """Choose parameters on one stretch of time, test them on the next, and so on; return the windows (``.frame``), the
    tests joined to one curve (``.equity``, ``.figures``), and how much of the promise they kept (``.efficiency``).

    `train` and `test` are durations: "180d", "26w", "12h", "30m", or a timedelta. Each window is `step` later than the
    one before (None: as long as a test); with `anchored` all trainings begin at the start. The last `purge` of a
    training is left out before its test; a training that would begin less than `embargo` after the end of an earlier
    test begins then.

    In each window every combination of `over` and `vary` (as `sweep` takes them) is trained, or with `trials`,
    `sampler` or `seed` those that a search proposes; the one with the best `metric` is tested. Nothing of a test is
    there while its parameters are chosen.

    With `account="carried"` a test begins with the equity that the one before ended with, with "restarted" each begins
    with the initial balance, and the returns are compounded. Positions that are open at the end of a test are marked
    then, not closed.

    Workers, `save`, `label`, `resume` and all else are as `sweep` takes them. Ctrl-C is a `KeyboardInterrupt`: what is
    done is kept with `save`, and `resume` goes on with it. Raises `ConfigurationError` and `DataError` before anything
    runs.
    """
    parameters, database = given_parameters(over, vary), store_for_study(save)
    scheme = _scheme({"train": train, "test": test, "step": step, "purge": purge, "embargo": embargo}, anchored)
    by = _only_metric(metric)
    if account not in _ACCOUNTS:
        raise ConfigurationError([f"account: {shown(account)} is neither {' nor '.join(_ACCOUNTS)}"])
    is_searched = any(each is not None for each in (trials, sampler, seed))
    search = SearchPlan(sampler or "tpe", trials, seed or 0) if is_searched else None
    frames, own = GivenFrames(period, funding, flow, mark), GivenOwn(models, rules, prepare)
    given = given_job(data, strategy, parameters, frames, features, signals, own, trust, fields, _KEYWORDS)
    walk = planned_walk(given.job, given.parameters, by, scheme, account, search)
    study, keeper = called_study("walk-forward", given, (by,), walk.planned, database, label, resume, walk.of_kind())
    with (
        nullcontext() if progress else no_bars(),
        running(study, keeper) as add,
        open_workers(workers, cluster) as opened,
    ):
        return run_walk(walk, opened, study, add)


def _scheme(durations: Mapping[str, Any], anchored: bool) -> WalkScheme:
    """Return how the windows lie; `ConfigurationError` with all durations that are none."""
    found: dict[str, int | None] = {}
    problems = []
    for name, value in durations.items():
        try:
            found[f"{name}_ms"] = None if value is None and name == "step" else parse_duration(value)
        except ValueError as error:
            problems.append(f"{name}: {error}")
    if problems:
        raise ConfigurationError(problems)
    return WalkScheme(**found, is_anchored=bool(anchored))  # type: ignore[arg-type]


def _only_metric(metric: str) -> Metric:
    metrics = given_metrics(metric)
    if len(metrics) != 1:
        raise ConfigurationError([f"metric: one figure says what is tested, not {len(metrics)}: give one"])
    return metrics[0]
