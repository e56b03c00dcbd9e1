"""What the ensembles of whole runs have in common: the runs, and the one that was."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine import ConfigurationError, DataError
from engine.plain_values import counted

from ..output import share_text
from ..runs import long_step
from ..study_pictures import MeaningRow
from ..trials import Job, Trial, TrialOutcome, run_trials
from ..workers import Workers
from .ensemble import Ensemble, Told, plain_figures
from .spread import HEADS, Spread

#: What is told of each run.
_FIGURES = ("total_pnl", "total_pnl_percent", "max_drawdown_percent", "sharpe_ratio", "total_trades")
_SPREAD = _FIGURES[1:]


@dataclass(eq=False, repr=False)
class RunEnsemble(Ensemble):
    """Runs that differ in one thing: `real` is the run as it was, `runs` are the others, in the order of their numbers
    (from 1). One that did not come to its end is told, and is in no quantile.
    """

    real: TrialOutcome
    runs: tuple[TrialOutcome, ...]

    #: What each run is one of, for texts.
    what = "runs"

    @property
    def done(self) -> list[TrialOutcome]:
        """The runs that came to their end."""
        return [each for each in self.runs if each.error is None]

    @property
    def spreads(self) -> dict[str, Spread]:
        """How the figures of the runs spread, by name."""
        figures = [each.figures for each in self.done]
        return {name: Spread.of_figure(name, figures, self.real.figures) for name in _SPREAD}

    @abstractmethod
    def title(self) -> str:
        """Return what it is, in a line."""

    def told(self) -> Told:
        """Return what is shown of it."""
        done = self.done
        notes = [f"profitable: {share_text(self._profitable, len(done))} of the {self.what}"]
        failed = [each for each in self.runs if each.error is not None]
        if failed:
            notes.append(
                f"not among them: {counted(len(failed), 'run')} that failed, the first with: {failed[0].error}"
            )
        return Told(self.title(), HEADS, [each.cells for each in self.spreads.values()], notes)

    def tiles(self) -> list[MeaningRow]:
        """Return its main figures with what they mean."""
        total, drawdown = (self.spreads[name] for name in ("total_pnl_percent", "max_drawdown_percent"))
        share = share_text(self._profitable, len(self.done))
        rows = [
            MeaningRow(self.what.capitalize(), f"{len(self.runs):,}", "How many there are beside the run as it was"),
            MeaningRow("Profitable", share, f"How many of the {self.what} end with a profit"),
        ]
        if len(self.done) < len(self.runs):
            failed = f"{len(self.runs) - len(self.done):,}"
            rows.append(MeaningRow("Failed", failed, "Runs that ended with an error; they are in no quantile"))
        return [*rows, *total.tiles(self.what), *drawdown.tiles(self.what)]

    @property
    def _placed(self) -> str:
        """Where the real return stands, in a line."""
        return self.spreads["total_pnl_percent"].placed(self.what)

    @property
    def _profitable(self) -> int:
        return sum(each.figures["total_pnl"] > 0.0 for each in self.done)

    def rows(self) -> list[dict[str, Any]]:
        """Return the runs, the real one (number 0) first."""
        return [self._row(each) for each in (self.real, *self.runs)]

    def _row(self, run: TrialOutcome) -> dict[str, Any]:
        return {"run": run.number, **plain_figures(run.figures, _FIGURES), "digest": run.digest, "error": run.error}

    def summary(self) -> dict[str, Any]:
        """Return what it comes to as plain values."""
        return {
            "runs": len(self.runs),
            "failed": len(self.runs) - len(self.done),
            "profitable_percent": 100.0 * self._profitable / len(self.done),
            "spreads": {name: each.to_dict() for name, each in self.spreads.items()},
        }


def outcomes_of(job: Job, trials: Sequence[Trial], workers: Workers, what: str) -> list[TrialOutcome]:
    """Run trials and return what each came to, in their order."""
    found: dict[int, TrialOutcome] = {}
    with long_step(what, len(trials), "runs") as advance:
        for outcome in run_trials(job, trials, workers):
            found[outcome.number] = outcome
            advance(1)
    return [found[trial.number] for trial in trials]


def real_and_others(outcomes: Sequence[TrialOutcome]) -> tuple[TrialOutcome, tuple[TrialOutcome, ...]]:
    """Return the first outcome and the others. Raises `DataError` where the real run, or every other, failed."""
    real, *others = outcomes
    if real.error is not None:
        raise DataError(f"the run itself fails: {real.error}")
    if all(each.error is not None for each in others):
        raise DataError(f"none of {counted(len(others), 'run')} came to its end; the first: {others[0].error}")
    return real, tuple(others)


def require_some(count: int, option: str) -> None:
    """Raise `ConfigurationError` for a count of runs below 1."""
    if count < 1:
        raise ConfigurationError([f"{option}: {count} is too few: give 1 or more"])
