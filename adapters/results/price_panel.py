"""The price of a symbol in a picture, with where its trades began and ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from engine import BacktestResult, BacktestTradeRecord, MarketHistory
from engine.result import sample_extremes

from ..output import INK, dated, log_if_wide

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_POINTS = 2_000
#: Of more trades in a panel so many are marked.
_MOST_MARKED = 60
#: Where in its part of the trades a marked one stands, which moves on by so much of it: with a fixed step a program
#: that goes long and short by turns would be shown on one side only.
_MOVES = 0.618034
_PRICE, _LONG, _SHORT = "#8a8f98", "#2e8b57", "#c0392b"


class _Mark(NamedTuple):
    """Where something was filled: epoch ms and price."""

    at: int
    price: float


def most_traded(result: BacktestResult, most: int) -> list[str]:
    """Return at most so many of a run's symbols: those with the most closed trades, first those named first."""
    symbols = list(result.buy_and_hold_percent)
    counts = dict.fromkeys(symbols, 0)
    for trade in result.trades:
        counts[trade.symbol] += 1
    return sorted(symbols, key=lambda symbol: -counts[symbol])[:most]


def draw_price(axes: Axes, result: BacktestResult, market: MarketHistory, symbol: str) -> None:
    """Draw the price of a symbol over a run, with its entries and exits; where these are many, some of them, and how
    many that is stands above.
    """
    columns = market.symbols[symbol].base.columns
    first, stop = np.searchsorted(columns.open_ms, [result.start_time, result.end_time]).tolist()
    within = columns.slice(first, stop)
    if len(within):
        keep = np.union1d(sample_extremes(within.high, _MOST_POINTS), sample_extremes(within.low, _MOST_POINTS))
        times = dated(within.open_ms[keep] + within.period_ms)
        axes.fill_between(times, within.low[keep], within.high[keep], color=_PRICE, alpha=0.35, linewidth=0)
        axes.plot(times, within.close[keep], color=_PRICE, linewidth=0.9)
        log_if_wide(axes, within.low, within.high)
    trades = [trade for trade in result.trades if trade.symbol == symbol]
    shown = _spread(trades)
    _mark(axes, shown, [each for each in result.open_positions if each["symbol"] == symbol])
    axes.set_title(_said(symbol, len(trades), len(shown)), loc="left", fontsize=8, color=INK)


def _spread(trades: Sequence[BacktestTradeRecord]) -> Sequence[BacktestTradeRecord]:
    """Return at most so many trades as can be marked, spread evenly over all of them."""
    if len(trades) <= _MOST_MARKED:
        return trades
    part = len(trades) / _MOST_MARKED
    return [trades[int((place + place * _MOVES % 1.0) * part)] for place in range(_MOST_MARKED)]


def _said(symbol: str, count: int, shown: int) -> str:
    if shown == count:
        return f"{symbol}: {count:,} closed trade{'s' * (count != 1)}"
    return f"{symbol}: {shown:,} of {count:,} closed trades are marked, spread evenly"


def _mark(axes: Axes, trades: Sequence[BacktestTradeRecord], held: Sequence[dict[str, object]]) -> None:
    """Mark entries and exits of trades, and the entries of what is still held."""
    entries: dict[str, set[_Mark]] = {"long": set(), "short": set()}
    for trade in trades:  # a position that was closed in parts has one entry
        entries[trade.side].add(_Mark(trade.entry_timestamp, trade.entry_price))
    for each in held:
        entries[str(each["side"])].add(_Mark(int(str(each["opened_at"])), float(str(each["entry_price"]))))
    exits = {_Mark(trade.exit_timestamp, trade.exit_price) for trade in trades}
    kinds = (
        ("long entry", "^", _LONG, entries["long"]),
        ("short entry", "v", _SHORT, entries["short"]),
        ("exit", "x", INK, exits),
    )
    for label, marker, colour, marks in kinds:
        if marks:
            times, prices = zip(*sorted(marks), strict=True)
            dates = dated(np.array(times, np.int64))
            axes.scatter(dates, prices, marker=marker, s=22, color=colour, linewidths=1.0, label=label, zorder=4)
    if axes.collections and axes.get_legend_handles_labels()[0]:
        axes.legend(loc="best", fontsize=8, framealpha=0.85, edgecolor="none", ncols=3)
