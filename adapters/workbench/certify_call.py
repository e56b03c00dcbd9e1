"""A certificate in one call, as at a notebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from engine import BacktestResult, ConfigurationError, ExecutionModels, Simulation, VenueRules
from engine.plain_values import kind_of, shown
from processes import TriggerSource

from ..certificates import CUTS, TIES, Certificate, make_certificate, require_settings
from ..runs import long_steps_shown, no_bars
from ..trials import Job
from ..workers import NotSendable, ThisProcess, WorkersFailed, open_workers
from .given_data import GivenFrames
from .given_study import GivenOwn, given_job

#: What a back-test may be certified with.
_OPTIONS = ("cuts", "ties", "seed", "postgresql")
#: What `certify` takes beside what `backtest` does.
_KEYWORDS = ("cuts", "ties", "seed", "workers", "cluster", "postgresql")


def certify(
    data: Any,
    strategy: Any,
    *,
    cuts: int = CUTS,
    ties: int = TIES,
    seed: int = 0,
    workers: int | None = None,
    cluster: str | None = None,
    postgresql: str | None = None,
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
) -> Certificate:
    """Prove what can be proved of a back-test: what `perpsim.backtest` takes, run about as often as there are cuts.

    At `cuts` instants all that becomes known later is replaced by noise, and what has happened until then must be the
    same bytes; `ties` is how often the order of what no rule decides is shuffled. Both are drawn from `seed`. Features
    that are functions of the market, trigger sources and processes are worked out anew on it, and tables that the
    program holds get the same future. `workers` are so many processes (default: one for each processor; where the
    program cannot be sent to one, all is run in this one, and the certificate says what that leaves open), `cluster`
    the address of a Dask scheduler. `postgresql` is the URL of an empty database of PostgreSQL, from which the run is
    made, too; it is left empty.

    `print` has what comes back as a text; `.verdict` and `.reason` say what it came to, `.checks` are its checks,
    `.save_json(path)` writes it. Raises `ConfigurationError`, `DataError` and `StrategyError` for what cannot be run.
    """
    frames, own = GivenFrames(period, funding, flow, mark), GivenOwn(models, rules, prepare)
    given = given_job(data, strategy, (), frames, features, signals, own, trust, fields, _KEYWORDS)
    with long_steps_shown() if progress else no_bars():
        if workers is None and cluster is None:
            return certified(given.job, cuts, ties, seed, postgresql=postgresql)
        with open_workers(workers, cluster) as opened:
            return make_certificate(given.job, opened, cuts=cuts, ties=ties, seed=seed, postgresql=postgresql)


def certified(
    job: Job,
    cuts: int = CUTS,
    ties: int = TIES,
    seed: int = 0,
    result: BacktestResult | None = None,
    postgresql: str | None = None,
) -> Certificate:
    """Return the certificate of a job, or of its `result`, from runs on all processors, where it can be sent there."""
    make = partial(make_certificate, job, cuts=cuts, ties=ties, seed=seed, result=result, postgresql=postgresql)
    try:
        with open_workers() as opened:
            return make(opened)
    except (NotSendable, WorkersFailed):
        with ThisProcess() as here:
            return make(here)


def certify_options(certify: bool | Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a back-test is certified with; `ConfigurationError` for what it cannot be certified with."""
    if isinstance(certify, bool):
        return {}
    if not isinstance(certify, Mapping):
        raise ConfigurationError([f"certify: {kind_of(certify)} is neither true nor false nor a dict of options"])
    problems = [f"certify: {shown(each)} is none of {', '.join(_OPTIONS)}" for each in certify if each not in _OPTIONS]
    if problems:
        raise ConfigurationError(problems)
    require_settings(**certify)
    return certify
