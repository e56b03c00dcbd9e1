"""Trades, marks and lines as few bytes, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.report.trades.few_bytes import in_few_bytes

ITEMS = {
    "index": [0, 1], "exit_price": [101.5, 99.25], "size": [0.123456789, 2.0], "pnl": [1.25, -3.5], "fee": [0.5, 0.0],
    "funding": [None, -0.125], "exit_timestamp": [7_000, 9_000], "reason": ["a", "b"],
}  # fmt: skip
MARKS = {
    "time": [5_000, 7_000, 9_000, 9_000], "trade": [0, 0, 1, None], "price": [100.0, 101.5, 99.25, None],
    "size": [0.123456789, 0.123456789, 2.0, None], "pnl": [None, 1.25, -3.5, None], "fee": [0.123456789] * 4,
    "trade_fee": [None, 0.5, 0.0, None], "funding": [None, None, -0.125, None],
    "kind": ["entry", "tp", "sl", "rejected"],
}  # fmt: skip
LINES = {"start": [5_000, 5_000], "end": [7_000, 9_000], "first": [100.0, 90.123456789], "last": [101.5, 90.123456789]}


def undone(found: dict[str, Any]) -> dict[str, dict[str, Sequence[Any]]]:
    """What few_bytes.js makes of it, slowly."""
    columns = {
        part: {name: _summed(each) for name, each in found[part].items()} for part in ("items", "marks", "lines")
    }
    items, marks, lines = columns.values()
    for name, own in found["of_trade"].items():
        pairs = zip(marks[name], marks["trade"], strict=True)
        marks[name] = [items[own][trade] if value is True else value for value, trade in pairs]
    pairs = zip(lines["first"], lines["last"], strict=True)
    lines["last"] = [first if last is None else last for first, last in pairs]
    return columns


def _summed(column: Any) -> list[Any]:
    if isinstance(column, list):
        return column
    found, total = [], 0
    for step in column["steps"]:
        total += step or 0
        found.append(None if step is None else total)
    return found


def test_nothing_is_lost_but_digits_that_nobody_sees() -> None:
    found = in_few_bytes(ITEMS, MARKS, LINES)
    assert found["marks"]["time"] == {"steps": [5_000, 2_000, 2_000, 0]}
    assert found["marks"]["trade"] == {"steps": [0, 0, 1, None]}
    assert found["marks"]["pnl"] == [None, True, True, None]
    assert found["marks"]["price"] == [100.0, True, True, None]
    assert found["lines"]["last"] == [101.5, None]
    back = undone(found)
    assert back["items"] == ITEMS
    assert back["marks"] == {**MARKS, "fee": [0.1234568] * 4}
    assert back["lines"] == {**LINES, "first": [100.0, 90.123457], "last": [101.5, 90.123457]}


def test_a_mark_of_a_trade_that_is_not_there_keeps_what_it_has() -> None:
    marks = {name: column[:1] for name, column in MARKS.items()} | {"trade": [5]}
    assert undone(in_few_bytes(ITEMS, marks, LINES))["marks"]["price"] == [100.0]
