"""A run as a picture: equity against buying and holding, drawdown, prices with its trades. Needs matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine import BacktestResult, MarketHistory, utc_text
from engine.market.series import FloatColumn, TimeColumn
from engine.result import FIGURES, sample_extremes

from ..output import dated, dress, log_if_wide, new_figure, save_figure, write_titles
from .figure_texts import unit_text
from .price_panel import draw_price, most_traded

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_POINTS = 2_000
#: So many symbols at most are compared with, and have their prices shown: those that were traded most.
_MOST_SYMBOLS = 3
_EQUITY, _LOSS, _RECORD = "#1f5fa8", "#c0392b", "#8e6bb8"
#: How high the panel of a price and that of a recorded series are, and how much of its name that bears.
_PRICE_INCHES, _RECORD_INCHES, _MOST_LABEL = 2.2, 1.3, 24
_HOLDING = ("#d98c1f", "#6b9e3f", "#8e6bb8")


def draw_equity(result: BacktestResult, market: MarketHistory, path: str | Path, title: str) -> None:
    """Draw equity and, of the three symbols that were traded most, the initial balance bought and held; the drawdown
    below, then the prices of these symbols with entries and exits, then each series that the program recorded; into a
    file.

    Curves are thinned to what can be seen; every extreme stays. Of many trades some are marked, and how many stands
    there. A scale is logarithmic where the highest value is more than four times the lowest. Raises `DataError` without
    matplotlib, for an unknown ending of the name, and when the file cannot be written.
    """
    save_figure(_figure(result, market, path, title), path)


def _figure(result: BacktestResult, market: MarketHistory, path: str | Path, title: str) -> Figure:
    figure = new_figure(path)
    names, symbols = list(result.records), most_traded(result, _MOST_SYMBOLS)
    figure.set_figheight(figure.get_figheight() + _PRICE_INCHES * len(symbols) + _RECORD_INCHES * len(names))
    ratios = (3.0, 1.0, *[1.5] * len(symbols), *[1.0] * len(names))
    above, below, *further = figure.subplots(len(ratios), 1, sharex=True, height_ratios=ratios)
    _draw_curve(above, result, market, symbols)
    _draw_drawdown(below, result)
    for axes, symbol in zip(further, symbols, strict=False):
        draw_price(axes, result, market, symbol)
    for axes, series in zip(further[len(symbols) :], result.records.values(), strict=True):
        shown = series.sampled(_MOST_POINTS)
        axes.plot(dated(shown.timestamp_ms), shown.value, color=_RECORD, linewidth=0.9)
    write_titles(above, title, _subtitle(result))
    prices = [f"{_label(symbol)} price" for symbol in symbols]
    dress((above, below, *further), ("equity (USD)", "drawdown (%)", *prices, *map(_label, names)))
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


def _draw_curve(axes: Axes, result: BacktestResult, market: MarketHistory, symbols: Sequence[str]) -> None:
    """Draw the equity, and the initial balance bought and held of some symbols; say how many have no line."""
    drawn = [result.equity.equity]
    for symbol, colour in zip(symbols, _HOLDING, strict=False):
        times, worth = _holding(result, market, symbol)
        if len(times):
            label = f"{symbol} bought and held"
            axes.plot(dated(times), worth, color=colour, linewidth=0.9, alpha=0.75, label=label, zorder=2)
            drawn.append(worth)
    keep = sample_extremes(result.equity.equity, _MOST_POINTS)
    dates, equity = dated(result.equity.timestamp_ms[keep]), result.equity.equity[keep]
    axes.plot(dates, equity, color=_EQUITY, linewidth=1.3, label="equity", zorder=3)
    missing = len(result.buy_and_hold_percent) - len(symbols)
    if missing:
        axes.plot([], [], " ", label=f"{missing} more symbol{'s' * (missing > 1)}, traded no more, not drawn")
    log_if_wide(axes, *drawn)


def _holding(result: BacktestResult, market: MarketHistory, symbol: str) -> tuple[TimeColumn, FloatColumn]:
    """Return what the initial balance is worth, bought at the first price and held, at times that show it."""
    base = market.symbols[symbol].base
    count = base.finished_at(result.equity.timestamp_ms)
    known = np.flatnonzero(count)
    if not len(known):
        return result.equity.timestamp_ms[:0], result.equity.equity[:0]
    prices = base.columns.close[count[known] - 1]
    keep = sample_extremes(prices, _MOST_POINTS)
    return result.equity.timestamp_ms[known[keep]], result.initial_balance * prices[keep] / prices[0]


def _draw_drawdown(axes: Axes, result: BacktestResult) -> None:
    peak = np.maximum.accumulate(result.equity.equity)
    drawdown = np.divide(-100.0 * result.equity.drawdown, peak, out=np.zeros(len(peak)), where=peak > 0.0)
    keep = sample_extremes(drawdown, _MOST_POINTS)
    dates = dated(result.equity.timestamp_ms[keep])
    axes.fill_between(dates, drawdown[keep], 0.0, color=_LOSS, alpha=0.25, linewidth=0)
    axes.plot(dates, drawdown[keep], color=_LOSS, linewidth=0.8)
    axes.set_ylim(top=0.0)
