"""How the figure of a condition is spread, against the triggers that the same thresholds have."""

from __future__ import annotations

import math

import pytest

from engine import ConfigurationError, SignalPool, SymbolHistory, parse_condition
from engine.periods import DAY_MS
from engine.signals import detect, distribution
from tests.support.klines import START_MS, random_klines

END_MS = START_MS + 3 * DAY_MS


@pytest.fixture(scope="module")
def history() -> SymbolHistory:
    return SymbolHistory("BTC", random_klines(3 * 1440))


def test_a_level_fires_as_often_as_a_pool_with_its_threshold(history: SymbolHistory) -> None:
    condition = parse_condition({"metric": "indicator:RSI14", "operator": "<", "threshold": 40, "time_window": "5m"})
    found = distribution(condition, history, START_MS, END_MS)
    assert found.present is not None
    for level in (found.present, *found.levels):
        pool = SignalPool.of(condition.with_threshold(level.threshold))
        assert level.per_day == pytest.approx(len(detect(pool, history, START_MS, END_MS).triggers) / 3)
    thresholds = [level.threshold for level in found.levels]
    assert thresholds == sorted(thresholds)  # of "below" the rarest is the lowest
    assert sum(found.counts) == found.check_points - found.undefined
    assert len(found.edges) == len(found.counts) + 1
    assert [share for share, _ in found.quantiles] == sorted(share for share, _ in found.quantiles)
    assert found.bounds == (40,)


@pytest.mark.parametrize(
    ("more", "bounds"),
    [
        ({"metric": "cvd", "operator": "abs_gt", "threshold": 5.0}, (-5.0, 5.0)),
        ({"metric": "cvd", "operator": ">", "threshold": 5.0}, (5.0,)),
        ({"metric": "taker_volume", "direction": "sell", "ratio_threshold": 2.0}, (-math.log(2),)),
        ({"metric": "macd", "event_types": ["golden_cross"]}, ()),
    ],
)
def test_a_threshold_stands_where_its_figure_is(more: dict[str, object], bounds: tuple[float, ...]) -> None:
    assert parse_condition(more).bounds == pytest.approx(bounds)


def test_what_has_no_threshold_has_a_spread_without_levels(history: SymbolHistory) -> None:
    found = distribution(
        parse_condition({"metric": "macd", "event_types": ["golden_cross"], "time_window": "15m"}),
        history, START_MS, END_MS,
    )  # fmt: skip
    assert (found.present, found.levels) == (None, ())
    assert sum(found.counts) > 0


def test_what_has_no_value_says_why(history: SymbolHistory) -> None:
    condition = parse_condition({"metric": "cvd", "operator": ">", "threshold": 0})
    with pytest.raises(ConfigurationError, match="no value in the range: cvd needs 15-second rows"):
        distribution(condition, history, START_MS, END_MS)
