"""The statistics of selection of a study as text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import NamedTuple

from engine.selection import SelectionReport

from ..study_pictures import MeaningRow

_WIDTH = 80


class _Told(NamedTuple):
    """What a figure is called, with how many digits after the point it is written, and what it means."""

    title: str
    digits: int
    meaning: str


_FIGURES = {
    "sharpe_ratio": _Told("Sharpe ratio of the best", 2, "Of its daily returns, a year"),
    "probabilistic_sharpe_ratio": _Told(
        "Probabilistic Sharpe ratio", 3, "Probability that its true one is above 0, were it the only trial"
    ),
    "deflated_sharpe_ratio": _Told(
        "Deflated Sharpe ratio",
        3,
        "Probability that it is above what the best of so many trials without skill would show; 0.95 and more speaks "
        "for it",
    ),
    "trials": _Told("Trials counted", 0, "All that were made, failed ones too, and none that repeats another"),
    "overfitting_probability": _Told(
        "Probability of overfitting",
        3,
        "Share of the ways to halve the time in which the best of one half is no better than the median in the other "
        "(CSCV)",
    ),
    "loss_probability": _Told("Choices that lose elsewhere", 3, "Share of those ways in which it loses there"),
    "reality_check_p": _Told(
        "Reality check, p", 3, "How often luck shows as much where no trial earns anything (White)"
    ),
    "superior_ability_p": _Told(
        "Superior ability (SPA), p", 3, "The same in units of each trial's own deviation (Hansen)"
    ),
    "minimum_track_record": _Told(
        "Minimum track record, days", 0, "Days that it takes until its Sharpe ratio is above 0 with 95 %"
    ),
    "observations": _Told("Days", 0, "Daily returns that this is told by"),
    "active": _Told("  with a gain or a loss", 0, "Fewer than 30 tell nothing"),
}


def verdict_text(report: SelectionReport) -> str:
    """Return the verdict and its reason."""
    return f"{report.verdict}, {report.reason}"


def selection_lines(report: SelectionReport) -> Iterator[str]:
    """Yield the lines of a text that fits into 80 columns: the verdict, and each figure or why there is none."""
    yield from textwrap.wrap(f"Verdict: {verdict_text(report)}", _WIDTH)
    for name, told in _FIGURES.items():
        value = _value(report, name)
        yield f"  {told.title:<30}{value:>10}"
        if name in report.undefined:
            yield from textwrap.wrap(report.undefined[name], _WIDTH, initial_indent="    ", subsequent_indent="    ")


def selection_rows(report: SelectionReport) -> list[MeaningRow]:
    """Return the same as rows of a page, each with what it means, or why there is none."""
    verdict = MeaningRow("Verdict", str(report.verdict), report.reason)
    return [
        verdict,
        *(
            MeaningRow(told.title.strip(), _value(report, name), report.undefined.get(name, told.meaning))
            for name, told in _FIGURES.items()
        ),
    ]


def _value(report: SelectionReport, name: str) -> str:
    value = getattr(report, name)
    digits = _FIGURES[name].digits
    return "-" if value is None else f"{round(value, digits) + 0.0:,.{digits}f}"  # no minus before a zero
