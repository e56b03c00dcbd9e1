"""Any number of results side by side: their figures with the best of each, and in what their configurations differ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from engine.result import FIGURES, Group, Unit, is_less_better

from ..results import StoredResult, compare_results, is_stored, unit_text

_UNCOMPARED = (Unit.RECORDS, Unit.PERCENTS, Unit.TEXTS, Unit.LINES, Unit.MILLISECONDS)
_JUDGED = (Group.MONEY, Group.RISK, Group.TRADES)
#: Figures of these groups of which more is neither better nor worse.
_NEUTRAL = (
    "initial_balance total_trades winning_trades losing_trades return_count annualization_factor r_count beta "
    "return_skew return_kurtosis trades_per_day turnover_usd turnover_ratio exposure_percent holding_percent "
    "pnl_width pnl_width_percent avg_holding_ms longest_holding_ms avg_win_holding_ms avg_loss_holding_ms "
    "gross_profit gross_loss funding_received unrealized_pnl kelly_percent drawdown_count sharpe_error price_pnl"
).split()


def compare_many(results: Sequence[StoredResult]) -> dict[str, Any]:
    """Return by name the figures of results, each with the places of the best; the fields of their configurations that
    differ; and of two results the first trade that is not the same. What is not stored of a result is None.
    """
    pair = compare_results(results[0], results[1]) if len(results) == 2 else None
    return {
        "figures": _figures(results),
        "config": _fields(results),
        "first_trade": None if pair is None else pair.first_trade,
        "trade": {} if pair is None else pair.trade,
    }


def _figures(results: Sequence[StoredResult]) -> dict[str, dict[str, Any]]:
    found = {}
    for name, figure in FIGURES.items():
        values = [_amount(name, each) for each in results]
        if figure.unit not in _UNCOMPARED and any(value is not None for value in values):
            found[name] = {
                "values": values,
                "best": _best(name, values),
                "differs": any(value != values[0] for value in values),
            }
    return found


def _amount(name: str, result: StoredResult) -> Any:
    """Return a figure as one value; None where it is not stored, or is not defined without what it is a part of."""
    figure, figures = FIGURES[name], result.figures
    if not figures or not is_stored(name, figures) or (figure.of and not figures.get(figure.of)):
        return None
    return figure.amount(figures.get(name))


def _best(name: str, values: Sequence[Any]) -> list[int]:
    """Return the places of the best values as they are shown, none where all are as good or none is better than
    another: what cannot be seen is no difference.
    """
    figure = FIGURES[name]
    if figure.group not in _JUDGED or not figure.unit.is_number or name in _NEUTRAL:
        return []
    numbers = [value for value in values if value is not None and math.isfinite(value)]
    if len({unit_text(figure.unit, value) for value in numbers}) < 2:
        return []
    best = unit_text(figure.unit, min(numbers) if is_less_better(name) else max(numbers))
    return [place for place, value in enumerate(values) if unit_text(figure.unit, value) == best]


def _fields(results: Sequence[StoredResult]) -> dict[str, list[Any]]:
    names = dict.fromkeys(name for each in results for name in each.config)
    found = {name: [each.config.get(name) for each in results] for name in names}
    return {name: values for name, values in found.items() if any(value != values[0] for value in values)}
