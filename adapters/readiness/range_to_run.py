"""Which range can be run on what is stored, with the warm-up that a program needs before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..database import Database
from .named_in_program import program_needs
from .stored_rows import stored_spans


@dataclass(frozen=True, slots=True)
class UsableRange:
    """The klines that all symbols have go from `first_ms` to `last_ms`; from `start_ms` on the indicator that takes the
    most of them is defined, as `needs` says ("": the program names none). Where they are too few for that, a run can
    begin with them. All epoch ms.
    """

    first_ms: int
    last_ms: int
    start_ms: int
    needs: str


def usable_range(
    database: Database, exchange: str, symbols: Sequence[str], base_period: str, code: str = ""
) -> UsableRange | None:
    """Return what can be run of these symbols, None where they have no klines in common. It begins where `readiness`
    has no remark on the start.
    """
    stored = stored_spans(database)
    spans = [span for symbol in symbols if (span := stored.get((exchange, symbol, base_period))) is not None]
    if not spans or len(spans) < len(symbols):
        return None
    first, last = max(each.first_ms for each in spans), min(each.end_ms for each in spans)
    if first >= last:
        return None
    needs = program_needs(code)
    ready = first + needs.least_ms
    return UsableRange(first, last, ready if ready < last else first, needs.warm_up)
