"""What varies, as it is written on the command line."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from adapters.studies import Parameter, combinations, parse_parameter


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("n=20:40:10", (20, 30, 40)),
        ("n=20:39:10", (20, 30)),
        ("n=40:20:-10", (40, 30, 20)),
        ("x=0.1:0.3:0.1", (0.1, 0.2, 0.3)),
        ("x=1:2:0.5", (1.0, 1.5, 2.0)),
        ("x = 1e-3:3e-3:1e-3", (0.001, 0.002, 0.003)),
        ("stop=0.5%,1%,2%", (0.005, 0.01, 0.02)),
        ("stop=0.5%:1.5%:0.5%", (0.005, 0.01, 0.015)),
        ("n=7", (7,)),
        ("mode=fast,slow", ("fast", "slow")),
        ("mode='a,b',c", ("a,b", "c")),
        ("on=true,false", (True, False)),
        ("n=1,1.5", (1, 1.5)),
        ("list=[1, 2],[3]", ([1, 2], [3])),
        ("t='20:40'", ("20:40",)),
        ("t='09:30:00'", ("09:30:00",)),
        ('t="09:30:00","10:30:00"', ("09:30:00", "10:30:00")),
        ("t=2024-01-01T00:00:00Z", (datetime(2024, 1, 1, tzinfo=UTC),)),
        ("list=['a:b:c']", (["a:b:c"],)),
    ],
)
def test_values_are_numbers_texts_or_toml(text: str, values: tuple[object, ...]) -> None:
    found = parse_parameter(text)
    assert found == Parameter(text.partition("=")[0].strip(), values=values)
    assert [type(each) for each in found.grid()] == [type(each) for each in values]


def test_a_percent_sign_of_a_field_in_percent_is_its_unit() -> None:
    assert parse_parameter("slippage_percent=0.02%,0.05", True).grid() == (0.02, 0.05)
    assert parse_parameter("fee_rate=0.01%:0.03%:0.01%", True).grid() == (0.01, 0.02, 0.03)
    assert parse_parameter('symbols=BTC,["BTC", "ETH"]', True).grid() == (["BTC"], ["BTC", "ETH"])


def test_none_is_the_value_of_a_field_that_need_not_have_one() -> None:
    assert parse_parameter("venue=none,binance_um", True).grid() == (None, "binance_um")
    assert parse_parameter("maker_fee_rate= none , 0.01%", True).grid() == (None, 0.01)
    assert parse_parameter("intrabar=none", True).grid() == ("none",)  # a choice that is not there
    assert parse_parameter("strategy=none", True).grid() == ("none",)  # a file
    assert parse_parameter("venue='none'", True).grid() == ("none",)
    assert parse_parameter("mode=none,fast").grid() == ("none", "fast")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("n=int(10,45)", Parameter("n", low=10, high=45, is_integer=True)),
        ("n=int(10, 50, 10)", Parameter("n", low=10, high=50, step=10, is_integer=True)),
        ("x=float(0.5,2)", Parameter("x", low=0.5, high=2.0)),
        ("x=float(0.1,10,log)", Parameter("x", low=0.1, high=10.0, is_log=True)),
        ("x=float(0.5%,2%,0.5%)", Parameter("x", low=0.005, high=0.02, step=0.005)),
    ],
)
def test_an_interval_has_ends_a_step_and_a_scale(text: str, expected: Parameter) -> None:
    assert parse_parameter(text) == expected


def test_an_interval_with_steps_or_of_whole_numbers_has_a_grid() -> None:
    assert parse_parameter("n=int(10,13)").grid() == (10, 11, 12, 13)
    assert parse_parameter("x=float(0.1,0.3,0.1)").grid() == (0.1, 0.2, 0.3)
    with pytest.raises(ValueError, match="x: an interval without a step has no list of values: give low:high:step"):
        parse_parameter("x=float(0,1)").grid()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("n", "not of the form NAME=VALUES"),
        ("=1", "not of the form NAME=VALUES"),
        ("n=", "not of the form NAME=VALUES"),
        ("n=40:20:2", "n: is empty: no step of 2 leads from 40 to 20"),
        ("n=20:40:0", "n: is empty"),
        ("n=20:40", "n: 20:40 has no step: give low:high:step"),
        ("n=a:b:c", "n: 'a' is no number"),
        ("n=0:1e9:1", "n: has 1,000,000,001 values"),
        ("n=1,1", "n: 1 is there twice"),
        ("n=1,,2", "n: a value is missing between commas"),
        ("n=int(1.5,3)", "n: the ends and the step of int"),
        ("n=int(5,5)", "n: is empty: 5 is not below 5"),
        ("n=int(1,2,3,4)", "n: an interval has two ends, and a step at most"),
        ("x=float(0,1,log)", "x: a scale of logarithms begins above 0"),
        ("x=float(1,2,0.1,log)", "x: a step is above 0, and there is none with log"),
        ("x=float(1,nan)", "x: nan is no finite number"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        parse_parameter(text)


def test_an_unknown_field_is_named_with_the_one_that_may_be_meant() -> None:
    with pytest.raises(ValueError, match="did you mean slippage_percent"):
        parse_parameter("slipage_percent=1", True)


def test_combinations_change_the_last_parameter_first() -> None:
    found = [*combinations([parse_parameter("a=1,2"), parse_parameter("b=x,y")])]
    assert found == [(1, "x"), (1, "y"), (2, "x"), (2, "y")]
