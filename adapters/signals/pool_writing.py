"""Signal pools that are made and changed one by one, in the rows that the platform shares.

Only what differs is written: a column that says what it said keeps its bytes, keys of a condition that are not known
here stay in it, and a pool that is deleted is marked so, as the platform marks it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, Table, func, insert, inspect, update

from engine import ConfigurationError, parse_condition
from engine.signals import CONDITION_KINDS

from ..database import Database, exchange_name, signal_definitions, signal_pools
from .signal_store import MARKET_SIGNALS, SignalStore, StoredPool, said_json

#: What a condition says to perpsim; all other keys are the platform's.
KNOWN_KEYS = frozenset(("metric", *(each.name for kind in CONDITION_KINDS for each in fields(kind))))  # type: ignore[arg-type]


@dataclass(frozen=True)
class SignalDraft:
    """A signal of a pool that is written: a new one where `signal_id` is None, else a stored one, which stays as it is
    where `condition` is None.
    """

    signal_id: int | None
    name: str = ""
    description: str = ""
    enabled: bool = True
    condition: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class PoolDraft:
    """A pool as it is to be stored; `symbols` without any are all."""

    name: str
    logic: str
    enabled: bool
    exchange: str
    symbols: Sequence[str]
    signals: Sequence[SignalDraft]


class PoolChanged(ConfigurationError):
    """A pool is not any more what its writer has seen."""


def save_pool(
    database: Database, draft: PoolDraft, pool_id: int | None = None, revision: str | None = None
) -> tuple[int, list[str]]:
    """Store a pool, a new one or in the place of a stored one; return its id, and what of it a run would leave out.

    All of it is written, after the check that a run makes, or nothing. Raises `ConfigurationError` with every problem,
    those of a signal behind "signals.PLACE", and `PoolChanged` where the stored pool has another `revision`.
    """
    with database.writing() as connection:
        database.create_tables(connection, (signal_definitions, signal_pools))
        store = SignalStore(database, connection)
        old = None if pool_id is None else store.stored_pool(pool_id)
        _check(store, draft, old, revision)
        ids = [_signal(connection, store, each, draft.exchange) for each in draft.signals]
        cells = {
            "pool_name": draft.name,
            "logic": draft.logic,
            "enabled": draft.enabled,
            "exchange": exchange_name(draft.exchange),
            "signal_ids": ids,
            "symbols": list(draft.symbols),
        }
        if old is None:
            pool_id = _insert(connection, signal_pools, {**cells, "source_type": MARKET_SIGNALS})
        else:
            pool_id = old.pool_id
            _update(connection, signal_pools, pool_id, _changed(cells, _cells(old)))
        return pool_id, SignalStore(database, connection).runnable(pool_id)[1]


def enable_pool(database: Database, pool_id: int, enabled: bool) -> None:
    """Enable or disable a stored pool, of whatever source."""
    with database.writing() as connection:
        SignalStore(database, connection).stored_pool(pool_id)
        _update(connection, signal_pools, pool_id, {"enabled": enabled})


def delete_pool(database: Database, pool_id: int) -> None:
    """Mark a pool as deleted; its signals stay."""
    with database.writing() as connection:
        SignalStore(database, connection).stored_pool(pool_id)
        _update(connection, signal_pools, pool_id, {"is_deleted": True, "deleted_at": func.current_timestamp()})


def restore_pool(database: Database, pool_id: int) -> bool:
    """Undo the deletion of a pool; tell whether there was one to undo."""
    with database.writing() as connection:
        database.require_table(connection, signal_pools, ("id", "is_deleted"))
        c = signal_pools.c
        is_it = update(signal_pools).where(c.id == pool_id, c.is_deleted.is_(True))
        there = _there(connection, signal_pools, {"is_deleted": False, "deleted_at": None})
        return connection.execute(is_it.values(there)).rowcount > 0


def pool_revision(store: SignalStore, row: StoredPool) -> str:
    """Return what a pool and its signals are known by: another text as soon as anything of them has changed."""
    members = [store.signals.get(each) for each in members_of(row)]
    return hashlib.sha256(repr((row, members)).encode()).hexdigest()[:16]


def members_of(row: StoredPool) -> list[int]:
    """Return the ids of a pool's signals, each once; none where what is stored is no list of ids."""
    found = said_json(row.signal_ids)
    numbers = found if isinstance(found, list) else []
    return [*dict.fromkeys(each for each in numbers if isinstance(each, int) and not isinstance(each, bool))]


def _check(store: SignalStore, draft: PoolDraft, old: StoredPool | None, revision: str | None) -> None:
    problems = [*_signal_problems(store, draft.signals)]
    if old is not None and old.source_type != MARKET_SIGNALS:
        problems.append(f"source_type: a pool of {old.source_type!r} can only be changed on the platform")
    is_new_name = old is None or old.name != draft.name
    if is_new_name and any(each.name == draft.name for each in store.pools.values()):
        problems.append("name: there is a pool of this name already")
    if problems:
        raise ConfigurationError(problems)
    if old is not None and revision is not None and revision != pool_revision(store, old):
        raise PoolChanged([f"{old.label} has been changed meanwhile: look at it again before you write over that"])


def _signal_problems(store: SignalStore, drafts: Sequence[SignalDraft]) -> Iterable[str]:
    for place, each in enumerate(drafts):
        if each.signal_id is not None and each.signal_id not in store.signals:
            yield f"signals.{place}: there is no signal {each.signal_id} any more: remove it from the pool"
        if each.condition is None and each.signal_id is None:
            yield f"signals.{place}: it has no condition"
        if each.condition is not None:
            try:
                parse_condition(each.condition)
            except ConfigurationError as error:
                yield from (f"signals.{place}: {problem}" for problem in error.problems)


def _signal(connection: Connection, store: SignalStore, draft: SignalDraft, exchange: str) -> int:
    """Write a signal and return its id."""
    cells = {
        "signal_name": draft.name,
        "description": draft.description,
        "enabled": draft.enabled,
        "trigger_condition": draft.condition,
    }
    if draft.signal_id is None:
        return _insert(connection, signal_definitions, {**cells, "exchange": exchange_name(exchange)})
    if draft.condition is None:
        return draft.signal_id
    old = store.signals[draft.signal_id]
    stored = said_json(old.condition)
    foreign = {k: v for k, v in stored.items() if k not in KNOWN_KEYS} if isinstance(stored, dict) else {}
    cells["trigger_condition"] = {**foreign, **draft.condition}
    before = {
        "signal_name": old.name,
        "description": old.description,
        "enabled": old.enabled,
        "trigger_condition": stored,
    }
    changed = _changed(cells, before)
    if changed:
        _update(connection, signal_definitions, draft.signal_id, {**changed, "updated_at": func.current_timestamp()})
    return draft.signal_id


def _cells(row: StoredPool) -> dict[str, Any]:
    return {
        "pool_name": row.name,
        "logic": row.logic,
        "enabled": row.enabled,
        "exchange": row.exchange,
        "signal_ids": said_json(row.signal_ids),
        "symbols": said_json(row.symbols),
    }


def _changed(cells: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the cells that say something else than before; logics are the same in any case."""
    return {
        name: value
        for name, value in cells.items()
        if value != before[name] and not (name == "logic" and value == str(before[name]).strip().upper())
    }


def _insert(connection: Connection, table: Table, cells: Mapping[str, Any]) -> int:
    key = connection.execute(insert(table).values(_there(connection, table, cells))).inserted_primary_key
    assert key is not None
    return int(key[0])


def _update(connection: Connection, table: Table, row_id: int, cells: Mapping[str, Any]) -> None:
    there = _there(connection, table, cells)
    if there:
        connection.execute(update(table).where(table.c.id == row_id).values(there))


def _there(connection: Connection, table: Table, cells: Mapping[str, Any]) -> dict[str, Any]:
    """Return the cells of the columns that the table has, lists and objects as JSON."""
    columns = {each["name"] for each in inspect(connection).get_columns(table.name)}
    return {
        name: json.dumps(value) if isinstance(value, (dict, list)) else value
        for name, value in cells.items()
        if name in columns
    }
