"""Signals and pools of a TOML file on their way into a database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import astuple
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Table, func, insert, update

from engine import ConfigurationError
from engine.plain_values import shown

from ..database import Database, exchange_name, signal_definitions, signal_pools
from .signal_files import SignalFile, read_signal_file
from .signal_store import MARKET_SIGNALS, SignalStore, StoredPool, StoredSignal, said_json

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
    added = []
    with database.writing() as connection:  # before it reads: of two at once the second sees what the first has added
        database.create_tables(connection, (signal_definitions, signal_pools))
        store = SignalStore(database, connection)
        _check(store, file)
        ids = {signal.name: signal.signal_id for signal in store.signals.values()}
        for entry in file.signals:
            said = entry["name"], entry.get("description", ""), entry["condition"]
            added.append(_write(connection, signal_definitions, store.signals, StoredSignal(0, *said, *_state(entry))))
        ids |= {row.name: row.row_id for row in added}
        for entry in file.pools:
            members = [member if isinstance(member, int) else ids[member] for member in entry["signals"]]
            watched, logic = entry.get("symbols", []), entry.get("logic", "OR").upper()
            pool = StoredPool(0, entry["name"], members, watched, logic, *_state(entry), MARKET_SIGNALS)
            added.append(_write(connection, signal_pools, store.pools, pool))
    return added


def _state(entry: Mapping[str, Any]) -> tuple[bool, str]:
    return entry.get("enabled", True), exchange_name(entry.get("exchange", "hyperliquid"))


def _check(store: SignalStore, file: SignalFile) -> None:
    """Raise `ConfigurationError` for names that are stored more than once and for signals that are nowhere."""
    own = {entry["name"] for entry in file.signals}
    problems = [
        f"{file.path}: {kind} {shown(entry['name'])}: {store.name} has several of this name"
        for kind, entries, stored in (
            ("signal", file.signals, [signal.name for signal in store.signals.values()]),
            ("pool", file.pools, [pool.name for pool in store.pools.values()]),
        )
        for entry in entries
        if stored.count(entry["name"]) > 1
    ]
    for entry in file.pools:
        found = (_member_problem(store, own, member) for member in entry["signals"])
        problems += [f"{file.path}: pool {shown(entry['name'])}: {problem}" for problem in found if problem is not None]
    if problems:
        raise ConfigurationError(problems)


def _member_problem(store: SignalStore, own: set[str], member: str | int) -> str | None:
    if member in own or member in store.signals:
        return None
    stored = sum(signal.name == member for signal in store.signals.values())
    if stored > 1:
        return f"several signals are called {shown(member)}: name one by its id"
    return None if stored else f"there is no signal {shown(member)} in the file or in {store.name}"


def _write(connection: Connection, table: Table, stored: Mapping[int, Row], new: Row) -> AddedRow:
    """Write one row over the one of its name; the fields of a row are the table's first columns, in its order."""
    kind = "signal" if table is signal_definitions else "pool"
    _, *values = astuple(new)
    named = zip(table.c.keys()[1:], values, strict=False)
    cells = {name: json.dumps(value) if isinstance(value, (dict, list)) else value for name, value in named}
    old = next((row for row in stored.values() if row.name == new.name), None)
    if old is None:
        key = connection.execute(insert(table).values(cells)).inserted_primary_key
        assert key is not None
        return AddedRow(kind, int(key[0]), new.name, "added")
    row_id, *before = astuple(old)
    pairs = zip(before, values, strict=True)
    if all((said_json(was) if isinstance(value, (dict, list)) else was) == value for was, value in pairs):
        return AddedRow(kind, row_id, new.name, "unchanged")
    stamp = {"updated_at": func.current_timestamp()} if "updated_at" in table.c else {}
    connection.execute(update(table).where(table.c.id == row_id).values({**cells, **stamp}))
    return AddedRow(kind, row_id, new.name, "changed")
