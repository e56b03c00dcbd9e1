"""Factors as tables for the terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from engine import utc_text
from engine.factors import BUILT_IN_FACTORS, FUNCTIONS, REGISTRY_FACTORS, ExpressedFactor, Factor, FactorFunction
from engine.market.series import FloatColumn, KlineColumns

from .factor_ranking import HORIZONS_H, FactorRank

_UNKNOWN = "-"
_WORD = re.compile(r"[A-Z_]+")
#: What answers otherwise on the platform, by the function or the factor, and how.
PLATFORM_DIFFERS = {
    "MACD_SIGNAL": "there MACD_SIGNAL answers the histogram",
    "MACD_HIST": "there MACD_HIST answers the signal line",
    "PLUS_DI": "there PLUS_DI answers (ADX + ADX[2]) / 2",
    "MINUS_DI": "there MINUS_DI answers +DI",
    "CCI": "there CCI subtracts (SMA t) / (0.015 mean deviation) from t",
    "MAX": "there MAX with a number is right in the first row only",
    "MIN": "there MIN with a number is right in the first row only",
    "AND": "there AND with a number is right in the first row only",
    "OR": "there OR with a number is right in the first row only",
    "VWAP": "there VWAP never works",
}
_HOUR_AHEAD = "there the window is the hour that follows, which is the future; here the kline's rows up to the instant"


def called(factor: Factor) -> list[FactorFunction]:
    """Return the functions that a factor calls."""
    words = _WORD.findall(factor.expression) if isinstance(factor, ExpressedFactor) else ()
    return [function for name, function in FUNCTIONS.items() if name in words]


def differences(factor: Factor) -> list[str]:
    """Return how the platform answers otherwise for a factor."""
    if not isinstance(factor, ExpressedFactor):
        return [_HOUR_AHEAD] if factor.category == "microstructure" else []
    return [PLATFORM_DIFFERS[each.name] for each in called(factor) if each.name in PLATFORM_DIFFERS]


def source(factor: Factor) -> str:
    """Return where a factor comes from."""
    if factor.name in REGISTRY_FACTORS:
        return "registry"
    return "platform" if factor.name in BUILT_IN_FACTORS else "own"


def factor_table(factors: Iterable[Factor]) -> Table:
    """Return one row for each factor."""
    table = _table("Factors", "Name", "Category", "From", "Meaning")
    for each in factors:
        told = Text(each.name + " *" * bool(differences(each)))
        table.add_row(told, each.category, source(each), Text(each.description))
    table.caption = "* The platform's value differs: perpsim factors show NAME says how."
    return table


def function_table() -> Table:
    """Return one row for each function that an expression can call."""
    table = _table("Functions", "Call", "Value", "Known from row")
    for each in FUNCTIONS.values():
        table.add_row(Text(each.signature), Text(each.formula), each.first)
    table.caption = (
        "s is the series, o h l c v are columns, n is the period, x[k] is x of k rows before; max h is that of n rows."
    )
    return table


def factor_text(factor: Factor) -> Iterator[str]:
    """Yield what there is to say of a factor, line by line."""
    yield f"{factor.name} ({factor.category}, {source(factor)}): {factor.description}"
    yield f"  {factor.expression}"
    for function in called(factor):
        yield f"  {function.signature} = {function.formula}; known from row {function.first}"
    for told in differences(factor):
        yield f"  The platform's value differs: {told}."


def preview_table(name: str, klines: KlineColumns, values: FloatColumn, most: int) -> Table:
    """Return the last values of a factor, each at the close of its kline."""
    table = _table(f"{name}, the last {most}", "Known at, UTC", "Close", "Value")
    for row in range(max(0, len(klines) - most), len(klines)):
        known_at = int(klines.open_ms[row]) + klines.period_ms
        table.add_row(utc_text(known_at), f"{klines.close[row]:,.6g}", _number(float(values[row]), 6))
    return table


def rank_table(found: Sequence[FactorRank]) -> Table:
    """Return one row for each factor, those that foretell most first."""
    horizons = [f"IC {hours} h" for hours in HORIZONS_H]
    table = _table("What they foretell", "Name", *horizons, "ICIR", "Same sign", "Half-life", "Turnover")
    for each in found:
        half = _UNKNOWN if each.half_life is None else "persistent" if each.half_life < 0 else f"{each.half_life} h"
        numbers = [_number(each.coefficients.get(hours), 4) for hours in HORIZONS_H]
        same = _UNKNOWN if each.same_sign is None else f"{each.same_sign:.1%}"
        table.add_row(each.name, *numbers, _number(each.ratio, 2), same, half, _number(each.turnover, 3))
    return table


def _number(value: float | None, digits: int) -> str:
    return _UNKNOWN if value is None or value != value else f"{value:,.{digits}f}"


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", caption_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column == "Name")
    return table
