"""Values of decisions, of whatever kind: what is a number, and a time."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from engine.exchange.orders.given_values import expiry_ms, expiry_problem, number_of, text_problem


class Odd:
    """Something that cannot be used as anything."""

    def _refuse(self, *_):
        raise RuntimeError("no value")

    __float__ = __len__ = __eq__ = __lt__ = __bool__ = __hash__ = _refuse


@pytest.mark.parametrize("value", [2, 2.0, np.float64(2), np.float32(2), np.int8(2), np.uint64(2), Fraction(4, 2)])
def test_a_number_of_any_kind_is_one(value):
    assert number_of(value) == 2.0
    assert type(number_of(value)) in (float, np.float64)


@pytest.mark.parametrize(
    "value",
    [True, np.True_, "2", b"2", None, [2], (2,), {}, 2j, Decimal(2), 10**400, -(10**400), Odd(), np.ones(2), Odd],
)
def test_anything_else_is_none(value):
    assert math.isnan(number_of(value))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_finite_number_stays_what_it_is(value):
    assert str(number_of(value)) == str(value)


def test_only_a_short_text_names_something():
    assert [text_problem(each) for each in ("", "a", "ä" * 200, np.str_("a"))] == [False] * 4
    assert [text_problem(each) for each in ("a" * 201, None, 5, b"a", ["a"], Odd())] == [True] * 6


def test_a_time_to_work_is_positive_and_not_for_ever():
    assert [expiry_problem(each) for each in (None, 1e-9, 1, 9.9e9, np.int32(5))] == [None] * 5
    for odd in (0, -1, 1e10, math.nan, math.inf, "5", True, 10**400, Odd()):
        assert expiry_problem(odd) == "expiry out of range"


def test_a_time_to_work_is_in_whole_milliseconds_at_least_one():
    assert [expiry_ms(each) for each in (1, 1.2345, 1e-9, np.float32(0.5))] == [1000, 1234, 1, 500]
