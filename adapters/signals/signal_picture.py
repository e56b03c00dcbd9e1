"""Price with the marks of triggers, as a picture. Needs matplotlib."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine import SymbolHistory, utc_text
from engine.periods import DAY_MS
from engine.result import sample_extremes

from ..output import dated, dress, new_figure, save_figure, write_titles
from .signal_preview import SignalPreview

_MOST_POINTS = 3_000
_MARK, _PRICE = "#c0392b", "#1f5fa8"


def draw_triggers(preview: SignalPreview, history: SymbolHistory, path: str | Path) -> None:
    """Draw the price of the range, a mark at each trigger, and the triggers of each day below, into a file.

    Raises `DataError` without matplotlib, for an unknown ending of the name, and when the file cannot be written.
    """
    figure = new_figure(path)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    base = history.base
    closed = base.columns.open_ms + base.period_ms
    inside = np.flatnonzero((closed >= preview.start_ms) & (closed <= preview.end_ms))
    keep = inside[sample_extremes(base.columns.close[inside], _MOST_POINTS)] if len(inside) else inside
    above.plot(dated(closed[keep]), base.columns.close[keep], color=_PRICE, linewidth=0.9, zorder=2)
    times = preview.times_ms
    places = base.finished_at(times) - 1
    known = places >= 0
    above.scatter(
        dated(times[known]), base.columns.close[places[known]],
        s=18, color=_MARK, zorder=3, linewidths=0, alpha=0.8, label="triggers",
    )  # fmt: skip
    days = preview.start_ms // DAY_MS * DAY_MS + DAY_MS * np.arange(len(preview.by_day), dtype=np.int64)
    below.bar(dated(days), preview.by_day, width=np.timedelta64(20, "h"), align="edge", color=_MARK, alpha=0.7)
    subtitle = (
        f"{utc_text(preview.start_ms)[:10]} to {utc_text(preview.end_ms)[:10]}   {len(times):,} triggers, "
        f"{preview.a_day:.1f} a day   undefined {preview.backtest.detection.undefined_percent:.1f} %"
    )
    write_titles(above, f"{preview.backtest.pool.name}: {history.symbol}", subtitle)
    dress((above, below), ("price (USD)", "triggers a day"))
    save_figure(figure, path)
