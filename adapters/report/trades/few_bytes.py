"""The columns of trades, marks and lines written as few bytes, for a page in a file: `few_bytes.js` undoes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Columns = Mapping[str, Sequence[Any]]

#: What the mark of a fill that closed a trade has as that trade has it, and its name there.
OF_TRADE = {"price": "exit_price", "size": "size", "pnl": "pnl", "trade_fee": "fee", "funding": "funding"}
#: To so many digits the rest is told: one more than is ever shown, or than a screen has dots.
_TOLD = {"size": 7, "fee": 7, "pnl": 7, "trade_fee": 7, "funding": 7}
_DRAWN = {"first": 8, "last": 8}


def in_few_bytes(items: Columns, marks: Columns, lines: Columns) -> dict[str, Any]:
    """Return the columns of trades (`items`), marks and lines with less in them: whole numbers as differences from
    those before, as "steps"; `True` in a mark where its trade has the same, under the name that `of_trade` says; `None`
    where a line ends at the price at which it begins; and numbers of marks and lines with the digits that they take.
    """
    shorter = dict(marks)
    for name, own in OF_TRADE.items():
        shorter[name] = [
            _or_same(value, None if trade is None or trade >= len(items[own]) else items[own][trade])
            for value, trade in zip(marks[name], marks["trade"], strict=True)
        ]
    last = [None if first == value else value for first, value in zip(lines["first"], lines["last"], strict=True)]
    return {
        "items": _written(items, {}),
        "marks": _written(shorter, _TOLD),
        "lines": _written({**lines, "last": last}, _DRAWN),
        "of_trade": OF_TRADE,
    }


def _or_same(value: Any, of_trade: Any) -> Any:
    return True if value is not None and value == of_trade else value


def _written(columns: Columns, digits: Mapping[str, int]) -> dict[str, Any]:
    return {
        name: _steps(column) or [with_digits(value, digits.get(name)) for value in column]
        for name, column in columns.items()
    }


def _steps(column: Sequence[Any]) -> dict[str, list[int | None]] | None:
    """Return whole numbers as differences from those before them; None where others are among them."""
    if not all(value is None or type(value) is int for value in column):
        return None
    steps, before = [], 0
    for value in column:
        steps.append(None if value is None else value - before)
        before = before if value is None else value
    return {"steps": steps}


def with_digits(value: Any, digits: int | None) -> Any:
    """Return a number with so many digits at most; anything else, and all where that is None, as it is."""
    return float(f"{value:.{digits}g}") if digits is not None and isinstance(value, float) else value
