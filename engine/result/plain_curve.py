"""What a curve of equity amounts to by itself, wherever it comes from: the figures of a run that need nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..market.series import FloatColumn, TimeColumn
from ..periods import DAY_MS
from .reasons import is_short
from .statistics import (
    DAYS_PER_YEAR,
    Drawdowns,
    annual_return,
    annual_volatility,
    calmar_ratio,
    daily_returns,
    sharpe_error,
    sharpe_ratio,
    sortino_ratio,
)


def curve_figures(times_ms: TimeColumn, equity: FloatColumn) -> dict[str, float | None]:
    """Return figures of a curve, by the names that a result has for them and as it has them: money in USD, the rest in
    percent or as ratios, None where they do not exist.

    `times_ms` (epoch ms) increase and hold each 00:00 UTC between the first and the last; `equity` is that at each.
    """
    falls, first, last = Drawdowns(), float(equity[0]), float(equity[-1])
    falls.add(np.arange(len(equity)), equity)
    start, end = int(times_ms[0]), int(times_ms[-1])
    returns = daily_returns(_daily_marks(times_ms, equity))
    is_ruined = bool((equity <= 0.0).any())
    growth = None if is_short(start, end) else growth_a_year(first, 0.0 if is_ruined else last, end - start)
    volatility = annual_volatility(returns)
    return {
        "initial_balance": first,
        "final_equity": last,
        "total_pnl": last - first,
        "total_pnl_percent": 100.0 * (last - first) / first,
        "annual_return_percent": None if growth is None else 100.0 * growth,
        "annual_volatility_percent": None if volatility is None else 100.0 * volatility,
        "max_drawdown": falls.usd,
        "max_drawdown_percent": falls.percent,
        "sharpe_ratio": sharpe_ratio(returns),
        "sharpe_error": sharpe_error(returns),
        "sortino_ratio": sortino_ratio(returns),
        "calmar_ratio": calmar_ratio(growth, falls.percent),
    }


def growth_a_year(first: float, last: float, length_ms: int) -> float | None:
    """Return what equity grew by in a time, compounded to a year, a fraction, however short the time is: -1 after ruin,
    None for no time and for growth beyond what a float can hold.
    """
    return annual_return(first, last, length_ms / (DAYS_PER_YEAR * DAY_MS))


def _daily_marks(times_ms: TimeColumn, equity: FloatColumn) -> FloatColumn:
    """Return the equity at the first instant, at each 00:00 UTC and at the last, up to the first without any."""
    is_mark = times_ms % DAY_MS == 0
    is_mark[[0, -1]] = True
    ruined = np.flatnonzero(equity <= 0.0)
    if len(ruined):
        is_mark[ruined[0]], is_mark[ruined[0] + 1 :] = True, False
    marks: FloatColumn = equity[is_mark]
    return marks


class YearReturns(NamedTuple):
    """The change of equity in one UTC year, in percent: of each of its twelve months, None where there was no run, and
    of the year, compounded.
    """

    year: int
    months: tuple[float | None, ...]
    total: float | None


def month_returns(times: TimeColumn, equity: FloatColumn) -> list[YearReturns]:
    """Return the change of equity in each UTC month, year by year: from the start or the end of the month before to its
    own end or that of the run. The marks are those of `EquityCurve.daily`: start, every 00:00 UTC and end.
    """
    years, months = _calendar(times)
    changes = np.flatnonzero(np.diff(months) | np.diff(years)).tolist()
    marks = sorted({0, *(place + 1 for place in changes), len(times) - 1})
    spans: dict[int, dict[int, tuple[float, float]]] = {int(year): {} for year in sorted({*years[:-1]}) or years[:1]}
    for begin, end in pairwise(marks):
        spans[int(years[begin])][int(months[begin])] = float(equity[begin]), float(equity[end])
    return [*_rows(spans)]


def _rows(spans: Mapping[int, Mapping[int, tuple[float, float]]]) -> Iterator[YearReturns]:
    for year, of_months in spans.items():
        changes = tuple(_percent(*of_months[month]) if month in of_months else None for month in range(1, 13))
        ends = [*of_months.values()]
        yield YearReturns(year, changes, _percent(ends[0][0], ends[-1][1]) if ends else None)


def _percent(first: float, last: float) -> float:
    return 100.0 * (last / first - 1.0)


def _calendar(times: TimeColumn) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return year and month (1 to 12) of each instant, UTC."""
    months = times.astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64)
    return 1970 + months // 12, months % 12 + 1
