"""All of a summary, from what is known of a result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from engine.market.series import FloatColumn, TimeColumn

from .best_and_worst import outstanding_trades
from .by_month import month_table
from .by_part import part_tables
from .by_words import word_tables
from .excursions_seen import excursion_points, excursion_tables
from .holding_times import duration_table
from .long_drawdowns import drawdown_table
from .summary_table import Row, SummaryTable


class ResultFacts(NamedTuple):
    """What a summary is made from: the trades in order of their exits, the figures by name, the curve (epoch ms, USD),
    and its daily marks: start, every 00:00 UTC, end.
    """

    trades: Sequence[Row]
    figures: Mapping[str, Any]
    curve: tuple[TimeColumn, FloatColumn]
    daily: tuple[TimeColumn, FloatColumn]


def summary_of(facts: ResultFacts) -> dict[str, Any]:
    """Return the tables of a summary in their order, and the points of its picture of excursions, as plain values."""
    return {"tables": [each.to_dict() for each in _tables(facts)], "excursions": excursion_points(facts.trades)}


def _tables(facts: ResultFacts) -> Iterator[SummaryTable]:
    yield month_table(*facts.daily)
    yield from part_tables(facts.figures)
    yield from word_tables(facts.trades)
    yield duration_table(facts.trades)
    yield from excursion_tables(facts.trades)
    yield from outstanding_trades(facts.trades)
    yield drawdown_table(*facts.curve)
