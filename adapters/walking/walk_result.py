"""What came of a walk-forward."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.plain_values import counted
from engine.result import sample_extremes

from ..studies import Study
from .joined_equity import JoinedEquity, JoinedPart, whole_curve
from .walk_text import numbers_text, reasons_text
from .walk_trials import Walk
from .walked_window import Stability, WalkedWindow, overall_efficiency, stability_of
from .window_plan import WindowPlan

if TYPE_CHECKING:
    import pandas

    from ..study_pictures import Picture

#: So many points of the joined curve are written.
_MOST_POINTS = 2_000
#: Of so many windows it is told how many klines are missing.
_MOST_NAMED = 10
#: What becomes of the account and of positions, in words.
ACCOUNTS = {
    "carried": "the account is carried on: each test begins with the equity that the one before ended with; trainings "
    "begin with the initial balance",
    "restarted": "the account is restarted: each test begins with the initial balance, and the returns are compounded",
}
OPEN_POSITIONS = (
    "positions open at the end of a test (* at its trades) are marked then, not closed: the next begins without them"
)


@dataclass(frozen=True, eq=False, repr=False)
class WalkForward:
    """The windows of a walk-forward, with what was chosen in each and what that came to afterwards; `study` has all
    runs, trainings and tests, by their numbers.
    """

    walk: Walk
    study: Study
    windows: tuple[WalkedWindow, ...]

    @property
    def plan(self) -> WindowPlan:
        """How the windows lie, and what a reader should know of that."""
        return self.walk.plan

    @property
    def account(self) -> str:
        """Whether the account is "carried" on from test to test, or "restarted"."""
        return self.walk.account

    @cached_property
    def equity(self) -> JoinedEquity:
        """The equity of all tests as one curve."""
        parts = []
        for each in self.windows:
            if each.tested is not None and each.tested.outcome.figures:
                outcome = each.tested.outcome
                start, end = outcome.figures["start_time"], outcome.figures["end_time"]
                parts.append(JoinedPart(start, end, whole_curve(start, end, outcome.curve)))
        first, last = self.windows[0].window, self.windows[-1].window
        return JoinedEquity(first.test_from_ms, last.test_to_ms, self.walk.job.config.initial_balance, parts)

    @cached_property
    def figures(self) -> dict[str, float | None]:
        """What the joined curve amounts to, by the names that a result has for it; and the trades of all tests."""
        tests = [each.tested.outcome.figures for each in self.windows if each.tested is not None]
        return {**self.equity.figures(), "total_trades": sum(each.get("total_trades", 0) for each in tests)}

    @property
    def efficiency(self) -> float | None:
        """The annual return of all tests over that of all trainings that were chosen; None where these did not gain."""
        return overall_efficiency(self.windows)

    @property
    def consistency(self) -> float:
        """The share of windows whose test made a profit; one in which nothing was tested made none."""
        return sum(each.out_growth > 1.0 for each in self.windows) / len(self.windows)

    @property
    def flat(self) -> tuple[WalkedWindow, ...]:
        """The windows in which nothing was tested."""
        return tuple(each for each in self.windows if each.tested is None)

    @property
    def stability(self) -> dict[str, Stability]:
        """How each parameter moved from window to window."""
        found = ((each.name, stability_of(each.name, self.windows)) for each in self.walk.parameters)
        return {name: stability for name, stability in found if stability is not None}

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know: of the account, of the windows, and of those that were tested in part or not."""
        flat = self.flat
        many = f"{len(flat)} of {counted(len(self.windows), 'window')}"
        why = [f"nothing was tested in {many}, which are flat: {reasons_text(flat)}"] if flat else []
        return (ACCOUNTS[self.account], OPEN_POSITIONS, *self.plan.notes, *why, *self._cut_short(), *self._gaps())

    def _cut_short(self) -> Iterator[str]:
        """Say which tests ended early."""
        short = [each for each in self.windows if each.is_cut_short]
        if short:
            numbers = numbers_text([str(each.window.number + 1) for each in short])
            tests = f"{counted(len(short), 'test')} {'is' if len(short) == 1 else 'are'}"
            yield f"{tests} cut short by an error (! at the trades), in {numbers}: {reasons_text(short)}"

    def _gaps(self) -> Iterator[str]:
        """Say in which tests klines are missing."""
        with_gaps = [each for each in self.windows if each.gaps]
        if with_gaps:
            told = [
                f"{each.gaps:,} of {counted(each.klines, 'kline')} in window {each.window.number + 1}"
                for each in with_gaps[:_MOST_NAMED]
            ]
            more = f", and some in {len(with_gaps) - len(told):,} more" if len(with_gaps) > len(told) else ""
            yield f"klines are missing in the data of tests (~ at their trades): {', '.join(told)}{more}"

    @property
    def frame(self) -> pandas.DataFrame:
        """The windows as a frame by their numbers, from 1: times in UTC, a column for each parameter, the metric
        (`in_metric`, `out_metric`), returns in percent and the rest of each.
        """
        import pandas

        frame = pandas.DataFrame([each.cells() for each in self.windows]).set_index("window")
        for name in ("train_from", "train_to", "test_from", "test_to"):
            frame[name] = frame[name].astype("datetime64[ms]").dt.tz_localize("UTC")
        return frame

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the single runs as plain values; of the joined curve at most 2,000 points, its extremes
        among them. The same walk-forward gives the same bytes.
        """
        curve = self.equity
        kept = sample_extremes(curve.equity, _MOST_POINTS)
        return {
            "kind": self.study.kind,
            "windows": [each.row() for each in self.windows],
            "scheme": self.walk.scheme.to_dict(),
            "search": None if self.walk.search is None else self.walk.search.plain(),
            "account": self.account,
            "metric": self.walk.metric.name,
            "figures": self.figures,
            "efficiency": self.efficiency,
            "consistency": self.consistency,
            "stability": {name: each.to_dict() for name, each in self.stability.items()},
            "notes": list(self.notes),
            "equity": [
                {"timestamp": time, "equity": value}
                for time, value in zip(curve.timestamp_ms[kept].tolist(), curve.equity[kept].tolist(), strict=True)
            ],
            "config": self.study.config,
        }

    def plot(self) -> Picture:
        """Return the joined curve over its windows, with what was chosen in each, and the metric in sample against that
        out of sample: shown by a notebook, written by its `save`.
        """
        from .walk_picture import drawn_walk

        return drawn_walk(self)

    def report(self, path: str | Path) -> None:
        """Write a page with the pictures, what it came to and the configuration as one HTML file; `DataError` when it
        cannot be written.
        """
        from .walk_picture import walk_page

        walk_page(self).save(path)

    def __repr__(self) -> str:
        from .walk_text import few_lines

        return few_lines(self)

    def _repr_html_(self) -> str:
        from .walk_text import html_of

        return html_of(self)
