"""The rows that a journal names, looked up in their market."""

from __future__ import annotations

import numpy as np

from adapters.explanations.values_of_rows import row_values
from engine import FlowHistory, MarketHistory, SymbolHistory, TimedValues
from tests.support.runs import MINUTE, START, klines

TIMES = START + np.array([5, 10]) * MINUTE
SERIES = TimedValues(TIMES, np.array([1.5, 2.5]))
MARKET = MarketHistory(
    [
        SymbolHistory(
            "X",
            klines((1, 4, 1, 2, 7), *[3.0] * 120),
            flow=FlowHistory(mark_price=SERIES, funding_rate=SERIES),
            mark_klines=klines((5, 6, 4, 5), 5),
            features={"mood": SERIES},
        )
    ]
)


def test_each_table_has_its_columns() -> None:
    first = {"open": 1.0, "high": 4.0, "low": 1.0, "close": 2.0, "volume": 7.0}
    assert row_values(MARKET, ["klines", "X", START]) == first
    assert row_values(MARKET, ["klines 1h", "X", START])["high"] == 4.0
    assert row_values(MARKET, ["mark_klines", "X", START])["high"] == 6.0
    for table in ("marks", "funding", "feature mood"):
        assert row_values(MARKET, [table, "X", START + 10 * MINUTE]) == {"value": 2.5}


def test_what_is_not_there_has_no_values() -> None:
    for row in (
        None,
        ["klines", "Y", START],
        ["klines", "X", START + 1],
        ["klines", "X", START + 10_000 * MINUTE],
        ["klines 7h", "X", START],
        ["feature other", "X", START],
        ["trades", "X", START],
        ["unheard of", "X", START],
    ):
        assert row_values(MARKET, row) == {}
    assert row_values(None, ["klines", "X", START]) == {}
