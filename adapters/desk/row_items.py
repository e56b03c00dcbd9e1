"""A stored result as one item of the list: what its own row tells, without its curve."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.periods import DAY_MS
from engine.result import FIGURES, program_name, remarks

from ..database import backtest_results, stored_json
from ..output import cleaned
from ..results import FIGURE_COLUMNS, RunStatus, epoch_ms, period_text
from .run_states import state_of

_EVERYTHING = 100.0

#: What an item needs beside the configuration: not the curve, which is long.
SHORT_COLUMNS = [
    backtest_results.c[name]
    for name in (
        *"id status error_message exchange start_time end_time created_at completed_at".split(),
        *FIGURE_COLUMNS,
    )
]
ITEM_COLUMNS = [*SHORT_COLUMNS, backtest_results.c.config]


def result_item(row: Mapping[Any, Any], programs: Mapping[int, str] | None = None) -> dict[str, Any]:
    """Return an item as plain values, of a row of `ITEM_COLUMNS`; `programs` are those of a platform, by run."""
    config = stored_json(row["config"]) or {}
    start, end = epoch_ms(row["start_time"]), epoch_ms(row["end_time"])
    begun, over = epoch_ms(row["created_at"]), epoch_ms(row["completed_at"])
    return {
        "id": row["id"],
        "status": row["status"],
        "state": state_of(row["status"], row["error_message"]),
        "error": None if row["status"] == RunStatus.RUNNING else cleaned(row["error_message"] or "") or None,
        "program": program_name(config) or (programs or {}).get(row["id"]),
        "exchange": row["exchange"],
        "symbols": config.get("symbols", []),
        "schedule": config.get("scheduled_interval"),
        "pools": config.get("signal_pool_ids", []),
        "parameters": config.get("params") or {},
        **range_of_item(start, end),
        "created_at": begun,
        "completed_at": over,
        "took_ms": None if begun is None or over is None else over - begun,
        **{name: row[name] for name in FIGURE_COLUMNS},
        "remarks": _remarks(row, start, end),
    }


def range_of_item(start_ms: int | None, end_ms: int | None) -> dict[str, Any]:
    """Return a range of time as an item has it."""
    period = None if start_ms is None or end_ms is None else period_text(start_ms, end_ms)
    return {"start_time": start_ms, "end_time": end_ms, "period": period}


def _remarks(row: Mapping[Any, Any], start_ms: int | None, end_ms: int | None) -> dict[str, str]:
    """Return what is to be known of ratios of few daily returns: one for each day that begins in the range, and one
    more. Of a run that lost everything the days after that are none: nobody knows here how many there are.
    """
    if start_ms is None or end_ms is None or (row["max_drawdown_percent"] or 0.0) >= _EVERYTHING:
        return {}
    days = max((end_ms - 1) // DAY_MS - start_ms // DAY_MS, 0) + 1
    return remarks({**dict.fromkeys(FIGURES), **{name: row[name] for name in FIGURE_COLUMNS}, "return_count": days})
