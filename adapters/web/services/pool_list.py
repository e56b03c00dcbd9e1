"""The stored signal pools and signals, as the page lists them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import ConfigurationError, DataError
from engine.plain_values import plain

from ...database import Database
from ...signals import MARKET_SIGNALS, SignalStore, StoredPool, StoredSignal, members_of, pool_revision, said_json

#: Of more than these the newest are listed.
_MOST_POOLS, _MOST_SIGNALS = 500, 2_000


def stored_signals(database: Database) -> SignalStore | None:
    """Return the stored signals and pools, None where there are no tables of them."""
    try:
        return SignalStore(database)
    except DataError as error:
        if "has no table" in str(error):
            return None
        raise


def pool_answer(store: SignalStore | None) -> dict[str, Any]:
    """Return pools and signals as plain values."""
    if store is None:
        return {"pools": [], "total": 0, "signals": [], "signal_total": 0}
    places: dict[int, list[int]] = {}
    for row in store.pools.values():
        for each in members_of(row):
            places.setdefault(each, []).append(row.pool_id)
    newest = [*store.pools.values()][-_MOST_POOLS:]
    named = {each for row in newest for each in members_of(row)}
    listed = dict.fromkeys([*named, *reversed(store.signals)])
    shown = [each for each in listed if each in store.signals][:_MOST_SIGNALS]
    return {
        "pools": [_pool(store, row) for row in newest],
        "total": len(store.pools),
        "signals": [_signal(store.signals[each], places) for each in sorted(shown)],
        "signal_total": len(store.signals),
    }


def _pool(store: SignalStore, row: StoredPool) -> dict[str, Any]:
    problems: list[str] = []
    warnings: list[str] = []
    signals: list[str] = []
    try:
        pool, warnings = store.runnable(row.pool_id)
        signals = [f"{each.name}: {each.condition.describe()}" for each in pool.signals]
    except ConfigurationError as error:
        problems = list(error.problems)
    return {
        "id": row.pool_id,
        "name": row.name,
        "logic": str(row.logic).strip().upper(),
        "enabled": row.enabled,
        "exchange": row.exchange,
        "source_type": row.source_type,
        "symbols": _names(row.symbols),
        "signals": signals,
        "members": members_of(row),
        "problems": problems,
        "warnings": warnings,
        "is_editable": row.source_type == MARKET_SIGNALS,
        "revision": pool_revision(store, row),
    }


def _signal(row: StoredSignal, places: Mapping[int, list[int]]) -> dict[str, Any]:
    text = problem = ""
    try:
        text = row.parsed.describe()
    except ConfigurationError as error:
        problem = "; ".join(error.problems)
    return {
        "id": row.signal_id,
        "name": row.name,
        "description": row.description,
        "enabled": row.enabled,
        "exchange": row.exchange,
        "condition": plain(said_json(row.condition)),
        "text": text,
        "problem": problem,
        "pools": places.get(row.signal_id, []),
    }


def _names(stored: Any) -> list[str]:
    value = said_json(stored)
    return [str(each) for each in value] if isinstance(value, list) else []  # else it stands among the problems
