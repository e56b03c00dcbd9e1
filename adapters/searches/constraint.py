"""What a trial must keep to be taken: a figure of its result on one side of a number."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.plain_values import shown
from engine.result import FIGURES, Unit

from ..studies import figure_value, require_number

_SIGNS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_FORM = re.compile(r"\s*([^<>=!\s]+)\s*([<>=!]+)\s*(.*?)\s*")
#: The violation by a value that is the limit itself where it must not be.
_LEAST = 1e-12


@dataclass(frozen=True, slots=True)
class Constraint:
    """The value of `figure` is to be below, above or at `limit`, as `sign` has it: one of < <= > >=."""

    figure: str
    sign: str
    limit: float

    def violation(self, figures: Mapping[str, Any]) -> float:
        """Return by how much the figures of a trial are beyond the limit: 0 where they keep it, inf where the figure is
        not defined.
        """
        value = figure_value(self.figure, figures)
        if value is None:
            return math.inf
        return 0.0 if _SIGNS[self.sign](value, self.limit) else max(abs(value - self.limit), _LEAST)

    def __str__(self) -> str:
        short = f"{self.limit:g}"
        return f"{self.figure}{self.sign}{short if float(short) == self.limit else repr(self.limit)}"


def parse_constraint(text: str) -> Constraint:
    """Return what ``FIGURE < NUMBER`` says, or the same with <=, > or >=; of a figure in percent the number may have a
    percent sign. Raises `ValueError` with what is wrong, and the name that may have been meant.
    """
    match = _FORM.fullmatch(text)
    if match is None or match[2] not in _SIGNS:
        raise ValueError(f"{shown(text)} is no FIGURE < NUMBER, nor one with <=, > or >=")
    figure, sign, number = match.groups()
    require_number(figure)
    if FIGURES[figure].unit is Unit.PERCENT:
        number = number.removesuffix("%").rstrip()
    try:
        limit = float(number)
    except ValueError:
        limit = math.nan
    if not math.isfinite(limit):
        raise ValueError(f"{shown(text)}: {shown(number)} is no finite number")
    return Constraint(figure, sign, limit)
