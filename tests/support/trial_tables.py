"""Tables of trials, made up: grids and scattered ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from adapters.study_pictures import TrialTable, VariedValues


def table_of(
    values: Mapping[str, Sequence[Any]],
    metric: Sequence[float],
    planned: Mapping[str, Sequence[Any]] | None = None,
    errors: Mapping[int, str] | None = None,
    is_least: bool = False,
    **more: Any,
) -> TrialTable:
    """Trials numbered from 100 on; what has failed, by place, has no metric."""
    numbers = np.array(metric, np.float64)
    failed = errors or {}
    numbers[list(failed)] = np.nan
    return TrialTable(
        "Dips on hyperliquid: BTC",
        "sharpe_ratio",
        "Sharpe ratio",
        is_least,
        [100 + place for place in range(len(numbers))],
        tuple(VariedValues(name, each, (planned or {}).get(name)) for name, each in values.items()),
        numbers,
        [failed.get(place) for place in range(len(numbers))],
        **more,
    )


def grid_table(axes: Mapping[str, Sequence[Any]], metric: Callable[..., float], **more: Any) -> TrialTable:
    """A trial for each combination, the last axis first to change."""
    rows = [*product(*axes.values())]
    columns = {name: [row[place] for row in rows] for place, name in enumerate(axes)}
    return table_of(columns, [metric(*row) for row in rows], axes, **more)
