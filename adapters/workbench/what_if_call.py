"""What-if in one call, as at a notebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from engine import BacktestResult, ConfigurationError, DataError, ExecutionModels, Simulation, VenueRules
from engine.faults import FaultLike
from engine.instants import TimeLike, instant_ms
from engine.plain_values import shown
from processes import TriggerSource

from ..branches import Branches, Change, DecisionWorths, branched, each_decision_left_out, given_decision, given_faults
from ..runs import no_bars
from ..trials import Job
from ..workers import open_workers
from .given_data import GivenFrames
from .given_study import GivenOwn, given_job

_PROGRAM = ("code", "strategy")


class _Given(NamedTuple):
    """What a result came from beside its configuration."""

    frames: GivenFrames
    features: Mapping[str, Any] | None
    signals: Sequence[TriggerSource]
    own: GivenOwn
    trust: bool


def what_if(
    result: BacktestResult,
    data: Any,
    *,
    at: TimeLike,
    changes: Mapping[str, Any] | None = None,
    decision: Any = None,
    faults: FaultLike | Sequence[FaultLike] | None = None,
    strategy: Any = None,
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
) -> Branches:
    """Say what a back-test would have come to if something had been other from an instant on.

    `result` is what `perpsim.backtest` or `perpsim.results` gave, and the rest what `backtest` was given: `data`,
    `strategy` (a class or an object; source text is in the result), `signals`, `models`, ... From `at` on `changes` has
    other values for fields of the configuration; `decision` is what the program decides at the trigger then or next: a
    `Decision`, a list of them, or words such as "hold" or "buy BTC target_portion_of_balance=0.3". `faults` begin then:
    words ("outage:2h"), faults of `perpsim.faults`, or a list of such.

    What comes back has both results with their journals, `base` and `branch`; `gained` is what the change brings, net,
    in USD, and `print` tells it in words. A class, an object, and source text with `trust` are copied with this process
    at that instant (on Linux, while it has no other thread); else the run is made again from its start.

    Raises `ConfigurationError` for a field that cannot change while a run goes on, with why; `DataError` and
    `SimulationError` where the run does not come to that instant, or not as it did.
    """
    given = _Given(GivenFrames(period, funding, flow, mark), features, signals, GivenOwn(models, rules, prepare), trust)
    try:
        at_ms = instant_ms(at)
    except ValueError as error:
        raise ConfigurationError([f"at: {error}"]) from None
    replaced = None if decision is None else given_decision(decision)
    change = Change(at_ms, dict(changes or {}), decision is not None, replaced, given_faults(faults))
    with no_bars():
        found = branched(_job(result, data, strategy, given), change, result)
    for each in (found.base, found.branch):
        if each.recording is not None:
            each.recording.let_go()
    return found


def each_decision(
    result: BacktestResult,
    data: Any,
    *,
    strategy: Any = None,
    workers: int | None = None,
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
) -> DecisionWorths:
    """Say what each decision of a back-test was worth: its net PnL, less that of the run in which the program holds at
    that trigger, and goes on from the account that it has then.

    It takes what `what_if` does; `workers` is how many runs go on at a time (default: one for each processor). What
    comes back has a row for each trigger at which the program decided something, `worths`, `print` shows them as a
    table, and `frame` gives a frame of pandas.
    """
    given = _Given(GivenFrames(period, funding, flow, mark), features, signals, GivenOwn(models, rules, prepare), trust)
    with no_bars():
        job = _job(result, data, strategy, given)
        return each_decision_left_out(job, lambda: open_workers(workers), result, workers)


def _job(result: BacktestResult, data: Any, strategy: Any, given: _Given) -> Job:
    if not isinstance(result, BacktestResult):
        raise ConfigurationError(
            [f"result: {shown(result)} is no result: backtest(...) gives one, or results(URL)[ID]"]
        )
    program = strategy if strategy is not None else result.config.get("code")
    if program is None:
        raise DataError(f"strategy: the result is of the class {result.config.get('strategy')}: give that, too")
    fields = {name: value for name, value in result.config.items() if name not in _PROGRAM}
    own = [each["kind"] for each in fields.get("faults", ()) if "process" in each]
    if own:
        raise DataError(
            f"faults: of {own[0]}, a fault of one's own, a result keeps no more than its name: add its process with "
            "prepare= when you run it, and give what_if the same"
        )
    parts = given.frames, given.features, given.signals, given.own, given.trust
    return given_job(data, program, (), *parts, fields, ()).job
