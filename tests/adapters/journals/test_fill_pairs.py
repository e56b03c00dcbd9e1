"""Fills of two runs, side by side."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from adapters.journals import TradedFill
from adapters.journals.fill_pairs import joined, paired


def fill(at: float, size: float = 1.0, price: float = 100.0, sign: int = 1, reduces: bool = False, order: str = ""):
    return TradedFill(round(at * 1_000), "X", sign, Fraction(size), Fraction(price), Fraction(1), reduces, order)


def test_parts_of_an_order_are_one_fill_at_their_mean_price() -> None:
    (one, other) = joined([fill(0, 1, 100, order="7"), fill(50, 3, 104, order="7"), fill(200, order="7")], 60_000)
    assert (one.at, one.size, one.price, one.fee, one.parts) == (0, 4, 103, 2, 2)
    assert (other.at, other.parts) == (200_000, 1)


def test_where_orders_are_not_known_parts_come_at_once() -> None:
    assert [each.parts for each in joined([fill(0), fill(0.9), fill(1.8), fill(3)], 60_000)] == [3, 1]
    assert [each.parts for each in joined([fill(0), fill(0, sign=-1), fill(0, reduces=True)], 60_000)] == [1, 1, 1]


@pytest.mark.parametrize(("gap", "pairs"), [(60.0, 1), (-60.0, 1), (60.001, 0), (-60.001, 0)])
def test_the_tolerance_is_inclusive_on_both_sides(gap: float, pairs: int) -> None:
    found = paired(joined([fill(1_000)], 60_000), joined([fill(1_000 + gap)], 60_000), 60_000)
    assert len(found.pairs) == pairs
    assert len(found.missed) == len(found.extra) == 1 - pairs


def test_the_nearest_one_counts_and_other_sides_and_purposes_do_not() -> None:
    first = joined([fill(0), fill(50)], 60_000)
    found = paired(first, joined([fill(51), fill(52, sign=-1), fill(50, reduces=True)], 60_000), 60_000)
    ((pair),) = found.pairs
    assert (pair.first.at, pair.second.at, pair.delay_ms) == (50_000, 51_000, 1_000)
    assert [each.at for each in found.missed] == [0]
    assert len(found.extra) == 2


def test_parts_of_unknown_orders_fill_up_the_pair_of_a_whole_one() -> None:
    parts = joined([fill(10, 0.5, 100), fill(20, 0.25, 104), fill(30, 0.25, 104), fill(40, 1)], 60_000)
    found = paired(joined([fill(12, 1.0)], 60_000), parts, 60_000)
    ((pair),) = found.pairs
    assert (pair.second.size, pair.second.price, pair.second.parts) == (1, 102, 3)
    assert [each.at for each in found.extra] == [40_000]
    back = paired(parts, joined([fill(12, 1.0)], 60_000), 60_000)
    assert back.pairs[0].first.size == 1


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_lost_and_nothing_counts_twice(seed: int) -> None:
    rng = np.random.default_rng(seed)
    runs = [
        sorted(
            (
                fill(at / 10, float(size), sign=int(sign))
                for at, size, sign in zip(
                    rng.integers(0, 9_000, 300), rng.integers(1, 4, 300), rng.choice([1, -1], 300), strict=True
                )
            ),
            key=lambda each: each.at,
        )
        for _ in range(2)
    ]
    ours, theirs = (joined(each, 5_000) for each in runs)
    found = paired(ours, theirs, 5_000)
    first = [pair.first for pair in found.pairs] + found.missed
    second = [pair.second for pair in found.pairs] + found.extra
    for joint, fills in ((first, runs[0]), (second, runs[1])):
        assert sum(each.parts for each in joint) == len(fills)
        assert sum(each.size for each in joint) == sum(each.size for each in fills)
    assert all(abs(pair.delay_ms) <= 10_000 for pair in found.pairs)
    free = {(each.at, each.key) for each in found.extra}
    assert not any(abs(a.at - at) <= 5_000 and a.key == key for a in found.missed for at, key in free)
    itself = paired(ours, ours, 5_000)
    assert not itself.missed
    assert all(pair.first == pair.second for pair in itself.pairs)
