"""What a search chooses from."""

from __future__ import annotations

import math

import pytest

from adapters.searches.search_space import SearchSpace
from adapters.studies import combinations, parse_parameter


def space(*texts):
    return SearchSpace([parse_parameter(text) for text in texts])


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("a=int(10,45)", 36),
        ("a=int(1,10,4)", 3),
        ("a=int(1,100,log)", 100),
        ("a=float(0.1,0.3,0.1)", 3),
        ("a=float(0.1,0.3)", math.inf),
        ("a=x,y", 2),
        ("a=20:40:2", 11),
        ("a=7", 1),
    ],
)
def test_it_knows_how_many_values_there_are(text, size):
    assert space(text).size == size


def test_combinations_are_numbered_as_in_a_sweep():
    parameters = [parse_parameter(text) for text in ("a=int(1,7,3)", "b=x,y", "c=0.1:0.3:0.1", "d=5", "fee_rate=1,2")]
    whole = SearchSpace(parameters)
    found = [tuple(whole.combination(number).values()) for number in range(int(whole.size))]
    assert found == [*combinations([parse_parameter("a=1,4,7"), *parameters[1:]])]


def test_a_point_gives_the_values_of_the_parameters():
    whole = space("a=int(10,45)", "b=x,y", "c=0.1:0.3:0.1", "d=5", "e=float(0,1)")
    assert [each.name for each in whole.axes] == ["param a", "param b", "param c", "param e"]
    point = {"param a": 12, "param b": 1, "param c": 2, "param e": 0.25}
    assert whole.values(point) == {"a": 12, "b": "y", "c": 0.3, "d": 5, "e": 0.25}


@pytest.mark.parametrize(
    ("values", "ordered"),
    [("1,2,5", True), ("5,2,1.5", True), ("1,5,2", False), ("x,y", False), ("true,false", False), ("1,x", False)],
)
def test_numbers_that_go_one_way_are_ordered(values, ordered):
    assert space(f"a={values}").axes[0].is_ordered is ordered


def test_a_field_and_a_parameter_of_one_name_are_two_axes():
    whole = SearchSpace([parse_parameter("fee_rate=1,2"), parse_parameter("fee_rate=0.1,0.2", is_field=True)])
    assert len({each.name for each in whole.axes}) == 2
