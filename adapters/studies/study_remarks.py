"""What is to be said of the trials of a study: what failed and why, which metric has no value, what lies at an edge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from engine.config import SETTINGS
from engine.plain_values import counted
from engine.settings import Group

from .metric import why_undefined
from .study import Study
from .study_parameters import Parameter
from .study_text import value_text

_MOST_ERRORS = 3
#: A range of fewer values has nothing but edges.
_FEWEST_VALUES = 3
#: Of these fields less is better for every program: that is no edge to look beyond.
_COSTS = (Group.COSTS, Group.MODELS, Group.VENUE)


def remarks_on(study: Study) -> list[str]:
    """Return sentences about the trials of a study, the most important first."""
    return [*_failures(study), *_undefined(study), *study.remarks, *_edges(study)]


def _failures(study: Study) -> Iterator[str]:
    errors = Counter(each.outcome.error for each in study.failed)
    for error, count in errors.most_common(_MOST_ERRORS):
        yield f"{counted(count, 'trial')} failed: {error}"
    others = errors.total() - sum(count for _, count in errors.most_common(_MOST_ERRORS))
    if others:
        reasons = counted(len(errors) - _MOST_ERRORS, "other reason")
        yield f"{counted(others, 'other')} failed for {reasons}: each stands with its trial"


def _undefined(study: Study) -> Iterator[str]:
    whole = [each for each in study if each.state in ("done", "infeasible")]
    for metric in study.metrics:
        why = Counter(why_undefined(metric.name, each.figures) for each in whole if metric.value(each.figures) is None)
        if why:
            who = "any trial" if why.total() == len(whole) else f"{why.total():,} of {len(whole):,} trials"
            reasons = ", ".join(f"{reason} ({count:,})" for reason, count in why.most_common())
            hint = "; choose another with --metric (metric=)" if why.total() == len(whole) else ""
            yield f"{metric.name} is not defined for {who}: {reasons}{hint}"


def _edges(study: Study) -> Iterator[str]:
    """Say of which parameters the best value is the first or the last of many, and of nothing else as good."""
    best = study.best
    if best is None:
        return
    metric = study.metrics[0]
    value = metric.value(best.figures)
    equals = [each for each in study.ranked() if metric.value(each.figures) == value]
    for parameter in study.parameters:
        values = sorted(_numbers(parameter))
        if len(values) < _FEWEST_VALUES:
            continue
        found = {each.values.get(parameter.name) for each in equals}
        edge = "lowest" if found == {values[0]} else "highest" if found == {values[-1]} else None
        if edge is not None:
            yield (
                f"{parameter.name}={value_text(found.pop())} of the best trial is the {edge} that was tried: what lies "
                "beyond may be better"
            )


def _numbers(parameter: Parameter) -> list[Any]:
    """Return the values of what has an order and ends that are no natural ones."""
    if parameter.values is None or (parameter.is_field and SETTINGS[parameter.name].group in _COSTS):
        return []
    are_numbers = all(isinstance(each, (int, float)) and not isinstance(each, bool) for each in parameter.values)
    return [*parameter.values] if are_numbers else []
