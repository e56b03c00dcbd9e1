"""Errors survive what SimPy does to them."""

import pytest

from engine import ConfigurationError, DataError, ProgramError, SimulationError, StrategyError
from engine.errors import FileFormatError, Problem
from tests.support.runs import START


@pytest.mark.parametrize(
    "error",
    [
        SimulationError("text"),
        ConfigurationError(["one", "two"]),
        DataError("text"),
        FileFormatError("klines.csv", 3, "high", "is below low"),
        StrategyError("text", START, 7),
        ProgramError([Problem(1, "syntax"), Problem(2, "no init", "warning")]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_survives_being_raised_again_by_simpy(error):
    again = type(error)(*error.args)
    assert str(again) == str(error)
    assert vars(again) == vars(error)
