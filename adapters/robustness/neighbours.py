"""The parameter sets beside the one of a configuration: one parameter at a time, up to two steps to each side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine import ConfigurationError
from engine.near_names import near

from ..studies import Parameter

#: What a step is, where no range says so: a share of the value.
SHARE = 0.1
STEPS = 2


def neighbour_params(params: Mapping[str, Any], ranges: Sequence[Parameter] = ()) -> list[dict[str, Any]]:
    """Return the parameters in which each neighbour differs.

    Without `ranges` every number in `params` varies: by 10 and 20 % of it, a whole one by whole steps. A range says
    which parameter varies, and which of its values are nearest. Raises `ConfigurationError` for one that is no number
    in `params`.
    """
    found = ranges or [Parameter(name) for name, value in params.items() if _is_number(value)]
    problems = [_problem(each, params) for each in found if each.is_field or not _is_number(params.get(each.name))]
    if problems:
        raise ConfigurationError(problems)
    return [{each.name: value} for each in found for value in _beside(each, params[each.name])]


def _problem(parameter: Parameter, params: Mapping[str, Any]) -> str:
    if parameter.is_field:
        return f"{parameter.name}: is a field of the configuration; its neighbours are those of parameters of a program"
    if parameter.name in params:
        return f"{parameter.name}: is no number in [params] and has no neighbours"
    meant = near(parameter.name, params)
    return (
        f"{parameter.name}: is not in [params], so that it has no value to be beside of{f'; {meant}' if meant else ''}"
    )


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _beside(parameter: Parameter, value: float) -> Iterator[float]:
    if parameter.values is not None or parameter.step is not None:
        others = sorted(each for each in parameter.grid() if _is_number(each) and each != value)
        yield from [each for each in others if each < value][-STEPS:]
        yield from [each for each in others if each > value][:STEPS]
        return
    is_whole = isinstance(value, int)
    width: float = max(1, round(abs(value) * SHARE)) if is_whole else abs(value) * SHARE
    for steps in (-2, -1, 1, 2):
        near_by = value + steps * width
        if width and (parameter.low == parameter.high or parameter.low <= near_by <= parameter.high):
            yield near_by
