"""The market of a run with faults: as it is, and as the program is told of it. What is not touched is not copied."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from ..faults import FaultPlan, Span
from ..market import MarketHistory, SymbolHistory
from .lost_rows import delisted, dropped, duplicated
from .market_shocks import crashed, spiked, stale_marked, with_funding_spike

#: Changes a history in a span of time; returns it with how many rows that concerns.
Change = Callable[[SymbolHistory, FaultPlan, Span], tuple[SymbolHistory, int]]

_CHANGES: Mapping[str, Change] = {
    "flash_crash": crashed,
    "wick": spiked,
    "funding_spike": with_funding_spike,
    "dropped_data": dropped,
    "duplicated_data": duplicated,
    "delisting": delisted,
}


class ChangedMarkets(NamedTuple):
    """The market `as_it_is`, the same `as_told` to the program, and how many rows each fault has touched in each of its
    spans, by its name, the start of the span and the symbol.
    """

    as_it_is: MarketHistory
    as_told: MarketHistory
    touched: Mapping[tuple[str, int, str], int]


def changed_markets(market: MarketHistory, plans: Sequence[FaultPlan], mark_stale_ms: int) -> ChangedMarkets:
    """Return the market with what faults do to it, in the order of the plans; the given one stays as it is. A mark is
    fresh for `mark_stale_ms`.
    """
    touched: dict[tuple[str, int, str], int] = {}
    real = [each for each in plans if each.fault.changes_market]
    told = [each for each in plans if each.fault.changes_sight]
    changes: Mapping[str, Change] = {**_CHANGES, "stale_mark": partial(stale_marked, mark_stale_ms=mark_stale_ms)}
    as_it_is = _changed(market, real, changes, touched)
    return ChangedMarkets(as_it_is, _changed(as_it_is, told, changes, touched), touched)


def _changed(
    market: MarketHistory,
    plans: Sequence[FaultPlan],
    changes: Mapping[str, Change],
    touched: dict[tuple[str, int, str], int],
) -> MarketHistory:
    symbols = dict(market.symbols)
    for plan in plans:
        for span in plan.spans:
            for symbol in filter(symbols.__contains__, plan.symbols):
                symbols[symbol], count = changes[plan.kind](symbols[symbol], plan, span)
                touched[plan.name, span.start_ms, symbol] = count
    if all(symbols[name] is market.symbols[name] for name in symbols):
        return market
    return MarketHistory(symbols, market.regime, remarks=market.remarks)
