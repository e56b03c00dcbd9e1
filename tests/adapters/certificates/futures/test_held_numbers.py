"""Numbers that only who has seen all of a market can know."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.certificates.futures.held_numbers import early_numbers
from tests.support.planted_leaks import DAY, DAYS, START, market

MARKET = market()
CLOSE = MARKET.symbols["ETH"].base.columns.close
END = START + DAYS * DAY


def holding(value):
    class Program:
        def __init__(self):
            self.level = value

        def should_trade(self, data):
            return None

    return Program()


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (float(CLOSE[-1]), "the last close of all klines of ETH"),
        (float(CLOSE.mean()), "the mean close of all klines of ETH"),
        (float(np.median(CLOSE)), "the median close of all klines of ETH"),
        (float(CLOSE.std(ddof=1)), "the deviation of the closes of all klines of ETH"),
        (float(CLOSE[2 * 1440 :].max()), "the highest close of"),
        (float(MARKET.symbols["ETH"].base.columns.low.min()), "the lowest low of"),
    ],
)
def test_a_number_of_the_whole_market_is_named(value, what):
    (found,) = early_numbers([holding(value)], MARKET, START, END)
    assert f" is {value!r}, {what}" in found


def test_the_parameters_of_a_program_are_looked_at_too():
    (found,) = early_numbers([{"level": float(CLOSE.mean())}], MARKET, START, END)
    assert "['level'] is" in found


@pytest.mark.parametrize("value", [0.5, 2300.0, float(CLOSE[100]), float(CLOSE[:1440].mean()), float("nan"), 7])
def test_any_other_number_is_let_alone(value):
    assert list(early_numbers([holding(value)], MARKET, START, END)) == []
