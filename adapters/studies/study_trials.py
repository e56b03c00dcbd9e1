"""Trials of what varies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from engine import ConfigurationError

from ..trials import GROUND_FIELDS, Trial, ground_name
from .study_parameters import Parameter, combinations


def trial_of(number: int, parameters: Iterable[Parameter], values: Mapping[str, Any]) -> Trial:
    """Return the trial in which each parameter has its value of `values`, on the ground that its fields lead to."""
    fields = {each.name: values[each.name] for each in parameters if each.is_field}
    params = {each.name: values[each.name] for each in parameters if not each.is_field}
    return Trial(number, fields, params, ground_name(fields))


def grid_trials(parameters: Sequence[Parameter]) -> Iterator[Trial]:
    """Yield a trial for every combination of values, numbered in their order."""
    names = [each.name for each in parameters]
    for number, values in enumerate(combinations(parameters)):
        yield trial_of(number, parameters, dict(zip(names, values, strict=True)))


def varied_grounds(parameters: Sequence[Parameter]) -> Iterator[dict[str, Any]]:
    """Yield every combination of the fields that say what is run on. Raises `ConfigurationError` for one that is an
    interval: each market is loaded before anything runs.
    """
    found = [each for each in parameters if each.is_field and each.name in GROUND_FIELDS]
    endless = [
        f"{each.name}: takes a list of values here: it says which market is loaded"
        for each in found
        if each.values is None
    ]
    if endless:
        raise ConfigurationError(endless)
    for values in combinations(found):
        yield {each.name: value for each, value in zip(found, values, strict=True)}
