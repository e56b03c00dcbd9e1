"""What the trades of each symbol, side and reason of exit brought, as the figures have it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine.result import FIGURES, parts_by

from .summary_table import SummaryTable

#: By what, and in words; of each part these figures.
_PARTS = {"symbol": ("By symbol", "Symbol"), "side": ("By side", "Side"), "exit_reason": ("By exit", "Exit by")}
_SHOWN = (
    "part total_trades winning_trades win_rate pnl avg_pnl avg_trade_percent profit_factor fees funding avg_holding_ms"
).split()
MOST_PARTS = 200


def part_tables(figures: Mapping[str, Any]) -> Iterator[SummaryTable]:
    """Yield a table for each thing that trades are parted by; of more than `MOST_PARTS` parts those that made or lost
    most.
    """
    rows, figure = figures.get("breakdown") or [], FIGURES["breakdown"]
    columns = [next(each for each in figure.columns if each.key == key) for key in _SHOWN]
    for by, (title, label) in _PARTS.items():
        found = parts_by(rows, by)
        most = sorted(found, key=lambda row: -abs(row["pnl"]))[:MOST_PARTS] if len(found) > MOST_PARTS else found
        lacking = not rows and bool(figures.get("total_trades"))
        meaning = "It is not stored with this result." if lacking else "Closed trades, one for each closing fill."
        heads = [replace(columns[0], label=label), *columns[1:]]
        yield SummaryTable(by, title, meaning, heads, most, len(found))
