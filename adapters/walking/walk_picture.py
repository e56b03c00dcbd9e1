"""A walk-forward as a picture and as a page."""

from __future__ import annotations

from collections.abc import Iterator

from engine import DataError
from engine.plain_values import counted
from engine.result import FIGURES, Unit, program_name

from ..report import FramedPage
from ..results import unit_text
from ..studies import pictured_value
from ..study_pictures import (
    MeaningRow,
    Picture,
    SamplePoint,
    StudyDescription,
    TextTable,
    WalkWindow,
    draw_sample_scatter,
    draw_walk_bands,
    study_page,
)
from ..study_pictures.shapes import stacked
from .walk_result import WalkForward
from .walk_text import summary, window_rows

#: The figures of the joined curve that the page has.
_OF_THE_CURVE = (
    "total_pnl_percent", "annual_return_percent", "max_drawdown_percent", "sharpe_ratio", "sortino_ratio",
    "calmar_ratio", "total_trades",
)  # fmt: skip


def drawn_walk(walked: WalkForward) -> Picture:
    """Return the joined curve over its windows with what was chosen in each, and below it, where the metric is defined
    in sample and out of sample in any window, the one against the other.
    """
    pictures = _pictures(walked)
    return Picture(stacked(_title(walked), [each.scene for each in pictures]), lambda: pictures[0].frame)


def walk_page(walked: WalkForward) -> FramedPage:
    """Return the page of a walk-forward: its pictures, what it came to, its notes and the configuration."""
    head, *rows = window_rows(walked)
    description = StudyDescription(
        _title(walked),
        [next(summary(walked))[1]],
        walked.notes,
        pictures=_pictures(walked),
        figures=[*_figures(walked)],
        configuration=walked.study.config,
        tables=[TextTable("Windows", head, rows)],
    )
    return study_page(description)


def _figures(walked: WalkForward) -> Iterator[MeaningRow]:
    for name in _OF_THE_CURVE:
        figure = FIGURES[name]
        yield MeaningRow(figure.title, unit_text(figure.unit, walked.figures[name], bool(figure.sign)), figure.meaning)
    yield MeaningRow(
        "Efficiency",
        unit_text(Unit.RATIO, walked.efficiency),
        "The annual return of the tests over that of the trainings that were chosen; not defined where these lost",
    )
    profitable = sum(each.out_growth > 1.0 for each in walked.windows)
    meaning = "In so many windows the test made a profit"
    yield MeaningRow("Consistency", f"{profitable} of {counted(len(walked.windows), 'window')}", meaning)


def _pictures(walked: WalkForward) -> list[Picture]:
    windows = [
        WalkWindow(
            str(each.window.number + 1),
            *each.window[1:],
            None if each.chosen is None else {name: pictured_value(each.parameters[name]) for name in each.names},
            each.in_metric,
            each.out_metric,
        )
        for each in walked.windows
    ]
    metric, curve = walked.walk.metric, walked.equity
    label = FIGURES[metric.name].title
    bands = draw_walk_bands(_title(walked), label, curve.timestamp_ms, curve.equity, windows)
    points = [SamplePoint(each.name, each.in_sample, each.out_of_sample) for each in windows]
    try:
        return [bands, draw_sample_scatter(_title(walked), label, points, metric.is_least)]
    except DataError:  # the metric is defined on both sides of no window: the bands say so
        return [bands]


def _title(walked: WalkForward) -> str:
    config = walked.study.config
    symbols = ", ".join(map(str, config.get("symbols") or ()))
    return f"walk-forward of {program_name(config) or 'a program'} on {symbols}"
