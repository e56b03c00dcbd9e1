"""The contract's comparison operators, in any of their spellings."""

from __future__ import annotations

import math
import sys

import numpy as np
import numpy.typing as npt

from ..market.series import FloatColumn

EQUAL_WITHIN = 1e-9

OPERATORS = {
    ">": ("greater_than", "gt"),
    ">=": ("greater_than_or_equal", "gte"),
    "<": ("less_than", "lt"),
    "<=": ("less_than_or_equal", "lte"),
    "==": ("equal", "eq"),
    "!=": ("not_equal", "ne"),
    "abs_greater_than": ("abs_gt",),
    "abs_less_than": ("abs_lt",),
}
_CANONICAL = {alias: name for name, aliases in OPERATORS.items() for alias in (name, *aliases)}
_COMPARISONS = {">": np.greater, ">=": np.greater_equal, "<": np.less, "<=": np.less_equal}
_COMPARISONS |= {"abs_greater_than": np.greater, "abs_less_than": np.less}


def canonical_operator(operator: str) -> str:
    """Return the first spelling of a known operator."""
    return _CANONICAL[operator.lower()]


def compare(values: FloatColumn, operator: str, threshold: float) -> npt.NDArray[np.bool_]:
    """Return where `values` satisfy an operator; == is within 1e-9. What a NaN gives means nothing."""
    name = canonical_operator(operator)
    if name in ("==", "!="):
        equal = np.abs(values - threshold) < EQUAL_WITHIN
        return np.asarray(equal if name == "==" else ~equal)
    return np.asarray(_COMPARISONS[name](np.abs(values) if name.startswith("abs") else values, threshold))


def operator_problem(operator: object) -> str | None:
    """Return what is wrong with an operator, or None."""
    if isinstance(operator, str) and operator.lower() in _CANONICAL:
        return None
    return f"operator {operator!r} is not one of {', '.join(OPERATORS)}"


def number_problem(name: str, value: object, low: float = -math.inf) -> str | None:
    """Return what is wrong with a number of a condition, or None."""
    if value is None:
        return f"{name} is missing"
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= sys.float_info.max:
        return f"{name} {repr(value)[:40]} is no finite number"
    return f"{name} {value!r} is below {low:g}" if value < low else None
