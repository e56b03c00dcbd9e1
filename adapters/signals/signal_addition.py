"""Signals and pools of a TOML file on their way into a database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Table, func, insert, update

from engine import ConfigurationError

from ..database import Database, exchange_name, signal_definitions, signal_pools, stored_json
from .signal_files import SignalFile, read_signal_file
from .signal_store import MARKET_SIGNALS, SignalStore, StoredPool, StoredSignal

Row = TypeVar("Row", StoredSignal, StoredPool)


class AddedRow(NamedTuple):
    """What became of one signal or pool of a file: "added", "changed" or "unchanged"."""

    kind: str
    row_id: int
    name: str
    outcome: str


def add_signals(database: Database, path: str | Path) -> list[AddedRow]:
    """Write the signals and pools of a TOML file into a database, in one transaction; missing tables are created.

    A signal or pool whose name is stored already takes the place of that one and keeps its id, so that pools and
    configurations that name the id go on with it. Raises `ConfigurationError` with every problem before anything is
    written: what is malformed, a signal of a pool that is nowhere, a name that is stored more than once.
    """
    file = read_signal_file(path)
    with database.writing() as connection:
        database.create_tables(connection, (signal_definitions, signal_pools))
    store = SignalStore(database)
    _check(store, file)
    with database.writing() as connection:
        writer = _Writer(connection, store)
        return [*map(writer.write_signal, file.signals), *map(writer.write_pool, file.pools)]


def _check(store: SignalStore, file: SignalFile) -> None:
    """Raise `ConfigurationError` for names that are stored more than once and for signals that are nowhere."""
    own = {entry["name"] for entry in file.signals}
    problems = [
        f"{file.path}: {kind} {entry['name']!r}: {store.name} has several of this name"
        for kind, entries, stored in (
            ("signal", file.signals, [signal.name for signal in store.signals.values()]),
            ("pool", file.pools, [pool.name for pool in store.pools.values()]),
        )
        for entry in entries
        if stored.count(entry["name"]) > 1
    ]
    for entry in file.pools:
        found = (_member_problem(store, own, member) for member in entry["signals"])
        problems += [f"{file.path}: pool {entry['name']!r}: {problem}" for problem in found if problem is not None]
    if problems:
        raise ConfigurationError(problems)


def _member_problem(store: SignalStore, own: set[str], member: str | int) -> str | None:
    if member in own or member in store.signals:
        return None
    stored = _named(store.signals.values(), member)
    if len(stored) > 1:
        return f"several signals are called {member!r}: name one by its id"
    return None if stored else f"there is no signal {member!r} in the file or in {store.name}"


class _Writer:
    """Writes entries of a file over what is stored; pools after their signals."""

    def __init__(self, connection: Connection, store: SignalStore) -> None:
        self._connection, self._store = connection, store
        self._ids = {signal.name: signal.signal_id for signal in store.signals.values()}

    def write_signal(self, entry: Mapping[str, Any]) -> AddedRow:
        """Write one signal."""
        stored = _first(_named(self._store.signals.values(), entry["name"]))
        new = StoredSignal(
            0 if stored is None else stored.signal_id,
            entry["name"],
            entry.get("description", ""),
            entry["condition"],
            entry.get("enabled", True),
            exchange_name(entry.get("exchange", "hyperliquid")),
        )
        values = {
            "signal_name": new.name,
            "description": new.description,
            "trigger_condition": json.dumps(new.condition),
            "enabled": new.enabled,
            "exchange": new.exchange,
        }
        same = stored is not None and new == replace(stored, condition=_said(stored.condition))
        added = self._write(signal_definitions, "signal", new.name, values, new.signal_id, same)
        self._ids[new.name] = added.row_id
        return added

    def write_pool(self, entry: Mapping[str, Any]) -> AddedRow:
        """Write one pool."""
        stored = _first(_named(self._store.pools.values(), entry["name"]))
        new = StoredPool(
            0 if stored is None else stored.pool_id,
            entry["name"],
            [member if isinstance(member, int) else self._ids[member] for member in entry["signals"]],
            entry.get("symbols", []),
            entry.get("logic", "OR").upper(),
            entry.get("enabled", True),
            exchange_name(entry.get("exchange", "hyperliquid")),
            MARKET_SIGNALS,
        )
        values = {
            "pool_name": new.name,
            "signal_ids": json.dumps(new.signal_ids),
            "symbols": json.dumps(new.symbols),
            "logic": new.logic,
            "enabled": new.enabled,
            "exchange": new.exchange,
            "source_type": new.source_type,
        }
        same = stored is not None and new == replace(
            stored, signal_ids=_said(stored.signal_ids), symbols=_said(stored.symbols)
        )
        return self._write(signal_pools, "pool", new.name, values, new.pool_id, same)

    def _write(
        self, table: Table, kind: str, name: str, values: Mapping[str, Any], row_id: int, same: bool
    ) -> AddedRow:
        if not row_id:
            key = self._connection.execute(insert(table).values(values)).inserted_primary_key
            assert key is not None
            return AddedRow(kind, int(key[0]), name, "added")
        if same:
            return AddedRow(kind, row_id, name, "unchanged")
        stamp = {"updated_at": func.current_timestamp()} if "updated_at" in table.c else {}
        self._connection.execute(update(table).where(table.c.id == row_id).values({**values, **stamp}))
        return AddedRow(kind, row_id, name, "changed")


def _named(rows: Iterable[Row], name: object) -> list[Row]:
    return [row for row in rows if row.name == name]


def _first(rows: list[Row]) -> Row | None:
    return rows[0] if rows else None


def _said(stored: Any) -> Any:
    """Return what stored JSON says, or the text itself when it is none."""
    try:
        return stored_json(stored)
    except ValueError:
        return stored
