"""A result as a notebook shows it: warnings, figures, equity and drawdown. Static and small: no script, a few hundred
points, so that a saved notebook stays small and looks the same on pages that run no scripts.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence

import numpy as np

from engine import BacktestResult
from engine.instants import utc_text
from engine.market.series import FloatColumn, TimeColumn
from engine.result import FIGURES, Place, program_name, sample_extremes

from ..results import figure_text, period_text

_MOST_POINTS = 400
_WIDTH, _LEFT = 760, 70
#: From top to bottom, of equity and drawdown.
_EQUITY, _DRAWDOWN = (8, 168), (184, 244)
_BLUE, _RED = "#3f7fd8", "#d0454f"
_FIGURE = (
    "<div style='padding:4px 10px;border:1px solid #8884;border-radius:6px' title='{meaning}'>"
    "<div style='font-size:11px;opacity:.7'>{label}</div><b style='font-variant-numeric:tabular-nums'>{text}</b></div>"
)


def summary_html(result: BacktestResult) -> str:
    """Return the HTML of a result for a notebook; it takes the colours of the page around it."""
    return f"<div style='font:13px system-ui,sans-serif;max-width:{_WIDTH}px'>{''.join(_parts(result))}</div>"


def _parts(result: BacktestResult) -> Iterator[str]:
    if result.error is not None:
        yield f"<p style='color:{_RED}' role='alert'>It ended with an error: {html.escape(result.error)}</p>"
    if result.warnings:
        lines = "".join(f"<li>{html.escape(each)}</li>" for each in result.warnings)
        yield f"<div style='border-left:3px solid #d9a52f;padding-left:10px'><b>Warnings</b><ul>{lines}</ul></div>"
    symbols = ", ".join(map(str, result.config["symbols"]))
    state = "" if result.success else " (interrupted)" if result.interrupted else " (failed)"
    title = f"{program_name(result.config) or 'Back-test'} on {result.config['exchange']}: {symbols}"
    yield f"<div><b>{html.escape(title)}</b></div>"
    yield f"<div style='opacity:.7'>{period_text(result.start_time, result.end_time)}{state}</div>"
    if result.certificate:
        proved = f"{result.certificate['verdict']}, {result.certificate['reason']}"
        yield f"<div>Certificate: {html.escape(proved)}</div>"
    figures = result.figures()
    tiles = (
        _FIGURE.format(
            meaning=html.escape(figure.meaning, quote=True),
            label=html.escape(figure.title),
            text=html.escape(figure_text(name, figures)),
        )
        for name, figure in FIGURES.items()
        if Place.HEAD in figure.places
    )
    yield f"<div style='display:flex;flex-wrap:wrap;gap:6px;margin:8px 0'>{''.join(tiles)}</div>"
    yield _picture(result)


def _picture(result: BacktestResult) -> str:
    """Return equity above drawdown in percent, on one axis of time; each extreme of both is there."""
    times, equity = result.equity.timestamp_ms, result.equity.equity
    peak = np.maximum.accumulate(equity)
    fall = -100.0 * np.divide(peak - equity, peak, out=np.zeros(len(peak)), where=peak > 0.0)
    start, end = utc_text(result.start_time)[:10], utc_text(result.end_time)[:10]
    return (
        f"<svg viewBox='0 0 {_WIDTH} 262' style='width:100%;height:auto' role='img' aria-label='Equity and drawdown'>"
        f"{_line(times, equity, _EQUITY, _BLUE, '{:,.2f}', False)}"
        f"{_line(times, fall, _DRAWDOWN, _RED, '{:.1f} %', True)}"
        f"{_text(_LEFT, 258, start, 'start')}{_text(_WIDTH - 4, 258, end, 'end')}</svg>"
    )


def _line(
    times: TimeColumn, values: FloatColumn, place: tuple[int, int], colour: str, form: str, is_filled: bool
) -> str:
    """Return a line between its lowest and its highest value, which stand beside it; a filled one hangs from above."""
    top, bottom = place
    keep = sample_extremes(values, _MOST_POINTS)
    low, high = float(values.min()), float(values.max())
    span = max(int(times[-1] - times[0]), 1)
    x = _LEFT + (times[keep] - times[0]) * (_WIDTH - _LEFT - 4) / span
    y = bottom - (values[keep] - low) / (high - low or 1.0) * (bottom - top)
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True))
    fill = f"<polygon points='{_LEFT},{top} {points} {_WIDTH - 4},{top}' fill='{colour}33'/>" if is_filled else ""
    labels: Sequence[tuple[float, int]] = [(high, top + 4)] if high == low else [(high, top + 4), (low, bottom + 4)]
    texts = "".join(_text(_LEFT - 6, at, form.format(value + 0.0), "end") for value, at in labels)
    return f"{fill}<polyline points='{points}' fill='none' stroke='{colour}' stroke-width='1.3'/>{texts}"


def _text(x: int, y: int, text: str, anchor: str) -> str:
    return f"<text x='{x}' y='{y}' font-size='10' fill='currentColor' opacity='.7' text-anchor='{anchor}'>{text}</text>"
