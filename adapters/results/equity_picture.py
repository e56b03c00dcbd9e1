"""The equity of a run as a picture: against buying and holding, with the drawdown below. Needs matplotlib."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine import BacktestResult, MarketHistory, utc_text
from engine.result import FIGURES, sample_extremes

from ..output import INK, dated, dress, new_figure, save_figure, write_titles
from .figure_texts import unit_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_POINTS = 2_000
_MOST_MARKED_TRADES = 40
_EQUITY, _LOSS, _RECORD = "#1f5fa8", "#c0392b", "#8e6bb8"
#: How high the panel of a recorded series is, and how much of its name it bears.
_RECORD_INCHES, _MOST_LABEL = 1.3, 24
_HOLDING = ("#d98c1f", "#6b9e3f", "#8e6bb8", "#4aa3a3", "#b5838d", "#7d8597")


def draw_equity(result: BacktestResult, market: MarketHistory, path: str | Path, title: str) -> None:
    """Draw equity and, for each symbol, the initial balance bought and held, with the drawdown and each series that the
    program recorded below, into a file.

    The curve is thinned to what can be seen; every extreme stays. Entries and exits are marked where they are few.
    Raises `DataError` without matplotlib, for an unknown ending of the name, and when the file cannot be written.
    """
    save_figure(_figure(result, market, path, title), path)


def _figure(result: BacktestResult, market: MarketHistory, path: str | Path, title: str) -> Figure:
    figure = new_figure(path)
    names = list(result.records)
    figure.set_figheight(figure.get_figheight() + _RECORD_INCHES * len(names))
    above, below, *further = figure.subplots(2 + len(names), 1, sharex=True, height_ratios=(3, *[1] * (1 + len(names))))
    keep = sample_extremes(result.equity.equity, _MOST_POINTS)
    times = result.equity.timestamp_ms[keep]
    _draw_holding(above, result, market)
    above.plot(dated(times), result.equity.equity[keep], color=_EQUITY, linewidth=1.3, label="equity", zorder=3)
    _mark_trades(above, result)
    _draw_drawdown(below, result)
    for axes, series in zip(further, result.records.values(), strict=True):
        shown = series.sampled(_MOST_POINTS)
        axes.plot(dated(shown.timestamp_ms), shown.value, color=_RECORD, linewidth=0.9)
    write_titles(above, title, _subtitle(result))
    dress((above, below, *further), ("equity (USD)", "drawdown (%)", *map(_label, names)))
    return figure


def _label(name: str) -> str:
    """Return the name of a series as it stands beside its panel: as text, no formula."""
    short = name[:_MOST_LABEL] + "..." * (len(name) > _MOST_LABEL)
    return short.replace("$", r"\$")


def _subtitle(result: BacktestResult) -> str:
    names = ("total_pnl", "total_pnl_percent", "sharpe_ratio", "max_drawdown_percent", "total_trades")
    net, percent, sharpe, fall, trades = (
        unit_text(FIGURES[name].unit, getattr(result, name), bool(FIGURES[name].sign)) for name in names
    )
    return (
        f"{utc_text(result.start_time)[:10]} to {utc_text(result.end_time)[:10]}   "
        f"net PnL {net} USD ({percent})   Sharpe {sharpe}   largest drawdown {fall}   {trades} trades"
    )


def _draw_holding(axes: Axes, result: BacktestResult, market: MarketHistory) -> None:
    """Draw the initial balance, bought at the first price and held, for each of the first symbols."""
    for symbol, colour in zip(result.buy_and_hold_percent, _HOLDING, strict=False):
        base = market.symbols[symbol].base
        count = base.finished_at(result.equity.timestamp_ms)
        known = np.flatnonzero(count)
        if len(known):
            prices = base.columns.close[count[known] - 1]
            keep = sample_extremes(prices, _MOST_POINTS)
            dates, worth = dated(result.equity.timestamp_ms[known[keep]]), prices[keep] / prices[0]
            axes.plot(
                dates,
                result.initial_balance * worth,
                color=colour,
                linewidth=0.9,
                alpha=0.75,
                label=f"{symbol} bought and held",
                zorder=2,
            )
    if len(result.buy_and_hold_percent) > len(_HOLDING):
        axes.plot([], [], " ", label=f"and {len(result.buy_and_hold_percent) - len(_HOLDING)} symbols more")


def _mark_trades(axes: Axes, result: BacktestResult) -> None:
    if not 0 < len(result.trades) <= _MOST_MARKED_TRADES:
        return
    marks = (
        ("long entry", "^", "#2e8b57", [trade.entry_timestamp for trade in result.trades if trade.side == "long"]),
        ("short entry", "v", _LOSS, [trade.entry_timestamp for trade in result.trades if trade.side == "short"]),
        ("exit", "x", INK, [trade.exit_timestamp for trade in result.trades]),
    )
    for label, marker, colour, when in marks:
        if when:
            times = np.unique(np.array(when, np.int64))
            places = np.searchsorted(result.equity.timestamp_ms, times)
            equity = result.equity.equity[np.minimum(places, len(result.equity) - 1)]
            axes.scatter(dated(times), equity, marker=marker, s=26, color=colour, linewidths=1.1, label=label, zorder=4)


def _draw_drawdown(axes: Axes, result: BacktestResult) -> None:
    peak = np.maximum.accumulate(result.equity.equity)
    drawdown = np.divide(-100.0 * result.equity.drawdown, peak, out=np.zeros(len(peak)), where=peak > 0.0)
    keep = sample_extremes(drawdown, _MOST_POINTS)
    dates = dated(result.equity.timestamp_ms[keep])
    axes.fill_between(dates, drawdown[keep], 0.0, color=_LOSS, alpha=0.25, linewidth=0)
    axes.plot(dates, drawdown[keep], color=_LOSS, linewidth=0.8)
    axes.set_ylim(top=0.0)
