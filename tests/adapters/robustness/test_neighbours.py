"""Which parameter sets stand beside one."""

import pytest

from adapters.robustness.neighbours import neighbour_params
from adapters.studies import parse_parameter
from engine import ConfigurationError


def beside(params, *ranges):
    return neighbour_params(params, [parse_parameter(each) for each in ranges])


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"threshold": 30}, [{"threshold": each} for each in (24, 27, 33, 36)]),
        ({"hold": 2}, [{"hold": each} for each in (0, 1, 3, 4)]),
        ({"days": -50}, [{"days": each} for each in (-60, -55, -45, -40)]),
        ({"none": 0}, [{"none": each} for each in (-2, -1, 1, 2)]),
        ({"none": 0.0}, []),  # of nothing there are no ten percent
        ({"is_fast": True, "name": "x", "list": [1]}, []),
        ({}, []),
    ],
)
def test_every_number_has_two_to_each_side(params, expected):
    assert beside(params) == expected


def test_shares_of_a_float():
    assert [each["stop"] for each in beside({"stop": 0.02})] == pytest.approx([0.016, 0.018, 0.022, 0.024])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("threshold=20:45:5", [20, 25, 35, 40]),
        ("threshold=30:45:5", [35, 40]),
        ("threshold=10,29,31,99", [10, 29, 31, 99]),
        ("threshold=31,5", [5, 31]),
        ("threshold=int(28,40)", [33, 36]),
        ("threshold=int(20,40,4)", [24, 28, 32, 36]),
        ("threshold=30", []),
    ],
)
def test_a_range_says_which(text, expected):
    assert beside({"threshold": 30, "other": 5}, text) == [{"threshold": each} for each in expected]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("treshold=1,2", r"treshold: is not in \[params\].*did you mean threshold\?"),
        ("name=1,2", r"name: is no number in \[params\]"),
    ],
)
def test_a_range_of_what_is_no_number_is_refused(text, said):
    with pytest.raises(ConfigurationError, match=said):
        beside({"threshold": 30, "name": "x"}, text)


def test_a_field_has_no_neighbours():
    with pytest.raises(ConfigurationError, match="fee_rate: is a field of the configuration"):
        neighbour_params({"fee_rate": 1}, [parse_parameter("fee_rate=1,2", is_field=True)])
