"""The trades that made most, and those that lost most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import nlargest, nsmallest

from engine.result import FIGURES, Column, Unit

from .summary_table import Row, SummaryTable

MOST_OUTSTANDING = 5
_SHOWN = (
    "entry_timestamp exit_timestamp symbol side exit_reason pnl pnl_percent r_multiple mae_percent mfe_percent fee "
    "funding"
).split()
_NUMBER = Column("number", "#", Unit.COUNT, meaning="Its number in the order of exits")


def outstanding_trades(trades: Sequence[Row]) -> Iterator[SummaryTable]:
    """Yield the trades with the highest net PnL of those won, and with the lowest of those lost."""
    known = {each.key: each for each in FIGURES["trades"].columns}
    columns = [_NUMBER, *(known[key] for key in _SHOWN)]
    won = [place for place, each in enumerate(trades) if each["pnl"] > 0.0]
    lost = [place for place, each in enumerate(trades) if each["pnl"] < 0.0]
    for name, title, chosen, places in (
        ("best", "Best trades", nlargest(MOST_OUTSTANDING, won, key=lambda place: trades[place]["pnl"]), won),
        ("worst", "Worst trades", nsmallest(MOST_OUTSTANDING, lost, key=lambda place: trades[place]["pnl"]), lost),
    ):
        rows = [
            {"index": place, "number": place + 1, **{key: trades[place].get(key) for key in _SHOWN}} for place in chosen
        ]
        meaning = "By net PnL, USD; times in UTC. A row shows its trade."
        yield SummaryTable(name, title, meaning, columns, rows, len(places), opens_trade=True)
