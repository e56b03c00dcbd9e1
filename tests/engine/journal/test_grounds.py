"""The rows that justify what a journal tells."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine import (
    FlowHistory,
    IndicatorCondition,
    MarketHistory,
    SignalDefinition,
    SignalPool,
    SymbolHistory,
    TimedValues,
    TradeRows,
    parse_condition,
)
from engine.signals import Condition
from processes import PoolSource
from tests.support.journals import recorded
from tests.support.runs import MINUTE, START, buy, walk

MINUTES = 600


def history() -> MarketHistory:
    times = START + 15_000 * np.arange(1, 4 * MINUTES)
    size = 1.0 + np.sin(np.arange(len(times)) / 40)
    rows = TradeRows(times, size, 2 - size, size * 100, (2 - size) * 100, *(np.full(len(times), 100.0),) * 3)
    mood = TimedValues(START + 7 * MINUTE * np.arange(1, 80), np.arange(79) % 9.0)
    return MarketHistory([SymbolHistory("X", walk(MINUTES, 3), flow=FlowHistory(rows), features={"mood": mood})])


CONDITIONS: list[tuple[Condition, str, int]] = [
    (IndicatorCondition("indicator:RSI14", "<", 45.0, "3m"), "klines 3m", 3 * MINUTE),
    (IndicatorCondition("indicator:RSI14", "<", 45.0, "1m"), "klines", MINUTE),
    (
        parse_condition({"metric": "macd", "event_types": ["golden_cross"], "time_window": "5m"}),
        "klines 5m",
        5 * MINUTE,
    ),
    (parse_condition({"metric": "feature:mood", "operator": ">", "threshold": 5.0}), "feature mood", 0),
    (parse_condition({"metric": "cvd", "operator": ">", "threshold": 1.0, "time_window": "5m"}), "trades", 0),
]


@pytest.mark.parametrize(("condition", "table", "period_ms"), CONDITIONS)
def test_a_signal_names_the_newest_row_that_it_has_seen(condition: Condition, table: str, period_ms: int) -> None:
    pool = SignalPool(4, "pool", (SignalDefinition(1, "signal", condition),), ("X",))
    source, fields = PoolSource(pool), {"signal_pool_ids": [4], "scheduled_interval": None}
    told = recorded(history(), {}, MINUTES - 1, signals=[source], **fields)
    found = told.all("trigger", rule="signal-pool")
    assert len(found) > 1
    for each in found:
        named, symbol, at = each["row"]
        assert (named, symbol) == (table, "X")
        assert 0 <= each["at"] - (at + period_ms) < max(period_ms, 7 * MINUTE)
        assert each["pool"] == {"id": 4, "logic": "OR", "name": "pool"}
        assert each["signals"][0]["signal_name"] == "signal"


@pytest.mark.parametrize(
    ("stamps", "settled", "row"),
    [
        ([60 * MINUTE + 79, 120 * MINUTE + 5], 60 * MINUTE, 60 * MINUTE + 79),
        ([(16 + 15 * n) * MINUTE for n in range(8)], 60 * MINUTE, 46 * MINUTE),
    ],
    ids=["stamped late", "sampled"],
)
def test_funding_names_the_row_of_its_rate(stamps: list[int], settled: int, row: int) -> None:
    rates = TimedValues(START + np.array(stamps), np.linspace(1e-4, 2e-4, len(stamps)))
    market = MarketHistory([SymbolHistory("X", walk(130, 3), flow=FlowHistory(funding_rate=rates))])
    told = recorded(market, {1: buy()}, 100, funding_interval="1h")
    paid: dict[str, Any] = told.all("funding")[0]
    assert (paid["at"], paid["row"]) == (START + settled, ["funding", "X", START + row])
    place = rates.timestamp_ms.tolist().index(START + row)
    assert paid["rate"] == rates.value[place]
