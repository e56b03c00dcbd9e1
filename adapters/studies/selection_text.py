"""The statistics of selection of a study as text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from engine.selection import SelectionReport

_WIDTH = 80
#: What each figure is called, and how it is written.
_FIGURES = {
    "sharpe_ratio": ("Sharpe ratio of the best", "{:.2f}"),
    "probabilistic_sharpe_ratio": ("Probabilistic Sharpe ratio", "{:.3f}"),
    "deflated_sharpe_ratio": ("Deflated Sharpe ratio", "{:.3f}"),
    "trials": ("Trials counted", "{:,}"),
    "overfitting_probability": ("Probability of overfitting", "{:.3f}"),
    "loss_probability": ("Choices that lose elsewhere", "{:.3f}"),
    "reality_check_p": ("Reality check, p", "{:.3f}"),
    "superior_ability_p": ("Superior ability (SPA), p", "{:.3f}"),
    "minimum_track_record": ("Minimum track record, days", "{:,}"),
    "observations": ("Days", "{:,}"),
    "active": ("  with a gain or a loss", "{:,}"),
}


def selection_lines(report: SelectionReport) -> Iterator[str]:
    """Yield the lines of a text that fits into 80 columns: the verdict, and each figure or why there is none."""
    yield from textwrap.wrap(f"Verdict: {report.verdict}, {report.reason}", _WIDTH)
    for name, (title, form) in _FIGURES.items():
        value = getattr(report, name)
        if value is not None:
            yield f"  {title:<30}{form.format(value):>10}"
            continue
        yield f"  {title:<30}{'-':>10}"
        yield from textwrap.wrap(report.undefined[name], _WIDTH, initial_indent="    ", subsequent_indent="    ")
