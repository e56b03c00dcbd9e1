"""What a stress test came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from io import StringIO
from pathlib import Path
from typing import Any

from engine.instants import utc_text
from engine.json_text import json_pieces

from ..output import atomic_file
from ..trials import TrialOutcome

#: The figures of results that are told of each run, by name.
TOLD = ("total_pnl_percent", "max_drawdown_percent", "sharpe_ratio", "total_trades", "max_drawdown_at")
TEXT_WIDTH = 80


@dataclass(frozen=True)
class StressRun:
    """The run with one fault: what that is called, the fault as plain values, and what the run came to."""

    name: str
    fault: Mapping[str, Any]
    outcome: TrialOutcome

    @property
    def figures(self) -> dict[str, Any]:
        """The figures that are told of it; {} where it came to no result."""
        return told_figures(self.outcome)

    @property
    def effect(self) -> str:
        """What the fault did in the run, as its warnings tell it, or why there is no result."""
        return fault_effect(self.outcome)


def fault_effect(outcome: TrialOutcome) -> str:
    """Return what the last fault of a run did, as its warnings tell it, or why there is no result."""
    told = outcome.faults[-1].partition(": ")[2] if outcome.faults else ""
    return outcome.error or told


def told_figures(outcome: TrialOutcome) -> dict[str, Any]:
    """Return the figures that are told of a run."""
    if not outcome.figures:
        return {}
    return {**{name: outcome.figures[name] for name in TOLD}, "liquidations": outcome.liquidations}


@dataclass(frozen=True, repr=False)
class StressReport:
    """What each fault does to a run: `plain` is that without them, `runs` are the others, in the order of the faults.

    `title` says what was run, `start_ms` and `end_ms` over which range. The last expression of a notebook's cell shows
    it; `print` and `str` have it as a table. The worst instant of a run is where its drawdown was deepest.
    """

    title: str
    start_ms: int
    end_ms: int
    plain: TrialOutcome
    runs: Sequence[StressRun]

    @property
    def by_name(self) -> dict[str, StressRun]:
        """The runs by the names of their faults."""
        return {each.name: each for each in self.runs}

    @property
    def failed(self) -> list[StressRun]:
        """The runs that did not come to their end."""
        return [each for each in self.runs if each.outcome.error is not None]

    def changes(self, run: StressRun) -> dict[str, float]:
        """Return by how much the figures of a run differ from those without the fault, where both have one."""
        plain = told_figures(self.plain)
        return {
            name: value - plain[name]
            for name, value in run.figures.items()
            if name != "max_drawdown_at" and value is not None and plain[name] is not None
        }

    @property
    def worst(self) -> StressRun | None:
        """The run with the lowest return of those that came to their end, None where none did."""
        done = [each for each in self.runs if each.outcome.error is None]
        return min(done, key=lambda each: each.figures["total_pnl_percent"], default=None)

    @property
    def period(self) -> str:
        """The range as a text."""
        return f"{utc_text(self.start_ms)} to {utc_text(self.end_ms)}"

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "title": self.title,
            "start_time": self.start_ms,
            "end_time": self.end_ms,
            "without": {"digest": self.plain.digest, **told_figures(self.plain)},
            "faults": [
                {
                    "name": each.name,
                    "fault": dict(each.fault),
                    "effect": each.effect,
                    "error": each.outcome.error,
                    "digest": each.outcome.digest,
                    **each.figures,
                    "changes": self.changes(each),
                }
                for each in self.runs
            ],
        }

    def save_json(self, path: str | Path) -> None:
        """Write it as JSON, whole or not at all; `DataError` when it cannot be."""
        with atomic_file(path) as file:
            file.writelines(piece.encode() for piece in json_pieces(self.to_dict()))

    def save(self, path: str | Path) -> None:
        """Write it as one HTML file that needs no server and no network; `DataError` when it cannot be."""
        from .stress_table import stress_page

        with atomic_file(path) as file:
            file.write(stress_page(self).encode())

    def __str__(self) -> str:
        from rich.console import Console  # what only a table needs

        from .stress_table import print_stress

        out = StringIO()
        print_stress(self, Console(file=out, width=TEXT_WIDTH))
        return out.getvalue().rstrip("\n")

    def __repr__(self) -> str:
        return f"<stress test of {self.title} with {len(self.runs)} faults; print it, .save(path) writes it as HTML>"

    def _repr_html_(self) -> str:
        from .stress_table import html_table

        return f"<p><b>{escape(self.title)}</b>, {escape(self.period)}</p>{html_table(self)}"
