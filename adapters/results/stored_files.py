"""A stored result as the files that ``perpsim run`` would have written, and what they lack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from engine import BacktestTradeRecord
from engine.contract import ExitReason
from engine.market.series import read_only
from engine.periods import MINUTE_MS
from engine.result import CurvePart, OwnSeries

from ..database import Database
from ..series import stored_minutes
from .platform_rows import is_stored
from .result_files import write_equity_parts, write_json_entry, write_series_csv, write_trades_csv
from .result_store import MOST_RECORDED
from .stored_results import StoredResult
from .stored_triggers import lacks_pools, read_triggers

_FEWEST = MOST_RECORDED // 2 - 1
_REASONS = {each.value: each for each in ExitReason}
_FIELDS = {field.name for field in fields(BacktestTradeRecord)}


def export_json(
    database: Database, found: StoredResult, path: Path, timing: bool = True, all_triggers: bool = False
) -> list[str]:
    """Write a stored result as the JSON of its run; return what it lacks.

    Where nothing is lacking the bytes are those that ``perpsim run`` has written with the same options.
    """
    entry: dict[str, Any] = {**found.figures, "config": found.config}
    if not timing:
        entry.pop("execution_time_ms", None)
    if found.records:
        entry["records"] = found.records
    if found.certificate:
        entry["certificate"] = found.certificate
    entry |= {"trades": found.trades, "equity_curve": found.curve}
    entry["trigger_log"] = read_triggers(database, found.run_id, all_triggers)
    write_json_entry(entry, path)
    unsaved = (found.figures.get("total_triggers") or 0) - found.triggers_saved
    quiet = [f"{unsaved:,} triggers of which nothing came have no row"] if all_triggers and unsaved > 0 else []
    pools = ["the ids of the pools that triggered are not stored"] if lacks_pools(database, found.run_id) else []
    return [*_lacking_figures(found), *_lacking_trades(found), *_lacking_records(found), *quiet, *pools]


def export_trades(found: StoredResult, path: Path) -> list[str]:
    """Write the closed trades as CSV; return what they lack."""
    write_trades_csv(stored_trades(found), path)
    old = _FIELDS.difference(*found.trades[:1]) if found.trades else set()
    return [*_lacking_trades(found), *(f"trades have no {name}" for name in sorted(old))]


def export_equity(database: Database, found: StoredResult, path: Path) -> list[str]:
    """Write the equity curve as CSV, of every minute where these are stored; return what it lacks."""
    part, lacking = _stored_curve(database, found)
    write_equity_parts([part] if len(part.timestamp_ms) else [], len(part.timestamp_ms), path)
    return lacking


def _stored_curve(database: Database, found: StoredResult) -> tuple[CurvePart, list[str]]:
    names = CurvePart._fields
    times = np.array([point["timestamp"] for point in found.curve], np.int64)
    points = CurvePart(times, *(np.array([point[name] for point in found.curve], np.float64) for name in names[1:]))
    if not (np.diff(times) > MINUTE_MS).any():
        return points, [] if len(times) else ["the equity curve is not stored"]
    minutes = stored_minutes(database, found.run_id)
    if minutes is None:
        return points, [f"the equity curve is stored as {len(times):,} points, its extremes among them"]
    return minutes, ["amounts are stored with seven digits"]


def export_records(found: StoredResult, path: Path) -> list[str]:
    """Write the program's own series as CSV; return what they lack."""
    write_series_csv(stored_records(found), path)
    return _lacking_records(found)


def stored_trades(found: StoredResult) -> list[BacktestTradeRecord]:
    """Return the records of the closed trades; what a version did not store of one is none."""
    return [*map(_trade, found.trades)]


def _trade(entry: dict[str, Any]) -> BacktestTradeRecord:
    known = {name: value for name, value in entry.items() if name in _FIELDS}
    known |= {"exit_reason": _REASONS[entry["exit_reason"]], "triggered_signals": tuple(entry["triggered_signals"])}
    return BacktestTradeRecord(**{"entry_timestamp": entry["timestamp"], **known})


def stored_records(found: StoredResult) -> dict[str, OwnSeries]:
    """Return the program's own series by name, each as it is stored: thinned to its extremes."""
    return {name: _series(columns) for name, columns in found.records.items()}


def _series(columns: Mapping[str, Sequence[float]]) -> OwnSeries:
    times, values = np.array(columns["timestamp"], np.int64), np.array(columns["value"], np.float64)
    return OwnSeries(read_only(times, np.int64), read_only(values, np.float64))


def _lacking_figures(found: StoredResult) -> Iterator[str]:
    absent = [name for name in found.figures if not is_stored(name, found.figures)]
    if absent:
        yield f"{len(absent)} figures are not stored"


def _lacking_trades(found: StoredResult) -> Iterator[str]:
    if not found.has_trades:
        yield "its trades are not stored"


def _lacking_records(found: StoredResult) -> list[str]:
    kept = {name: len(each["value"]) for name, each in found.records.items()}
    # a version that did not store how many there were has stored no fewer of many
    whole = {name: found.record_counts.get(name, count if count < _FEWEST else None) for name, count in kept.items()}
    return [
        f"of the series {name} are stored {count:,} values of {whole[name] or 'more'}, its extremes among them"
        for name, count in kept.items()
        if whole[name] != count
    ]
