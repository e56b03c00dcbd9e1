"""Values as they are given, against prices that were not known at their times."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from adapters import synthetic_klines
from adapters.certificates.futures.known_early import early_features, early_values
from engine import MarketHistory, SymbolHistory, TimedValues

START, MINUTE, HOUR = 1_704_067_200_000, 60_000, 3_600_000
KLINES = synthetic_klines("BTC", START, 20 * 1440, seed=9)
HISTORY = SymbolHistory("BTC", KLINES)
HOURS = HISTORY.series("1h").columns
CLOSE = KLINES.close
KNOWN_MS = KLINES.open_ms + MINUTE


def said(times, values, name="x"):
    found = early_values(name, TimedValues(times, values), HISTORY)
    return None if found is None else found.words


@pytest.mark.parametrize("lead", [1, 7, 60, 333, 1440])
def test_a_later_close_is_named_with_how_much_later_it_is(lead):
    found = said(KNOWN_MS[:-lead], CLOSE[lead:])
    assert found is not None
    assert found.startswith("feature x of BTC is the close of ")
    assert " at 100% of its times, the first at 2024-01-01 00:0" in found


def test_a_close_at_the_open_of_its_hour_is_named():
    found = said(HOURS.open_ms, HOURS.close)
    assert found is not None
    assert "is the close of" in found


@pytest.mark.parametrize(
    "form",
    [
        lambda change: change,
        lambda change: np.sign(change),
        lambda change: change + 0.5 * change.std() * np.random.default_rng(1).standard_normal(len(change)),
        np.cumsum,
    ],
    ids=["change", "sign", "with noise", "summed up"],
)
def test_what_goes_with_the_next_change_is_named(form):
    change = np.log(HOURS.close[1:] / HOURS.close[:-1])
    found = said(HOURS.open_ms[:-1] + HOUR, form(change))
    assert found is not None
    assert "the change to the close" in found
    assert ("is the change" in found and "at all of its times" in found) or "rank correlation" in found


@pytest.mark.parametrize("unit", [lambda a, b: b - a, lambda a, b: 100 * (b / a - 1), lambda a, b: -2 * np.log(b / a)])
def test_the_change_that_follows_is_a_proof_in_any_unit_and_what_predicts_it_is_none(unit):
    change, times = unit(HOURS.close[:-24], HOURS.close[24:]), HOURS.open_ms[:-24] + HOUR
    found = early_values("x", TimedValues(times, change), HISTORY)
    assert found is not None
    assert found.is_proved
    assert "is the change to the close of 24h 0m later at all of its times" in found.words
    good = unit(HOURS.close[:-1], HOURS.close[1:])
    good += 0.5 * good.std() * np.random.default_rng(1).standard_normal(len(good))
    likely = early_values("x", TimedValues(HOURS.open_ms[:-1] + HOUR, good), HISTORY)
    assert likely is not None
    assert not likely.is_proved


def test_a_few_daily_closes_at_the_starts_of_their_days_are_proof_enough():
    days = HISTORY.series("1d").columns
    found = said(days.open_ms, days.close)
    assert found is not None
    assert "is the close of" in found


@pytest.mark.parametrize(("count", "is_found"), [(4, False), (5, True), (9, True)])
def test_of_few_values_all_must_be_later_closes(count, is_found):
    days = HISTORY.series("1d").columns
    times, values = days.open_ms[3 : 3 + count], days.close[3 : 3 + count].copy()
    found = said(times, values)
    assert (found is not None and "is the close of the 1d kline that is not over" in found) is is_found
    values[1] += 1.0
    assert said(times, values) is None


def test_what_is_scaled_with_all_of_its_values_is_named():
    for degrees in (0, 1):
        scaled = (HOURS.close - HOURS.close.mean()) / HOURS.close.std(ddof=degrees)
        found = said(HOURS.open_ms + HOUR, scaled)
        assert found is not None
        assert "has the mean 0 and the deviation 1 over all of its 480 values" in found


WHOLE = {
    "is the price without the mean price": HOURS.close - HOURS.close.mean(),
    "has the lowest 0 and the highest 1": (HOURS.close - HOURS.close.min()) / np.ptp(HOURS.close),
    "is the rank of each among all": pd.Series(HOURS.close.round(-1)).rank(pct=True).to_numpy(),
    "is the rank of each": pd.Series(HOURS.close).rank().to_numpy() - 1,
}


@pytest.mark.parametrize("what", WHOLE)
def test_what_is_worked_out_with_all_values_is_named(what):
    found = said(HOURS.open_ms + HOUR, WHOLE[what])
    assert found is not None
    assert what in found


def rolling(values, count):
    return np.convolve(values, np.ones(count) / count, "valid")


HONEST = {
    "the last close": (KNOWN_MS, CLOSE),
    "an hour before": (KNOWN_MS[60:], CLOSE[:-60]),
    "the hour at its end": (HOURS.open_ms + HOUR, HOURS.close),
    "a mean": (KNOWN_MS[59:], rolling(CLOSE, 60)),
    "a change": (HOURS.open_ms[1:] + HOUR, np.log(HOURS.close[1:] / HOURS.close[:-1])),
    "volume": (KNOWN_MS, KLINES.volume),
    "the price above a level": (HOURS.open_ms + HOUR, HOURS.close - 40_000.0),
    "a share of its range so far": (HOURS.open_ms + HOUR, np.clip(np.sin(HOURS.close), 0.0, 1.0)),
    "noise": (KNOWN_MS, np.random.default_rng(4).standard_normal(len(KLINES))),
    "days": (START + 86_400_000 * np.arange(1, 20), np.random.default_rng(5).standard_normal(19)),
    "a constant": (KNOWN_MS, np.ones(len(KLINES))),
    "after the end": (KNOWN_MS + 30 * 86_400_000, CLOSE),
    "scaled by a stretch before": (HOURS.open_ms[100:] + HOUR, (HOURS.close[100:] - HOURS.close[:100].mean()) / 50.0),
}


@pytest.mark.parametrize("name", HONEST)
def test_what_knows_the_past_alone_is_let_alone(name):
    assert said(*HONEST[name]) is None


def test_a_little_skill_is_let_alone():
    """A forecast that is right a little more often than chance."""
    change = np.log(HOURS.close[1:] / HOURS.close[:-1])
    noise = np.random.default_rng(6).standard_normal(len(change))
    assert said(HOURS.open_ms[:-1] + HOUR, 0.1 * change / change.std() + noise) is None


def test_each_feature_of_a_market_is_looked_at_but_not_what_functions_give():
    table = {"time": KNOWN_MS[:-60], "value": CLOSE[60:]}
    market = MarketHistory([HISTORY], features={"late": table, "made": lambda market: table})
    assert market.symbols["BTC"].feature_names == ("late", "made")
    (found,) = early_features(market)
    assert (found.name, found.is_proved) == ("late", True)
