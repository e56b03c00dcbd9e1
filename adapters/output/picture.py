"""What all pictures have in common: their file, their axes of time, their dress. Needs matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine import DataError
from engine.market.series import FloatColumn, TimeColumn

from .whole_files import atomic_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: What a picture can be, by the ending of its name.
FORMATS = ("png", "svg", "pdf")

INK, FAINT = "#222222", "#8a8f98"
_DOTS_PER_INCH = 100
#: How much of a picture's width a title may take; the values of the axes stand left of it.
_TITLE_SHARE = 0.85
#: How many times as high the highest value is where a scale is logarithmic.
WIDE = 4.0

Dates = npt.NDArray[np.datetime64]


def require_matplotlib() -> None:
    """Raise a `DataError` that says how to install matplotlib when it is absent; it is not imported."""
    if find_spec("matplotlib") is None:
        raise DataError("pictures need matplotlib: pip install 'perpsim[plot]'")


def new_figure(path: str | Path) -> Figure:
    """Return an empty figure for a file; `DataError` without matplotlib and for an unknown ending of the name."""
    _ending(path)
    require_matplotlib()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    figure = Figure(figsize=(10, 6.2), layout=ConstrainedLayoutEngine(w_pad=0.15, h_pad=0.08), facecolor="white")
    FigureCanvasAgg(figure)  # no window, no global state
    return figure


def save_figure(figure: Figure, path: str | Path) -> None:
    """Write a figure, the same one to the same bytes; `DataError` when the file cannot be written."""
    ending = _ending(path)
    metadata = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[ending]
    with atomic_file(path) as file:
        figure.savefig(file, format=ending, dpi=_DOTS_PER_INCH, metadata=metadata)


def dated(times: TimeColumn) -> Dates:
    """Return epoch ms as dates."""
    return times.astype("datetime64[ms]")


def log_if_wide(axes: Axes, *values: FloatColumn) -> None:
    """Give axes of values a logarithmic scale where the highest is more than four times the lowest, all above 0."""
    from matplotlib.ticker import LogLocator, NullFormatter

    low, high = min(float(each.min()) for each in values), max(float(each.max()) for each in values)
    if low > 0.0 and high > WIDE * low:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.yaxis.set_minor_formatter(NullFormatter())


def write_titles(above: Axes, title: str, subtitle: str) -> None:
    """Write a title, cut where it is too wide for the picture, and the line below it over the uppermost axes."""
    above.set_title(subtitle, loc="left", fontsize=9, color=INK)
    line = above.annotate(title, (0, 1), (0, 22), "axes fraction", "offset points", fontsize=12, fontweight="bold")
    line.set_color(INK)
    line.set_parse_math(False)
    room = _TITLE_SHARE * above.figure.bbox.width
    while title and line.get_window_extent().width > room:
        title = title[:-1]
        line.set_text(f"{title.rstrip(' ,')}...")


def dress(stacked: Sequence[Axes], labels: Sequence[str]) -> None:
    """Give axes of one time, the uppermost first, their labels, grid and colours."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(minticks=4, maxticks=10)  # type: ignore[no-untyped-call]
    stacked[-1].xaxis.set_major_locator(locator)
    stacked[-1].xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    stacked[0].legend(loc="best", fontsize=8, framealpha=0.85, edgecolor="none")
    for axes, label in zip(stacked, labels, strict=True):
        _dress_panel(axes, label)
    stacked[-1].set_xlabel("time (UTC)", fontsize=9, color=INK)


def _dress_panel(axes: Axes, label: str) -> None:
    from matplotlib.ticker import FuncFormatter

    axes.yaxis.set_major_formatter(FuncFormatter(_money))
    axes.set_ylabel(label, fontsize=9, color=INK)
    axes.grid(color="#e4e6ea", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.margins(x=0.01)
    axes.tick_params(labelsize=8, color=FAINT)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(FAINT)


def _money(value: float, place: object) -> str:
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.6g}"


def _ending(path: str | Path) -> str:
    ending = Path(path).suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        raise DataError(f"{path} is no name of a picture: it must end in .{', .'.join(FORMATS)}")
    return ending
