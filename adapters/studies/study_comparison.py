"""What two studies have in common, and what sets them apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .study import Study, StudyTrial
from .study_plan import parameter_texts
from .study_text import TOLD, value_text, values_text
from .trial_rows import json_text


@dataclass(frozen=True)
class StudyComparison:
    """Of two studies: `about` is what they are, `best` what their best trials came to, each by name -> (first, second);
    `common` counts the trials with the same values, `equal` those of them that came to the same digest, and `better`
    those that were better in the second by the first metric.
    """

    about: dict[str, tuple[Any, Any]]
    best: dict[str, tuple[Any, Any]]
    common: int
    equal: int
    better: int


def compared_studies(first: Study, second: Study) -> StudyComparison:
    """Return the comparison of two studies."""
    pairs = _common(first, second)
    metric = first.metrics[0]
    return StudyComparison(
        _pairs(_about(first), _about(second)),
        _pairs(_best(first, second), _best(second, first)),
        len(pairs),
        sum(one.outcome.digest is not None and one.outcome.digest == other.outcome.digest for one, other in pairs),
        sum(metric.rank(other.figures) > metric.rank(one.figures) for one, other in pairs),
    )


def _common(first: Study, second: Study) -> list[tuple[StudyTrial, StudyTrial]]:
    there = {json_text(each.values): each for each in first}
    return [(there[values], each) for each in second if (values := json_text(each.values)) in there]


def _about(study: Study) -> dict[str, Any]:
    return {
        "kind": study.kind,
        "status": study.status,
        "trials": len(study),
        "failed": len(study.failed),
        **{f"over {name}": text for name, text in parameter_texts(study.parameters).items()},
        "metric": ", ".join(each.name for each in study.metrics),
    }


def _best(study: Study, other: Study) -> dict[str, Any]:
    best = study.best
    if best is None:
        return {"trial": None, **({"tests_return_percent": study.tests_return_percent} if study.is_walk else {})}
    names = dict.fromkeys([each.name for each in (*study.metrics, *other.metrics)] + [*TOLD])
    figures = {name: best.figures.get(name) for name in names}
    return {"trial": best.number, "values": values_text(best.values), **figures}


def _pairs(first: dict[str, Any], second: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {name: (first.get(name), second.get(name)) for name in {**first, **second}}


def cell_text(value: Any) -> str:
    """Return a value of a comparison as text."""
    return "-" if value is None else value_text(value)
