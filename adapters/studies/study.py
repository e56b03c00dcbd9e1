"""Many runs of one program, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from engine import BacktestResult, DataError

from ..trials import Trial, TrialOutcome
from .metric import Metric
from .pareto_front import not_dominated
from .study_parameters import Parameter

if TYPE_CHECKING:
    import pandas

    from engine.selection import SelectionReport

    from ..report import FramedPage
    from ..study_pictures import Of, Picture


class StudyTrial(NamedTuple):
    """A trial and what it came to.

    `notes` are plain values that a search keeps beside it: `pruned`, true where it was not run whole and the figures
    are those of the first part of the range; `part`, the value of the metric there; `violates`, the constraints that
    it leaves; `repeats`, the number of an earlier trial with the same values, whose outcome it has. Those of a
    walk-forward are `window`, from 1, and `run`, "training" or "test".
    """

    trial: Trial
    outcome: TrialOutcome
    notes: Mapping[str, Any] = {}
    run_again: Callable[[Trial], BacktestResult] | None = None

    @property
    def state(self) -> str:
        """What it came to in one word: "done", "failed", "pruned" or "infeasible"."""
        if self.outcome.error is not None:
            return "failed"
        if self.notes.get("pruned"):
            return "pruned"
        return "infeasible" if self.notes.get("violates") else "done"

    @property
    def number(self) -> int:
        """Its number in the study, from 0."""
        return self.trial.number

    @property
    def values(self) -> dict[str, Any]:
        """What the parameters were, by name."""
        return {**self.trial.params, **self.trial.fields}

    @property
    def figures(self) -> Mapping[str, Any]:
        """The figures of its result that are single values; {} where it came to none."""
        return self.outcome.figures

    @property
    def result(self) -> BacktestResult:
        """Its whole result: it is run again. `DataError` where the study does not know on what."""
        if self.run_again is None:
            raise DataError(f"trial {self.number} cannot be run again from here: run it with its values, {self.values}")
        from .rerunning import require_digest

        return require_digest(self.run_again(self.trial), self.outcome.digest, self.number)

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        error = "" if self.outcome.error is None else f": {self.outcome.error}"
        return f"<trial {self.number} ({values}) {self.state}{error}>"


@dataclass(eq=False, repr=False)
class Study:
    """The trials of a study that are done, by their numbers; `kind` is "sweep", "search" or "walk-forward".

    `config` is the configuration that they vary, as plain values, `parameters` what varies in it, `label` what it is
    called in lists; `metrics` are what they are judged by, the first before the others; `planned` is how many there
    will be, None where that is not known. `status` is "running", "completed", "interrupted" or "error", `study_id`
    where it is stored, `duration_s` how long all of it took. `given` names the fields that the configuration gives
    (none: all), `klines` are checksums of the klines that it runs on, by ground and symbol, `run_again` gives the whole
    result of a trial, `remarks` are sentences of what ran it, for `remarks_on`.
    """

    kind: str
    config: Mapping[str, Any]
    parameters: tuple[Parameter, ...]
    metrics: tuple[Metric, ...]
    planned: int | None = None
    trials: dict[int, StudyTrial] = field(default_factory=dict)
    status: str = "running"
    study_id: int | None = None
    label: str | None = None
    duration_s: float = 0.0
    remarks: list[str] = field(default_factory=list)
    run_again: Callable[[Trial], BacktestResult] | None = None
    given: tuple[str, ...] = ()
    klines: Mapping[str, str] = field(default_factory=dict)

    def add(self, trial: Trial, outcome: TrialOutcome, notes: Mapping[str, Any] | None = None) -> StudyTrial:
        """Add a trial that is done, and return it."""
        done = self.trials[trial.number] = StudyTrial(trial, outcome, notes or {})
        return done

    def __len__(self) -> int:
        return len(self.trials)

    def __getitem__(self, number: int) -> StudyTrial:
        """Return the trial with a number; `KeyError` for one that is not there."""
        try:
            found = self.trials[index(number)]
        except (KeyError, TypeError):
            there = f"0 to {max(self.trials)}" if self.trials else "none yet"
            raise KeyError(f"{number!r} is no trial of this study; there are {there}") from None
        return found._replace(run_again=self.run_again)

    def __iter__(self) -> Iterator[StudyTrial]:
        """Yield the trials in the order of their numbers."""
        return (self[number] for number in sorted(self.trials))

    @property
    def failed(self) -> list[StudyTrial]:
        """The trials that came to an error."""
        return [each for each in self if each.outcome.error is not None]

    @property
    def best(self) -> StudyTrial | None:
        """The trial with the best first metric, of equals the first; None where it is defined for none. Those that
        failed, were pruned or leave a constraint are not among them. A walk-forward has none: its trials are of other
        stretches of time, and its `tests` say what it comes to.
        """
        return None if self.is_walk else next(iter(self.ranked(1)), None)

    @property
    def is_walk(self) -> bool:
        """Whether it is a walk-forward."""
        return self.kind == "walk-forward"

    @property
    def is_proof(self) -> bool:
        """Whether its trials tell something of one configuration, and none of them is chosen."""
        return self.kind in ("stress", "certificate", "card")

    @property
    def tests(self) -> list[StudyTrial]:
        """The tests of a walk-forward, window after window; none of another study."""
        return [each for each in self if each.notes.get("run") == "test"]

    @property
    def tests_return_percent(self) -> float | None:
        """What all tests of a walk-forward came to, one after another; None where there is none."""
        return compounded_percent(each.figures.get("total_pnl_percent") for each in self.tests)

    def ranked(self, most: int | None = None, metric: Metric | None = None) -> list[StudyTrial]:
        """Return the trials that can be the best, the best by the first metric, or by `metric`, first; of equals the
        first.
        """
        by = metric or self.metrics[0]
        ordered = sorted(self._judged([by]), key=lambda each: (-by.rank(each.figures), each.number))
        return ordered[:most]

    def better(self, best: StudyTrial | None, other: StudyTrial) -> StudyTrial | None:
        """Return of the best trial so far and another the one that is the best then; None of a walk-forward."""
        if self.is_walk:
            return None
        metric = self.metrics[0]
        value = metric.value(other.figures) if other.state == "done" else None
        if value is None or best is None:
            return best if value is None else other
        before = metric.value(best.figures)
        assert before is not None
        return other if metric.is_before(value, other.number, before, best.number) else best

    @property
    def front(self) -> list[StudyTrial]:
        """The trials that could be the best by all metrics together: none is as good by each of them. The best by the
        first metric comes first.
        """
        found = self._judged(self.metrics)
        ranks = [tuple(metric.rank(each.figures) for metric in self.metrics) for each in found]
        return [found[place] for place in not_dominated(ranks)]

    def _judged(self, metrics: Sequence[Metric]) -> list[StudyTrial]:
        """Return the trials in order that can be the best: of these metrics all are defined."""
        return [
            each
            for each in self
            if each.state == "done" and None not in (metric.value(each.figures) for metric in metrics)
        ]

    @property
    def frame(self) -> pandas.DataFrame:
        """One row a trial by number: what it was run with, all figures of it, state, error, digest and duration."""
        from .study_frames import trials_frame

        return trials_frame(self)

    @property
    def equity(self) -> pandas.DataFrame:
        """The equity in USD at the daily marks (UTC), one column a trial with a result, NaN where it has none."""
        from .study_frames import equity_frame

        return equity_frame(self)

    def heatmap(
        self, x: str | None = None, y: str | None = None, metric: str | None = None, of: Of = "best"
    ) -> Picture:
        """Return a heat map of a metric (the first one) over two parameters (the most important ones); of several
        trials in a cell it shows the best, the mean or the worst. `.frame` has its numbers, `.save(path)` writes it.

        Raises `DataError` for unknown parameters, `ValueError` for what is no figure that is a number.
        """
        from ..study_pictures import draw_heat_map
        from .pictured_study import pictured_table, two_names

        table = pictured_table(self, metric)
        return draw_heat_map(table, *two_names(table, x, y), of=of)

    def surface(
        self, x: str | None = None, y: str | None = None, metric: str | None = None, of: Of = "best"
    ) -> Picture:
        """Return the same as a surface seen from above, true to the scale of both axes; `DataError` also for parameters
        whose values are no numbers.
        """
        from ..study_pictures import draw_surface
        from .pictured_study import pictured_table, two_names

        table = pictured_table(self, metric)
        return draw_surface(table, *two_names(table, x, y), of=of)

    def line(self, x: str | None = None, metric: str | None = None) -> Picture:
        """Return a metric along one parameter (the most important one): each trial, and the best at each value."""
        from ..study_pictures import draw_value_line, ranked_names
        from .pictured_study import pictured_table

        table = pictured_table(self, metric)
        return draw_value_line(table, x or next(iter(ranked_names(table)), ""))

    def parallel(self, metric: str | None = None) -> Picture:
        """Return parallel coordinates: a line for each trial across all parameters and a metric."""
        from ..study_pictures import draw_parallel_lines
        from .pictured_study import pictured_table

        return draw_parallel_lines(pictured_table(self, metric))

    def importance(self, metric: str | None = None) -> pandas.DataFrame:
        """Return what share of a metric's variance each parameter explains, the largest first: exact on a full grid,
        elsewhere estimated. A `note` says why a share is NaN, or that it is no more than chance would bring.
        """
        from ..study_pictures import importance_frame
        from .pictured_study import pictured_table

        return importance_frame(pictured_table(self, metric))

    def plot(self) -> FramedPage:
        """Return the page of the study: a notebook shows it, `.save(path)` writes it, `.open()` shows it in the
        browser.
        """
        from ..study_pictures import study_page
        from .pictured_study import described_study

        return study_page(described_study(self))

    def report(self, path: str | Path) -> None:
        """Write that page as one HTML file; `DataError` when it cannot be written."""
        self.plot().save(path)

    def selection(self, seed: int = 0) -> SelectionReport:
        """Return what the statistics of selection say of the best trial, with all trials counted: whether it is more
        than luck. `DataError` where there is no best one.
        """
        from .selected_best import study_selection

        return study_selection(self, seed)

    def __repr__(self) -> str:
        from .study_text import study_lines

        return "\n".join(study_lines(self))

    def _repr_html_(self) -> str:
        from .study_text import study_html

        return study_html(self)


def compounded_percent(returns: Iterable[float | None]) -> float | None:
    """Return what returns in percent come to one after another, without those that are None; None where all are. After
    a loss of everything nothing is left to earn on.
    """
    growths = [max(1.0 + each / 100.0, 0.0) for each in returns if each is not None]
    return 100.0 * (prod(growths) - 1.0) if growths else None
