"""What luck would have done: the curves of an ensemble as bands, with the real one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine import DataError
from engine.market.series import FloatColumn, TimeColumn
from engine.result import sample_extremes

from ..output import WIDE
from .shapes import BEST, BLUE, Area, Picture, Plot, Scale, Scene, Trace, Words, brief

if TYPE_CHECKING:
    import pandas

#: The bands, in percent of the curves that are lower.
LEVELS = (5.0, 25.0, 50.0, 75.0, 95.0)
_AREA = Area(84, 84, 800, 470)
#: Times at which bands are drawn, and single curves.
_MOST_POINTS, _MOST_CURVES = 600, 60
_OUTER, _INNER = "#0072b224", "#0072b24d"


def draw_equity_fan(
    title: str,
    timestamp_ms: TimeColumn,
    curves: npt.NDArray[np.float64],
    real: FloatColumn | None = None,
    x_label: str = "time (UTC)",
) -> Picture:
    """Return the bands between 5, 25, 50, 75 and 95 % of curves (a row each, USD) at each time (epoch ms), some of the
    curves thin, and the real curve at the same times. With another `x_label` the times are plain numbers, such as those
    of trades. A scale is logarithmic where the highest value is more than four times the lowest. Raises `DataError` for
    no curves, and where lengths do not fit.
    """
    lengths = {len(timestamp_ms), curves.shape[-1], len(timestamp_ms if real is None else real)}
    if curves.ndim != 2 or not curves.size or len(lengths) > 1:
        raise DataError("a fan needs a row for each curve, and of each and of the real one a value at each time")
    keep = np.unique(np.linspace(0, len(timestamp_ms) - 1, _MOST_POINTS).round().astype(np.int64))
    bands = np.percentile(curves[:, keep], LEVELS, axis=0)
    scene = Scene(f"{len(curves):,} curves: bands of 5, 25, 50, 75 and 95 %", 900, 536)
    ends = ", ".join(f"{level:.0f} % {brief(end)}" for level, end in zip(LEVELS, bands[:, -1].tolist(), strict=True))
    end_of_real = "" if real is None else f"; real {brief(float(real[-1]))}"
    scene.write_titles(title, [scene.name, f"at the end (USD): {ends}{end_of_real}"])
    times = timestamp_ms[keep].astype(np.float64)
    thin = curves[np.linspace(0, len(curves) - 1, min(_MOST_CURVES, len(curves))).round().astype(np.int64)]
    shown = [curves[:, keep], *([] if real is None else [real])]
    low, high = min(float(each.min()) for each in shown), max(float(each.max()) for each in shown)
    is_time = x_label == "time (UTC)"
    x = Scale.of(times, is_time=is_time) if is_time else Scale(float(times[0]), float(times[-1]))
    plot = Plot(scene, _AREA, x, Scale.of(*shown, is_log=low > 0.0 and high > WIDE * low))
    plot.draw_axes(x_label, "equity (USD)")
    for curve in thin:
        scene.add(Trace(plot.places(times, curve[keep]), BLUE, 0.5, 0.18))
    _draw_bands(plot, times, bands)
    if real is not None:
        at = sample_extremes(real, 2 * _MOST_POINTS)
        scene.add(Trace(plot.places(timestamp_ms[at].astype(np.float64), real[at]), BEST, 1.8))
    _name_ends(plot, times, bands, real)
    return Picture(scene, partial(_frame, timestamp_ms, curves, real, is_time))


def _draw_bands(plot: Plot, times: FloatColumn, bands: npt.NDArray[np.float64]) -> None:
    for low, high, fill in ((0, 4, _OUTER), (1, 3, _INNER)):
        upper, lower = plot.places(times, bands[high]), plot.places(times, bands[low])
        plot.scene.add(Trace(np.concatenate((upper, lower[::-1])), None, fill=fill))
    plot.scene.add(Trace(plot.places(times, bands[2]), BLUE, 1.6))


def _name_ends(plot: Plot, times: FloatColumn, bands: npt.NDArray[np.float64], real: FloatColumn | None) -> None:
    """Write what each curve is beside its end, one below the other."""
    named = [(f"{level:.0f} %", float(band[-1])) for level, band in zip(LEVELS, bands, strict=True)]
    named += [] if real is None else [("real", float(real[-1]))]
    highest = np.inf
    spots = [(plot.places(times[-1:], np.array([value]))[0, 1], text) for text, value in named]
    for y, text in sorted(spots, reverse=True):
        highest = min(float(y), highest - 13)
        plot.scene.add(Words(plot.area.right + 8, highest, text, 10, is_bold=text == "real"))


def _frame(
    timestamp_ms: TimeColumn, curves: npt.NDArray[np.float64], real: FloatColumn | None, is_time: bool
) -> pandas.DataFrame:
    import pandas

    index = pandas.to_datetime(timestamp_ms, unit="ms", utc=True) if is_time else pandas.Index(timestamp_ms)
    bands = np.percentile(curves, LEVELS, axis=0)
    columns = {f"{level:.0f} %": band for level, band in zip(LEVELS, bands, strict=True)}
    return pandas.DataFrame({**columns, **({} if real is None else {"real": real})}, index=index)
