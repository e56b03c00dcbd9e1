"""A robustness card of a job."""

from __future__ import annotations

from collections.abc import Sequence

from engine import BacktestResult
from engine.result import program_name

from ..stress import StressReport, standard_faults, stress_job
from ..studies import Parameter, Study
from ..trials import Job
from ..workers import Workers
from .bearable_costs import cost_lines
from .borne_faults import fault_line
from .card_runs import CardRuns, run_card
from .changed_choices import plateau_line, start_line
from .mere_luck import luck_lines
from .one_record import record_lines
from .robustness_card import RobustnessCard


def make_card(
    job: Job,
    workers: Workers,
    *,
    title: str = "",
    ranges: Sequence[Parameter] = (),
    study: Study | None = None,
    stress: bool = False,
) -> RobustnessCard:
    """Return the card of a job's configuration, from about 100 runs of it on workers.

    `title` says what is run (default: the program's name and its symbols). `ranges` say which parameters have
    neighbours, and which (default: all that are numbers, by 10 and 20 %). `study` is the one that the program came
    from: its trials count against the Sharpe ratio. `stress` adds a run with each fault of the standard set, and their
    line.

    Raises `ConfigurationError` for ranges of what is no number in the configuration's parameters, and `StrategyError`
    where the program does not come to its end.
    """
    runs = run_card(job, workers, ranges)
    report = stress_job(job, standard_faults(job.config), workers) if stress else None
    return card_of_runs(runs, title or _title(job, runs.result), study, report)


def card_of_runs(
    runs: CardRuns, title: str, study: Study | None = None, report: StressReport | None = None
) -> RobustnessCard:
    """Return the card of what its runs came to, and those of a stress test."""
    result = runs.result
    lines = [*cost_lines(runs), plateau_line(runs), start_line(runs), *luck_lines(runs, study), *record_lines(result)]
    count = runs.count
    if report is not None:
        lines.append(fault_line(result, report))
        count += len(report.runs)
    return RobustnessCard(title, result.start_time, result.end_time, count, tuple(lines))


def _title(job: Job, result: BacktestResult) -> str:
    program = program_name(result.config) or "a program"
    return f"{program} on {job.config.exchange}: {', '.join(job.config.symbols)}"
