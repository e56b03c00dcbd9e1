"""The runs of a stress test: one as it is, and one with each fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine import BacktestConfig, ConfigurationError, StrategyError
from engine.faults import Fault
from engine.result import program_name

from ..runs import long_step
from ..trials import Job, Trial, TrialOutcome, run_trials
from ..workers import Workers
from .stress_report import StressReport, StressRun


def stress_job(
    job: Job,
    faults: Mapping[str, Fault],
    workers: Workers,
    *,
    title: str = "",
    on_outcome: Callable[[TrialOutcome], None] | None = None,
    known: Mapping[int, TrialOutcome] | None = None,
) -> StressReport:
    """Run the configuration of a job as it is and with each of some faults, beside those that it has itself, on
    workers; return what each does to it. `on_outcome` is called with what each run came to, as it ends: number 0 is
    that without a fault, the others are in the order of the faults. Those that are `known` are not run.

    Raises `ConfigurationError` for faults that are none, and `StrategyError` where the run as it is does not come to
    its end.
    """
    trials = [Trial(0), *(Trial(number, _with(job.config, fault)) for number, fault in enumerate(faults.values(), 1))]
    _require_valid(job, dict(zip(("", *faults), trials, strict=True)))
    found = dict(known or {})
    trials = [each for each in trials if each.number not in found]
    with long_step("running faults", len(trials), "runs") as advance:
        for outcome in run_trials(job, trials, workers):
            found[outcome.number] = outcome
            if on_outcome is not None:
                on_outcome(outcome)
            advance(1)
    plain = found[0]
    if plain.error is not None:
        raise StrategyError(f"the program does not come to its end without a fault: {plain.error}")
    runs = [StressRun(name, fault.to_dict(), found[number]) for number, (name, fault) in enumerate(faults.items(), 1)]
    config = job.config
    program = program_name(config.to_dict()) or "a program"
    title = title or f"{program} on {config.exchange}: {', '.join(config.symbols)}"
    return StressReport(title, config.start_ms, config.end_ms, plain, tuple(runs))


def _with(config: BacktestConfig, fault: Fault) -> dict[str, object]:
    return {"faults": (*config.faults, fault)}


def _require_valid(job: Job, trials: Mapping[str, Trial]) -> None:
    """Raise `ConfigurationError` with all that is wrong with any of the faults, before anything runs."""
    problems: list[str] = []
    for name, trial in trials.items():
        try:
            job.config_of(trial)
        except ConfigurationError as error:
            problems += [f"{name}: {problem}" if name else problem for problem in error.problems]
    if problems:
        raise ConfigurationError(problems)
