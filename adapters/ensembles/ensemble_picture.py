"""Ensembles as pictures. Needs matplotlib."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.market.series import FloatColumn
from engine.result import FIGURES, Unit

from ..output import INK, add_legend, dated, dress, dress_panel, log_if_wide, new_figure, write_titles

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .break_even import CostLimits
    from .drawn_markets import MarketEnsemble
    from .later_starts import ShiftEnsemble
    from .spread import Spread

_REAL, _CHANCE, _LOSS = "#1f5fa8", "#d98c1f", "#c0392b"
_ZERO = "#8a8f98"
_BINS = 60
#: How high the panel of a cost is.
_COST_INCHES = 2.6
#: Fills between the outer and the inner quantiles.
_OUTER, _INNER = 0.18, 0.32


def band_figure(path: str | Path, title: str, ensemble: MarketEnsemble) -> Figure:
    """Return the picture of an ensemble of markets: the bands of its equity curves and of their drawdowns, with the
    real ones.
    """
    figure = new_figure(path)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3.0, 1.0))
    _draw_bands(above, ensemble, ensemble.bands, ensemble.real.curve)
    log_if_wide(above, *ensemble.bands.values(), ensemble.real.curve)
    falls = np.percentile(_falls(ensemble.curves), [float(name) for name in ensemble.bands], axis=0)
    _draw_bands(below, ensemble, dict(zip(ensemble.bands, falls, strict=True)), _falls(ensemble.real.curve))
    write_titles(above, title, _subtitle(ensemble.spreads["total_pnl_percent"]))
    dress((above, below), ("equity (USD)", "drawdown (%)"))
    return figure


def _draw_bands(axes: Axes, ensemble: MarketEnsemble, bands: Mapping[str, FloatColumn], real: FloatColumn) -> None:
    dates = dated(ensemble.times_ms)
    lowest, low, middle, high, highest = bands.values()
    names = [*bands]
    axes.fill_between(
        dates,
        lowest,
        highest,
        color=_CHANCE,
        alpha=_OUTER,
        linewidth=0,
        label=f"{names[0]} to {names[-1]} % of markets",
    )
    axes.fill_between(dates, low, high, color=_CHANCE, alpha=_INNER, linewidth=0, label=f"{names[1]} to {names[-2]} %")
    axes.plot(dates, middle, color=_CHANCE, linewidth=1.1, label="median")
    axes.plot(dates, real, color=_REAL, linewidth=1.4, label="the recorded market")


def _falls(curves: FloatColumn) -> FloatColumn:
    """Return how far curves are below their peaks so far, in percent, negative."""
    peaks = np.maximum.accumulate(curves, axis=-1)
    falls: FloatColumn = np.divide(100.0 * (curves - peaks), peaks, out=np.zeros(curves.shape), where=peaks > 0.0)
    return falls


def _subtitle(spread: Spread) -> str:
    real, place, *quantiles = spread.cells[1:]
    low, _, middle, _, high = quantiles
    return f"{spread.title}: real {real}, above {place} of them   5 % {low}   median {middle}   95 % {high}"


def spread_figure(path: str | Path, title: str, spreads: Sequence[Spread]) -> Figure:
    """Return a picture of how figures spread, each with the real one."""
    figure = new_figure(path)
    panels = figure.subplots(len(spreads), 1)
    for axes, spread in zip(panels, spreads, strict=True):
        axes.hist(spread.values, bins=_BINS, color=_CHANCE, alpha=0.55)
        for place, value in enumerate(spread.quantiles.values()):
            if value is not None:
                axes.axvline(value, color=_CHANCE, linewidth=1.6 if place == 2 else 0.9, linestyle="--")
        if spread.real is not None:
            axes.axvline(spread.real, color=_REAL, linewidth=1.8, label="as it was")
        dress_panel(axes, "paths", spread.title)
        add_legend(axes)
    write_titles(panels[0], title, "dashed: the 5, 25, 50, 75 and 95 % quantiles")
    return figure


def shift_figure(path: str | Path, title: str, ensemble: ShiftEnsemble) -> Figure:
    """Return a picture of return, drawdown and Sharpe ratio over how much later a run begins."""
    names = ("total_pnl_percent", "max_drawdown_percent", "sharpe_ratio")
    figure = new_figure(path)
    panels = figure.subplots(len(names), 1, sharex=True)
    done = ensemble.done
    hours = np.array([each.number for each in done]) * ensemble.interval_ms / 3_600_000.0
    for axes, name in zip(panels, names, strict=True):
        values = np.array([np.nan if each.figures[name] is None else each.figures[name] for each in done], np.float64)
        axes.plot(hours, values, "o-", color=_CHANCE, markersize=3, linewidth=0.9, label="begun later")
        real = ensemble.real.figures[name]
        if real is not None:
            axes.axhline(real, color=_REAL, linewidth=1.4, label="as it was")
        unit = " (%)" if FIGURES[name].unit is Unit.PERCENT else ""
        dress_panel(axes, f"{FIGURES[name].title}{unit}")
    panels[-1].set_xlabel("begun later by (hours)", fontsize=9, color=INK)
    add_legend(panels[0])
    write_titles(panels[0], title, _subtitle(ensemble.spreads["total_pnl_percent"]))
    return figure


def cost_figure(path: str | Path, title: str, ensemble: CostLimits) -> Figure:
    """Return a picture of net PnL over each cost, from nothing to somewhat beyond its break-even."""
    figure = new_figure(path)
    figure.set_figheight(_COST_INCHES * len(ensemble.limits))
    panels = figure.subplots(len(ensemble.limits), 1, squeeze=False)[:, 0]
    for axes, (name, limit) in zip(panels, ensemble.limits.items(), strict=True):
        most = max(limit.runs) if limit.break_even is None else 1.25 * max(limit.break_even, limit.now)
        points = np.array([each for each in limit.points if each[0] <= most])
        axes.plot(points[:, 0], points[:, 1], "o-", color=_CHANCE, markersize=3, linewidth=1.0)
        axes.axhline(0.0, color=_ZERO, linewidth=0.8)
        axes.axvline(limit.now, color=_REAL, linewidth=1.4, label=f"now {limit.cost.text(limit.now)}")
        if limit.break_even is not None:
            axes.axvline(limit.break_even, color=_LOSS, linewidth=1.2, label=f"break-even {limit.verdict}")
        else:
            axes.plot([], [], " ", label=limit.verdict)
        if limit.break_even is None:
            axes.set_xscale("symlog", linthresh=limit.cost.steps[1])
        dress_panel(axes, "net PnL (USD)", f"{name} ({limit.cost.unit})")
        add_legend(axes)
    write_titles(panels[0], title, "each alone, the others as they are")
    return figure
