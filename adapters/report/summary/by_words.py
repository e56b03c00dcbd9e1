"""What the trades of each reason of entry and of each tag brought: words of the program."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from engine.result import FIGURES, trade_statistics

from .summary_table import Row, SummaryTable

#: By what, and in words; of each part these figures.
_WORDS = {"reason": ("By reason of entry", "Reason"), "tag": ("By tag of entry", "Tag")}
_SHOWN = "part total_trades winning_trades win_rate pnl avg_pnl profit_factor fees funding".split()
MOST_WORDS = 50


def word_tables(trades: Sequence[Row]) -> Iterator[SummaryTable]:
    """Yield a table for each kind of words in which trades differ; of more than `MOST_WORDS` those that made or lost
    most.
    """
    columns = [next(each for each in FIGURES["breakdown"].columns if each.key == key) for key in _SHOWN]
    for by, (title, label) in _WORDS.items():
        parts: dict[str, list[Row]] = defaultdict(list)
        for trade in trades:
            parts[str(trade.get(by) or "")].append(trade)
        if len(parts) < 2:
            continue
        rows = sorted((_part(name, of) for name, of in parts.items()), key=lambda row: -abs(row["pnl"]))
        heads = [replace(columns[0], label=label), *columns[1:]]
        meaning = "Closed trades, one for each closing fill, by what the program said as it entered."
        yield SummaryTable(by, title, meaning, heads, rows[:MOST_WORDS], len(rows))


def _part(name: str, trades: Sequence[Row]) -> Row:
    pnl = [each["pnl"] for each in trades]
    of = trade_statistics(pnl)
    return {
        "part": name or "none",
        **{each: of[each] for each in ("total_trades", "winning_trades", "win_rate", "profit_factor")},
        "pnl": sum(pnl),
        "avg_pnl": sum(pnl) / len(pnl),
        "fees": sum(each["fee"] for each in trades),
        "funding": sum(each["funding"] for each in trades),
    }
