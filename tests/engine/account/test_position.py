"""What a closing fill takes of a holding, and what it leaves."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.account import Holding
from engine.kernel import Origin
from tests.support.runs import START


def holding(size=2.0):
    return Holding("X", 1, size, 100.0, 50.0, 0.4, -0.2, START, Origin(START, "buy", "", None))


@given(st.floats(1e-12, 1.0))
def test_what_a_closing_fill_takes_and_leaves_add_up(share):
    whole = holding()
    rest = whole.without(whole.size * share)
    if rest is None:
        assert share >= 1 - 1e-11
        return
    taken = whole.share(whole.size * share)
    for name in ("size", "margin", "entry_fees", "funding"):
        assert math.isclose(getattr(rest, name) + taken * getattr(whole, name), getattr(whole, name), rel_tol=1e-9)
    assert (rest.entry_price, rest.origin) == (whole.entry_price, whole.origin)


@pytest.mark.parametrize(
    ("share", "whole"),
    [(1.0, True), (2.0, True), (1 - 1e-12, True), (1 - 1e-13, True), (1 - 1e-11, False), (0.5, False)],
)
def test_a_fill_of_nearly_all_closes_all(share, whole):
    assert (holding().without(2.0 * share) is None) == whole
