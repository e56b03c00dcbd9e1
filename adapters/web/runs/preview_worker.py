"""The process that tries conditions of signal pools out for the server: ``python -m adapters.web.runs.preview_worker``.

It reads its job, one line of JSON, from standard input: when a pool would have fired, or how the figure of a condition
is spread. How long that takes depends on what is asked for: memory and time are limited.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from engine import BacktestConfig, SignalDefinition, SignalPool, SymbolHistory, parse_condition
from engine.market import symbol_coverage
from engine.periods import DAY_MS
from engine.signals import SignalBacktest, distribution, judge_pool

from ...database import Database, open_database
from ...market import load_market
from ...signals import SignalPreview, SignalStore
from .run_worker import step_back
from .strange_files import work

_MOST_CPU_S = 120
#: So many times of a preview are told, and of so many of them what the signals saw.
_MOST_TIMES, _MOST_FIRINGS = 20_000, 1_000


def main() -> None:
    """Do the job that stands on standard input."""
    step_back()
    entry = json.loads(sys.stdin.buffer.readline())
    work(lambda channel: answer(open_database(entry["database"]), entry), (), _MOST_CPU_S)


def answer(database: Database, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a job asks for: a range and a symbol as a configuration, and a `pool_id`, `conditions` with their
    `logic`, or a `condition`.
    """
    config = BacktestConfig.from_dict(entry["config"])
    if "condition" in entry:
        condition = parse_condition(entry["condition"])
        found = distribution(condition, _history(database, config), config.start_ms, config.end_ms)
        return {"text": condition.describe(), **asdict(found)}
    pool, left_out = _pool(database, entry)
    told = previewed(_history(database, config), pool, config)
    return {**told, "warnings": [*left_out, *told["warnings"]]}


def previewed(history: SymbolHistory, pool: SignalPool, config: BacktestConfig) -> dict[str, Any]:
    """Return when a pool would have fired in a range, with warnings on what is missing there, as a run has them."""
    found = judge_pool(pool, history, config.start_ms, config.end_ms)
    seen = SignalPreview(SignalBacktest(history.symbol, pool, found, False), config.start_ms, config.end_ms)
    missing = [each.warning() for each in symbol_coverage(history, config.start_ms, config.end_ms)]
    firings = [
        {"time": each.timestamp, "told": [_told(fact) for fact in each.triggered_signals]}
        for each in found.triggers[:_MOST_FIRINGS]
    ]
    return {
        "symbol": history.symbol,
        "exchange": config.exchange,
        "name": pool.name,
        "trigger_count": len(found.triggers),
        "per_day": seen.a_day,
        "check_points": found.check_points,
        "undefined": found.undefined,
        "times": seen.times_ms[:_MOST_TIMES].tolist(),
        "firings": firings,
        "first_day": config.start_ms // DAY_MS * DAY_MS,
        "by_day": seen.by_day,
        "by_hour": seen.by_hour,
        "warnings": [*found.warnings, *filter(None, missing)],
    }


def _history(database: Database, config: BacktestConfig) -> SymbolHistory:
    return load_market(database, config).symbols[config.symbols[0]]


def _told(fact: Mapping[str, Any]) -> str:
    what = fact.get("triggered_event") or fact.get("direction") or ""
    return " ".join(filter(None, (f"{fact['signal_name']}:", what, f"{fact['value']:.6g}")))


def _pool(database: Database, entry: Mapping[str, Any]) -> tuple[SignalPool, list[str]]:
    """Return what is previewed, and warnings about what of a stored pool a run leaves out."""
    if entry["pool_id"] is not None:
        return SignalStore(database).runnable(entry["pool_id"])
    parsed = [parse_condition(each) for each in entry["conditions"]]
    members = tuple(SignalDefinition(None, each.describe(), each) for each in parsed)
    return SignalPool(None, f" {entry['logic']} ".join(each.name for each in members), members, (), entry["logic"]), []


if __name__ == "__main__":
    main()
