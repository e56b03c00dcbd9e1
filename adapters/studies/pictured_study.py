"""Studies as pictures and as a page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from engine import DataError
from engine.result import FIGURES, Unit, program_name
from engine.settings import NO_VALUE

from ..results import period_text
from ..study_pictures import MeaningRow, Picture, StudyDescription, TrialTable, VariedValues, ranked_names
from .metric import Metric, figure_value, parse_metric
from .study_text import TOLD, done_text, why_no_best

if TYPE_CHECKING:
    from .study import Study, StudyTrial


def pictured_table(study: Study, metric: str | None = None) -> TrialTable:
    """Return the trials of a study as pictures want them, judged by its first metric or by another figure; those that
    failed, were pruned or leave a constraint have no value. Raises `ValueError` for what is no figure that is a number,
    and `DataError` for a walk-forward.
    """
    if study.is_walk:
        raise DataError(
            "the runs of a walk-forward are of other stretches of time, so they are not compared in one picture: draw "
            "the walk-forward itself, a stored one with --resume and --plot or --report (resume=)"
        )
    by = study.metrics[0] if metric is None else parse_metric(metric)
    trials = list(study)
    names = [name for name in dict.fromkeys((*(each.name for each in study.metrics), *TOLD)) if name != by.name]
    return TrialTable(
        _title(study),
        by.name,
        _label(by.name),
        by.is_least,
        [each.number for each in trials],
        tuple(
            VariedValues(
                each.name,
                [pictured_value(trial.values.get(each.name)) for trial in trials],
                None if each.values is None else [*map(pictured_value, each.values)],
                each.is_log,
            )
            for each in study.parameters
        ),
        np.array([_judged(by, each) for each in trials], np.float64),
        [each.outcome.error for each in trials],
        [each.state for each in trials],
        {_label(name): [figure_value(name, each.figures) for each in trials] for name in names},
    )


def pictured_value(value: Any) -> Any:
    """Return a value of what varies as pictures have it: that of a field without one is a word."""
    return NO_VALUE if value is None else value


def described_study(
    study: Study,
    pictures: Sequence[Picture] = (),
    figures: Sequence[MeaningRow] = (),
    statistics: Sequence[MeaningRow] = (),
    warnings: Sequence[str] = (),
) -> StudyDescription:
    """Return what the page of a study shows, with further pictures, figures, statistics of selection and warnings."""
    period = period_text(study.config["start_time"], study.config["end_time"])
    no_best = why_no_best(study)
    return StudyDescription(
        _title(study),
        [done_text(study), period],
        [*warnings, *([f"There is no best trial: {no_best}"] if no_best else [])],
        pictured_table(study),
        study.planned,
        pictures,
        figures,
        statistics,
        study.config,
    )


def two_names(table: TrialTable, x: str | None, y: str | None) -> tuple[str, str]:
    """Return the parameters of two axes: those named, else the most important of the others. Raises `DataError` where
    there are not two.
    """
    others = [name for name in ranked_names(table) if name not in (x, y)]
    across = x or (others.pop(0) if others else "")
    up = y or (others.pop(0) if others else "")
    if not across or not up:
        raise DataError(f"{len(table.parameters)} parameter varies in this study: two are needed; line() shows one")
    return across, up


def _title(study: Study) -> str:
    symbols = ", ".join(map(str, study.config.get("symbols") or ()))
    label = f"{study.label}: " if study.label else ""
    return f"{label}{study.kind.capitalize()} of {program_name(study.config) or 'a program'} on {symbols}"


def _label(name: str) -> str:
    figure = FIGURES[name]
    return f"{figure.title} ({figure.unit.label})" if figure.unit in (Unit.PERCENT, Unit.USD) else figure.title


def _judged(metric: Metric, trial: StudyTrial) -> float:
    value = metric.value(trial.figures) if trial.state == "done" else None
    return math.nan if value is None else value
