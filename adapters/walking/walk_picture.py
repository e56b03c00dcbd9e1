"""A walk-forward as a picture and as a page."""

from __future__ import annotations

from engine import DataError
from engine.result import FIGURES, program_name

from ..report import FramedPage
from ..study_pictures import (
    MeaningRow,
    Picture,
    SamplePoint,
    StudyDescription,
    WalkWindow,
    draw_sample_scatter,
    draw_walk_bands,
    study_page,
)
from ..study_pictures.shapes import stacked
from .walk_result import WalkForward
from .walk_text import summary

#: What the figures of the page mean, by the names of `summary`.
_MEANINGS = {
    "joined": "The tests as one curve",
    "ratios": "Of the daily returns of that curve",
    "efficiency": "1 where the tests kept what the trainings promised; not defined where these lost",
    "consistency": "The share of windows whose test made a profit",
    "account": "What a test begins with",
    "flat": "Windows in which nothing could be chosen",
}


def drawn_walk(walked: WalkForward) -> Picture:
    """Return the joined curve over its windows with what was chosen in each, and below it, where the metric is defined
    in sample and out of sample in any window, the one against the other.
    """
    pictures = _pictures(walked)
    return Picture(stacked(_title(walked), [each.scene for each in pictures]), lambda: pictures[0].frame)


def walk_page(walked: WalkForward) -> FramedPage:
    """Return the page of a walk-forward: its pictures, what it came to, its notes and the configuration."""
    head, *rows = summary(walked)
    figures = [MeaningRow(name, text, _MEANINGS[name]) for name, text in rows]
    description = StudyDescription(
        _title(walked),
        [head[1]],
        walked.notes,
        pictures=_pictures(walked),
        figures=figures,
        configuration=walked.study.config,
    )
    return study_page(description)


def _pictures(walked: WalkForward) -> list[Picture]:
    windows = [
        WalkWindow(
            str(each.window.number + 1),
            *each.window[1:],
            each.parameters if each.chosen is not None else None,
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
