"""The marks and lines of a range."""

from __future__ import annotations

from typing import Any

import numpy as np

from adapters.report.trades.mark_windows import lines_window, marks_window
from adapters.report.trades.trade_lines import lines_of
from adapters.report.trades.trade_marks import marks_of
from tests.support.many_trades import made_orders, made_trades

TRADES = made_trades(0, 10_000, 12)
ORDERS = made_orders(TRADES)
MARKS, LINES = marks_of(TRADES, (), {}, ORDERS), lines_of(TRADES, (), {}, ORDERS)


def times(found: dict[str, Any]) -> list[int]:
    return [*found["columns"]["time"]]


def test_a_range_is_inclusive_and_says_how_many_there_are() -> None:
    whole = marks_window(MARKS, 0, 10**9, 100)
    assert (whole["total"], whole["given"], len(times(whole))) == (24, 24, 24)
    assert sum(whole["kinds"].values()) == 24
    some = marks_window(MARKS, 10_000, 20_000, 2)
    assert (some["total"], some["given"], times(some)) == (3, 2, [10_000, 15_000])
    assert marks_window(MARKS, 10_000, 20_000, 9, "ETH")["total"] == 0
    exits = marks_window(MARKS, 0, 10**9, 100, "BTC", ["entry", "unheard of"])
    assert (exits["total"], exits["kinds"]) == (12, whole["kinds"])


def test_many_are_added_up_in_bars_and_few_are_not() -> None:
    assert marks_window(MARKS, 0, 10**9, 24, per=60_000)["per"] is None
    found = marks_window(MARKS, 0, 10**9, 23, per=60_000)
    assert (found["total"], found["given"], found["per"], times(found)) == (24, 24, 60_000, [])
    won = [trade["pnl"] for trade in TRADES]
    assert (
        found["bars"]
        == {
            "time": [-60_000, 0, 60_000],  # what is filled at the end of a bar is of that one
            "count": [1, 12, 11],
            "entries": [1, 6, 5],
            "exits": [0, 6, 6],
            "wins": [0, 4, 4],
            "losses": [0, 2, 2],
            "others": [0, 0, 0],
            "pnl": [0.0, sum(won[:6]), sum(won[6:])],
        }
    )
    at_open = {**MARKS, "at_open": np.ones(24, np.bool_)}
    assert marks_window(at_open, 0, 10**9, 23, per=60_000)["bars"]["count"] == [12, 12]


def test_lines_of_a_range_reach_into_it_and_those_of_a_trade_are_its_positions() -> None:
    found = lines_window(LINES, 12_000, 21_000, 1)
    assert (found["total"], found["given"], found["columns"]["start"]) == (2, 1, [10_000])
    own = lines_window(LINES, 0, 10**9, 9, trade=3)
    assert (own["total"], own["columns"]["trade"]) == (1, [3])
    assert lines_window(LINES, 0, 10**9, 9, trade=99)["total"] == 0
    assert lines_window(LINES, 0, 10**9, 9, "ETH")["total"] == 0
