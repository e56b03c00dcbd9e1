"""Which range can be run on what is stored, with the warm-up that a program needs before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.market.indicators import INDICATOR_WINDOW
from engine.periods import HOUR_MS

from ..database import Database
from .named_in_program import program_needs
from .stored_rows import stored_spans


@dataclass(frozen=True, slots=True)
class UsableRange:
    """The klines that all symbols have go from `first_ms` to `last_ms`; a run from `start_ms` on leaves the warm-up of
    the longest `period` that the program names out. All epoch ms.
    """

    first_ms: int
    last_ms: int
    start_ms: int
    period: str


def usable_range(
    database: Database, exchange: str, symbols: Sequence[str], base_period: str, code: str = ""
) -> UsableRange | None:
    """Return what can be run of these symbols, None where they have no klines in common.

    The warm-up is that of a whole window of indicators, or half of what is stored where that is less.
    """
    stored = stored_spans(database)
    spans = [span for symbol in symbols if (span := stored.get((exchange, symbol, base_period))) is not None]
    if not spans or len(spans) < len(symbols):
        return None
    first, last = max(each.first_ms for each in spans), min(each.end_ms for each in spans)
    if first >= last:
        return None
    needs = program_needs(code)
    warm_up = min(INDICATOR_WINDOW * needs.period_ms, (last - first) // 2)
    start = -(-(first + warm_up) // HOUR_MS) * HOUR_MS if warm_up else first
    return UsableRange(first, last, min(start, last - 1), needs.period)
