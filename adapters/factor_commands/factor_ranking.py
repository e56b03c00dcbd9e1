"""How well factors foretell the returns of a symbol."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from engine import PERIOD_MS, SymbolHistory
from engine.factors import (
    Factor,
    FactorError,
    coefficient_ratio,
    equal_signs,
    factor_series,
    forward_returns,
    half_life_hours,
    information_coefficient,
    turnover,
    windowed_coefficients,
)
from engine.market.series import KlineColumns

#: How far ahead returns are looked at, in hours, and which of them the ratio and the signs are of.
HORIZONS_H = (1, 4, 12, 24)
_MAIN_H = 4
#: Windows of the ratio, in klines: as long as the platform's, and so far apart.
_WINDOW, _STEP = 720, 24


@dataclass(frozen=True, slots=True)
class FactorRank:
    """How well a factor foretells: `coefficients` by hours ahead, their `ratio` (mean / deviation of the windows of 720
    klines, 4 h ahead), the share of rows with the sign of the return in 4 h, the `half_life` in hours (-1: it lasts),
    and its `turnover`. What cannot be told is None.
    """

    name: str
    coefficients: Mapping[int, float]
    ratio: float | None
    same_sign: float | None
    half_life: int | None
    turnover: float | None


def ranked(
    factors: Iterable[Factor], history: SymbolHistory, klines: KlineColumns, start_ms: int
) -> Iterator[FactorRank]:
    """Yield the worth of each factor over klines that close from an instant on; those that fail are left out."""
    hours = PERIOD_MS["1h"]
    steps = {each: each * hours // klines.period_ms for each in HORIZONS_H if each * hours >= klines.period_ms}
    returns = {each: forward_returns(klines.close, rows) for each, rows in steps.items()}
    first = int(np.searchsorted(klines.open_ms + klines.period_ms, start_ms))
    for factor in factors:
        try:
            values = factor_series(factor, klines, history, start_ms)
        except FactorError:
            continue
        found = {each: information_coefficient(values, returns[each]) for each in returns}
        told = {each: value for each, value in found.items() if value is not None}
        main = returns.get(_MAIN_H, np.full(len(klines), np.nan))
        ratio = coefficient_ratio(windowed_coefficients(values[first:], main[first:], _WINDOW, _STEP))
        yield FactorRank(factor.name, told, ratio, equal_signs(values, main), half_life_hours(told), turnover(values))
