"""Functions of one row: numbers and series alike. A NaN wins, but for conditions."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...market.series import FloatColumn

#: The largest argument of EXP, the smallest of LOG.
LARGEST_EXPONENT, SMALLEST_LOGARITHM = 500.0, 1e-10

#: A number or a series.
Value = Any


def exponential_of(x: Value) -> Value:
    """Return e^x, of at most 500."""
    return np.exp(np.minimum(x, LARGEST_EXPONENT))


def logarithm_of(x: Value) -> Value:
    """Return ln x, of at least 1e-10."""
    return np.log(np.maximum(x, SMALLEST_LOGARITHM))


def root_of(x: Value) -> Value:
    """Return the root of x, of at least 0."""
    return np.sqrt(np.maximum(x, 0.0))


def clamped(x: Value, lo: Value, hi: Value) -> Value:
    """Return x, but not below lo and not above hi."""
    return np.minimum(np.maximum(x, lo), hi)


def chosen(cond: FloatColumn, a: Value, b: Value) -> Value:
    """Return a where the condition is not 0, else b; a NaN is not 0."""
    return np.where(np.not_equal(cond, 0.0), a, b)


def both(a: Value, b: Value) -> Value:
    """Return whether both are not 0; a NaN is not 0."""
    return np.logical_and(np.not_equal(a, 0.0), np.not_equal(b, 0.0))


def one_of(a: Value, b: Value) -> Value:
    """Return whether one is not 0; a NaN is not 0."""
    return np.logical_or(np.not_equal(a, 0.0), np.not_equal(b, 0.0))


def neither(a: Value) -> Value:
    """Return whether it is 0."""
    return np.equal(a, 0.0)
