"""What luck would have done: the curves of an ensemble as bands, with the real one, and how far they fall."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from engine import DataError
from engine.market.series import FloatColumn, TimeColumn
from engine.plain_values import counted
from engine.result import sample_extremes

from ..output import WIDE
from .shapes import BEST, BLUE, Area, Picture, Plot, Scale, Scene, Trace, Words, brief

if TYPE_CHECKING:
    import pandas

#: The bands, in percent of the curves that are lower.
LEVELS = (5.0, 25.0, 50.0, 75.0, 95.0)
_ABOVE, _BELOW = Area(84, 100, 800, 450), Area(84, 470, 800, 610)
#: Times at which bands are drawn, and single curves.
_MOST_POINTS, _MOST_CURVES = 600, 60
_OUTER, _INNER = "#0072b224", "#0072b24d"

Curves = npt.NDArray[np.float64]


class _Times(NamedTuple):
    """The times of curves (epoch ms, or plain numbers), and the places among them at which bands are drawn."""

    all: TimeColumn
    kept: npt.NDArray[np.int64]
    are_dates: bool

    @property
    def drawn(self) -> FloatColumn:
        """The times at which bands are drawn."""
        return self.all[self.kept].astype(np.float64)

    @property
    def scale(self) -> Scale:
        """Where times lie, the whole width."""
        low, high = float(self.all[0]), float(self.all[-1])
        return Scale.of(self.drawn, is_time=True) if self.are_dates else Scale(low, high)


def draw_equity_fan(
    title: str,
    timestamp_ms: TimeColumn,
    curves: Curves,
    real: FloatColumn | None = None,
    x_label: str = "time (UTC)",
    line: str = "",
) -> Picture:
    """Return the bands between 5, 25, 50, 75 and 95 % of curves (a row each, USD) at each time (epoch ms), some of the
    curves thin, and the real curve at the same times; below it in the same way how far curves are below their peaks
    so far (percent). `line` is a further line below the title. With another `x_label` the times are plain numbers, such
    as those of trades. A scale is logarithmic where the highest value is more than four times the lowest. Raises
    `DataError` for no curves, and where lengths do not fit.
    """
    lengths = {len(timestamp_ms), curves.shape[-1], len(timestamp_ms if real is None else real)}
    if curves.ndim != 2 or not curves.size or len(lengths) > 1:
        raise DataError("a fan needs a row for each curve, and of each and of the real one a value at each time")
    kept = np.unique(np.linspace(0, len(timestamp_ms) - 1, _MOST_POINTS).round().astype(np.int64))
    times = _Times(timestamp_ms, kept, x_label == "time (UTC)")
    scene = Scene(f"{counted(len(curves), 'curve')}: bands of 5, 25, 50, 75 and 95 %", 900, _BELOW.bottom + 52)
    found = np.percentile(curves[:, -1], LEVELS).tolist()
    ends = ", ".join(f"{level:.0f} % {brief(end)}" for level, end in zip(LEVELS, found, strict=True))
    end_of_real = "" if real is None else f"; real {brief(float(real[-1]))}"
    scene.write_titles(title, [scene.name, f"at the end (USD): {ends}{end_of_real}", line])
    bands, above = _draw_panel(scene, _ABOVE, times, curves, real)
    for place in np.linspace(0, len(curves) - 1, min(_MOST_CURVES, len(curves))).round().astype(np.int64):
        scene.add(Trace(above.places(times.drawn, curves[place, kept]), BLUE, 0.5, 0.18))
    above.draw_axes("", "equity (USD)")
    _name_ends(above, times.drawn[-1:], bands, real)
    _, below = _draw_panel(scene, _BELOW, times, _falls(curves), None if real is None else _falls(real))
    below.draw_axes(x_label, "drawdown (%)")
    return Picture(scene, partial(_frame, timestamp_ms, curves, real, times.are_dates))


def _falls(curves: Curves) -> Curves:
    """Return how far curves are below their peaks so far, in percent, negative."""
    peaks = np.maximum.accumulate(curves, axis=-1)
    falls: Curves = np.divide(100.0 * (curves - peaks), peaks, out=np.zeros(curves.shape), where=peaks > 0.0)
    return falls


def _draw_panel(
    scene: Scene, area: Area, times: _Times, curves: Curves, real: FloatColumn | None
) -> tuple[Curves, Plot]:
    """Draw curves as bands; return these, and the plot without its axes."""
    bands, at = np.percentile(curves[:, times.kept], LEVELS, axis=0), times.drawn
    shown = [curves[:, times.kept], *([] if real is None else [real])]
    low, high = min(float(each.min()) for each in shown), max(float(each.max()) for each in shown)
    plot = Plot(scene, area, times.scale, Scale.of(*shown, is_log=low > 0.0 and high > WIDE * low))
    for low, high, fill in ((0, 4, _OUTER), (1, 3, _INNER)):
        upper, lower = plot.places(at, bands[high]), plot.places(at, bands[low])
        scene.add(Trace(np.concatenate((upper, lower[::-1])), None, fill=fill))
    scene.add(Trace(plot.places(at, bands[2]), BLUE, 1.6))
    if real is not None:
        ends = sample_extremes(real, 2 * _MOST_POINTS)
        scene.add(Trace(plot.places(times.all[ends].astype(np.float64), real[ends]), BEST, 1.8))
    return bands, plot


def _name_ends(plot: Plot, end: FloatColumn, bands: Curves, real: FloatColumn | None) -> None:
    """Write what each curve is beside its end, one below the other."""
    named = [(f"{level:.0f} %", float(band[-1])) for level, band in zip(LEVELS, bands, strict=True)]
    named += [] if real is None else [("real", float(real[-1]))]
    highest = np.inf
    spots = [(plot.places(end, np.array([value]))[0, 1], text) for text, value in named]
    for y, text in sorted(spots, key=lambda spot: -spot[0]):
        highest = min(float(y), highest - 13)
        plot.scene.add(Words(plot.area.right + 8, highest, text, 10, is_bold=text == "real"))


def _frame(timestamp_ms: TimeColumn, curves: Curves, real: FloatColumn | None, is_time: bool) -> pandas.DataFrame:
    import pandas

    index = pandas.to_datetime(timestamp_ms, unit="ms", utc=True) if is_time else pandas.Index(timestamp_ms)
    columns: dict[str, FloatColumn] = {}
    for before, values, own in (
        ("", curves, real),
        ("drawdown ", _falls(curves), None if real is None else _falls(real)),
    ):
        bands = np.percentile(values, LEVELS, axis=0)
        columns |= {f"{before}{level:.0f} %": band for level, band in zip(LEVELS, bands, strict=True)}
        columns |= {} if own is None else {f"{before}real": own}
    return pandas.DataFrame(columns, index=index)
