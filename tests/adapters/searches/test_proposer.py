"""Grids, in order and shuffled."""

from __future__ import annotations

from collections import Counter

from adapters.searches.proposer import Answer, GridProposer
from adapters.searches.search_space import SearchSpace
from adapters.studies import parse_parameter

SPACE = SearchSpace([parse_parameter("a=1:4:1"), parse_parameter("b=x,y,z")])
IN_ORDER = [{"a": a, "b": b} for a in (1, 2, 3, 4) for b in "xyz"]


def test_a_grid_is_proposed_in_order_and_ends():
    grid = GridProposer(SPACE)
    assert grid.ask(5) == IN_ORDER[:5]
    grid.tell(0, Answer((1.0,)))
    assert grid.ask(100) == IN_ORDER[5:]
    assert grid.ask(1) == []


def test_a_shuffled_grid_has_each_once_in_the_order_of_its_seed():
    one, other = GridProposer(SPACE, 1).ask(100), GridProposer(SPACE, 2).ask(100)
    assert one == GridProposer(SPACE, 1).ask(100)
    assert sorted(map(str, one)) == sorted(map(str, other)) == sorted(map(str, IN_ORDER))
    assert one != other
    assert IN_ORDER not in (one, other)


def test_every_order_of_a_small_grid_is_as_likely():
    small = SearchSpace([parse_parameter("a=1,2,3")])
    orders = Counter(tuple(each["a"] for each in GridProposer(small, seed).ask(3)) for seed in range(1_200))
    assert len(orders) == 6
    assert min(orders.values()) > 150  # 200 on average


def test_a_shuffled_grid_of_many_combinations_begins_at_once():
    huge = SearchSpace([parse_parameter(f"{name}=int(0,99999)") for name in "abcd"])
    assert len({str(each) for each in GridProposer(huge, 3).ask(50)}) == 50
