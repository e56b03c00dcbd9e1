"""Figures as text for the terminal, by their units."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine import utc_text
from engine.instants import duration_text
from engine.periods import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from engine.result import FIGURES, Unit

#: What stands for a figure that is not defined.
NONE = "-"
_TOO_LONG = 1e12  # a lucky month, taken to a year
_MOST_HOURS = 48


def figure_text(name: str, figures: Mapping[str, Any]) -> str:
    """Return one of a result's figures as text; what lowers the sum that it is a part of, with its sign. In the place
    of one that has no value stands why.
    """
    figure = FIGURES[name]
    value = figure.amount(figures[name])
    if name in figures["undefined"]:
        return str(figures["undefined"][name])
    if figure.of and not figures[figure.of]:
        return NONE
    return unit_text(figure.unit, -value if figure.sign < 0 and value else value, bool(figure.sign))


def unit_text(unit: Unit, value: Any, signed: bool = False) -> str:
    """Return a value of a unit as text, of several values how many there are; `signed` writes a + as well."""
    if value is None:
        return NONE
    number: Mapping[Unit, Callable[[Any], str]] = {
        Unit.USD: lambda usd: _number(usd, 2, signed),
        Unit.PERCENT: lambda percent: f"{_number(percent, 2, signed)} %",
        Unit.RATIO: lambda ratio: _number(ratio, 2, signed),
        Unit.TIMES: lambda times: f"{_number(times, 1, signed)} x",
        Unit.MILLISECONDS: lambda ms: f"{_number(ms / 1_000, 2, signed)} s",
        Unit.DURATION: span_text,
        Unit.MOMENT: minute_text,
        Unit.PRICE: lambda price: f"{price:,.7g}",
        Unit.SIZE: lambda size: f"{size:.6g}",
        **dict.fromkeys((Unit.COUNT, Unit.COUNTS, Unit.ROWS, Unit.LINES), lambda count: f"{count:,}"),
    }
    return number.get(unit, str)(value)


def period_text(start_ms: int, end_ms: int) -> str:
    """Return a range of time as it stands in titles, with its length."""
    days = (end_ms - start_ms) / DAY_MS
    length = f"{days:,.0f} days" if days >= 2 else duration_text(end_ms - start_ms)
    return f"{minute_text(start_ms)} to {minute_text(end_ms)} UTC ({length})"


def came_to_text(config: Mapping[str, Any], figures: Mapping[str, Any]) -> str | None:
    """Return how far a run came that ended before the range that its configuration asks for; None for another one."""
    start, end, asked = figures.get("start_time"), figures.get("end_time"), config.get("end_time")
    if start is None or end is None or not isinstance(asked, int) or asked <= end:
        return None
    share = 100 * (end - start) / (asked - start)
    return f"{share:.1f} % of the range that was asked for, to {minute_text(asked)} UTC: all figures are of this part"


def span_text(duration_ms: int) -> str:
    """Return a length of time: in seconds below a minute, in days from two of them on."""
    if duration_ms < MINUTE_MS:
        return f"{duration_ms / SECOND_MS:.3g} s"
    return f"{duration_ms / DAY_MS:,.1f} days" if duration_ms >= _MOST_HOURS * HOUR_MS else duration_text(duration_ms)


def minute_text(time_ms: int) -> str:
    """Return an instant to the minute, UTC."""
    return utc_text(time_ms)[: len("YYYY-MM-DD HH:MM")]


def _number(value: float, digits: int, signed: bool) -> str:
    shown = round(value, digits) + 0.0  # no minus before a zero
    if abs(shown) >= _TOO_LONG:
        return f"{shown:+.3g}" if signed else f"{shown:.3g}"
    return f"{shown:+,.{digits}f}" if signed and shown else f"{shown:,.{digits}f}"
