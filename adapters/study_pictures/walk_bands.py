"""A walk forward: the joined curve out of sample over its windows, and the parameters that were chosen for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from engine import DataError, utc_text
from engine.market.series import FloatColumn, TimeColumn
from engine.plain_values import counted
from engine.result import sample_extremes

from ..output import WIDE
from .cell_grid import cell_axis
from .shapes import (
    BLUE,
    FAINT,
    GRID,
    ORANGE,
    Area,
    Box,
    Picture,
    Plot,
    Scale,
    Scene,
    Trace,
    Words,
    brief,
    fitting,
    readable,
    text_width,
)
from .trial_table import VariedValues, value_text

if TYPE_CHECKING:
    import pandas

_LEFT, _RIGHT, _TOP, _CURVE, _PANEL, _GAP = 110.0, 876.0, 84.0, 300.0, 62.0, 16.0
_MOST_POINTS, _MOST_PANELS = 2_000, 12
_SHADE = "#0072b214"


@dataclass(frozen=True)
class WalkWindow:
    """A window of a walk forward: where it was trained and tested (epoch ms), what was chosen in sample (None where
    nothing could be), and the metric in sample and out of sample, None where it is not defined.
    """

    name: str
    train_start_ms: int
    train_end_ms: int
    test_start_ms: int
    test_end_ms: int
    chosen: Mapping[str, Any] | None = field(default_factory=dict)
    in_sample: float | None = None
    out_of_sample: float | None = None


def draw_walk_bands(
    title: str, label: str, timestamp_ms: TimeColumn, equity: FloatColumn, windows: Sequence[WalkWindow]
) -> Picture:
    """Return the equity (USD) that the tests joined came to, every other window shaded, with the metric of each in
    sample and out of sample below it, and a panel for each of the first 12 parameters with what was chosen. Raises
    `DataError` without windows or without a curve.
    """
    if not windows or not len(equity) or len(equity) != len(timestamp_ms):
        raise DataError("a walk forward needs at least one window, and the equity at each time of its curve")
    names = [*dict.fromkeys(name for window in windows for name in window.chosen or ())]
    shown = names[:_MOST_PANELS]
    height = _TOP + _CURVE + (len(shown) + 1) * (_PANEL + _GAP) + 48
    scene = Scene(f"{counted(len(windows), 'window')} out of sample", 900, height)
    scene.write_titles(title, [scene.name, _said(equity, len(names) - len(shown))])
    x = Scale(float(windows[0].test_start_ms), float(max(each.test_end_ms for each in windows)), is_time=True)
    _draw_shades(scene, x, windows, height - 48)
    _draw_curve(scene, x, timestamp_ms, equity)
    top = _TOP + _CURVE + _GAP
    metrics = {"in sample": ORANGE, "out of sample": BLUE}
    _draw_metrics(_panel(scene, x, top, windows), windows, label, metrics)
    for place, name in enumerate(shown):
        top += _PANEL + _GAP
        values = [None if window.chosen is None else window.chosen.get(name) for window in windows]
        _draw_parameter(scene, x, top, windows, name, values, place == len(shown) - 1)
    if not shown:
        _write_times(scene, x, top + _PANEL)
    return Picture(scene, partial(_frame, windows))


def _said(equity: FloatColumn, left_out: int) -> str:
    more = f"; {counted(left_out, 'more parameter')} {'is' if left_out == 1 else 'are'} not drawn" if left_out else ""
    percent = (
        round(100.0 * (equity[-1] / equity[0] - 1.0), 1) + 0.0 if equity[0] > 0.0 else None
    )  # no minus before a zero
    gain = "" if percent is None else f" ({percent:+.1f} %)"
    return f"equity from {brief(float(equity[0]))} to {brief(float(equity[-1]))} USD{gain}{more}"


def _draw_shades(scene: Scene, x: Scale, windows: Sequence[WalkWindow], bottom: float) -> None:
    widths = [right - left for left, right in (_span(x, each) for each in windows)]
    every = readable([text_width(each.name, 9) for each in windows], min(widths))
    for place, window in enumerate(windows):
        left, right = _span(x, window)
        tip = "\n".join(
            (
                window.name,
                f"trained {_day(window.train_start_ms)} to {_day(window.train_end_ms)}",
                f"tested {_day(window.test_start_ms)} to {_day(window.test_end_ms)}",
                *(f"{name} {value_text(value)}" for name, value in (window.chosen or {}).items()),
                *(["nothing could be chosen"] if window.chosen is None else []),
            )
        )
        scene.add(Box(left, _TOP, right - left, bottom - _TOP, _SHADE if place % 2 == 0 else "#00000000", tip=tip))
        if place % every == 0:
            scene.add(Words((left + right) / 2, _TOP - 9, window.name, 9, "middle"))


def _day(time_ms: int) -> str:
    return utc_text(time_ms)[:10]


def _span(x: Scale, window: WalkWindow) -> tuple[float, float]:
    left, right = (
        _LEFT + float(share) * (_RIGHT - _LEFT)
        for share in x.shares(np.array([window.test_start_ms, window.test_end_ms], np.float64))
    )
    return left, right


def _draw_curve(scene: Scene, x: Scale, timestamp_ms: TimeColumn, equity: FloatColumn) -> None:
    is_log = bool(equity.min() > 0.0 and equity.max() > WIDE * equity.min())
    plot = Plot(scene, Area(_LEFT, _TOP, _RIGHT, _TOP + _CURVE), x, Scale.of(equity, is_log=is_log))
    plot.draw_axes("", "equity (USD)")
    keep = sample_extremes(equity, _MOST_POINTS)
    scene.add(Trace(plot.places(timestamp_ms[keep].astype(np.float64), equity[keep]), BLUE, 1.5))


def _panel(scene: Scene, x: Scale, top: float, windows: Sequence[WalkWindow]) -> Plot:
    values = [value for each in windows for value in (each.in_sample, each.out_of_sample) if value is not None]
    return Plot(scene, Area(_LEFT, top, _RIGHT, top + _PANEL), x, Scale.of(np.array(values, np.float64), np.zeros(1)))


def _draw_metrics(plot: Plot, windows: Sequence[WalkWindow], label: str, colours: Mapping[str, str]) -> None:
    """Draw for each window two bars from 0: in sample and out of sample."""
    _draw_frame(plot.scene, plot.area.top, label, [(plot.y.low, ""), (0.0, "0"), (plot.y.high, "")], plot.y)
    for window in windows:
        left, right = _span(plot.x, window)
        width = (right - left) * 0.3
        pairs = zip((window.in_sample, window.out_of_sample), colours.items(), strict=True)
        for place, (value, (name, colour)) in enumerate(pairs):
            if value is not None:
                ((_, end), (_, zero)) = plot.places(np.array([plot.x.low] * 2), np.array([value, 0.0])).tolist()
                start = left + (right - left) * (0.18 + 0.34 * place)
                tip = f"{window.name}\n{label} {name} {value:.6g}"
                plot.scene.add(Box(start, min(end, zero), width, abs(end - zero), colour, tip=tip))
    at = plot.area.right - 210
    for place, (name, colour) in enumerate(colours.items()):
        y = plot.area.top - 8
        plot.scene.add(Box(at + 90 * place, y - 4, 9, 9, colour), Words(at + 14 + 90 * place, y, name, 9))


def _draw_parameter(
    scene: Scene, x: Scale, top: float, windows: Sequence[WalkWindow], name: str, values: Sequence[Any], is_last: bool
) -> None:
    """Draw what was chosen in each window, as steps; texts have a height each, in the order in which they came."""
    known = [(window, value) for window, value in zip(windows, values, strict=True) if value is not None]
    parameter = VariedValues(name, [value for _, value in known])
    axis, places = cell_axis(parameter)
    numbers = np.array(parameter.values if parameter.is_number else places, np.float64)
    scale = Scale.of(numbers) if parameter.is_number else Scale(-0.5, len(axis) - 0.5)
    ends = sorted({float(numbers.min()), float(numbers.max())})
    marks = [(at, brief(at) if parameter.is_number else axis.labels[int(at)]) for at in ends]
    _draw_frame(scene, top, name, marks, scale)
    plot = Plot(scene, Area(_LEFT, top, _RIGHT, top + _PANEL), x, scale)
    for (window, value), number in zip(known, numbers.tolist(), strict=True):
        left, right = _span(x, window)
        ((_, y),) = plot.places(np.array([x.low]), np.array([number])).tolist()
        tip = f"{window.name}\n{name} {value_text(value)}"
        scene.add(Trace(np.array([(left + 1, y), (right - 1, y)]), BLUE, 2.4, tip=tip))
    if is_last:
        _write_times(scene, x, top + _PANEL)


def _draw_frame(scene: Scene, top: float, name: str, marks: Sequence[tuple[float, str]], scale: Scale) -> None:
    """Draw the left edge of a panel, its name above it and some values."""
    bottom = top + _PANEL
    scene.add(Trace(np.array([(_LEFT, top), (_LEFT, bottom), (_RIGHT, bottom)]), FAINT))
    scene.add(Words(_LEFT, top - 7, fitting(name, 300, 10), 10, is_bold=True))
    for value, text in marks:
        y = bottom - float(scale.shares(np.array([value]))[0]) * _PANEL
        scene.add(Trace(np.array([(_LEFT, y), (_RIGHT, y)]), GRID))
        scene.add(Words(_LEFT - 7, y, fitting(text, _LEFT - 30, 9), 9, "end"))


def _write_times(scene: Scene, x: Scale, bottom: float) -> None:
    for at, text in x.marks:
        place = _LEFT + float(x.shares(np.array([at]))[0]) * (_RIGHT - _LEFT)
        scene.add(Words(place, bottom + 13, text, 10, "middle"))
    scene.add(Words((_LEFT + _RIGHT) / 2, bottom + 31, "time (UTC)", 11, "middle"))


def _frame(windows: Sequence[WalkWindow]) -> pandas.DataFrame:
    import pandas

    times = ("train_start_ms", "train_end_ms", "test_start_ms", "test_end_ms")
    rows = [
        {
            "window": each.name,
            **{name.removesuffix("_ms"): pandas.Timestamp(getattr(each, name), unit="ms", tz="UTC") for name in times},
            **(each.chosen or {}),
            "in_sample": each.in_sample,
            "out_of_sample": each.out_of_sample,
        }
        for each in windows
    ]
    return pandas.DataFrame(rows).set_index("window")
