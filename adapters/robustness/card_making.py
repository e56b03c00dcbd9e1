"""A robustness card of a job."""

from __future__ import annotations

from collections.abc import Sequence

from engine import BacktestResult
from engine.result import program_name

from ..studies import Parameter, Study
from ..trials import Job
from ..workers import Workers
from .bearable_costs import cost_lines
from .card_runs import CardRuns, run_card
from .changed_choices import plateau_line, start_line
from .mere_luck import luck_lines
from .one_record import record_lines
from .robustness_card import RobustnessCard


def make_card(
    job: Job, workers: Workers, *, title: str = "", ranges: Sequence[Parameter] = (), study: Study | None = None
) -> RobustnessCard:
    """Return the card of a job's configuration, from about 100 runs of it on workers.

    `title` says what is run (default: the program's name and its symbols). `ranges` say which parameters have
    neighbours, and which (default: all that are numbers, by 10 and 20 %). `study` is the one that the program came
    from: its trials count against the Sharpe ratio.

    Raises `ConfigurationError` for ranges of what is no number in the configuration's parameters, and `StrategyError`
    where the program does not come to its end.
    """
    runs = run_card(job, workers, ranges)
    return card_of_runs(runs, title or _title(job, runs.result), study)


def card_of_runs(runs: CardRuns, title: str, study: Study | None = None) -> RobustnessCard:
    """Return the card of what its runs came to."""
    result = runs.result
    lines = [*cost_lines(runs), plateau_line(runs), start_line(runs), *luck_lines(runs, study), *record_lines(result)]
    return RobustnessCard(title, result.start_time, result.end_time, runs.count, tuple(lines))


def _title(job: Job, result: BacktestResult) -> str:
    program = program_name(result.config) or "a program"
    return f"{program} on {job.config.exchange}: {', '.join(job.config.symbols)}"
