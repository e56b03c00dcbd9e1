"""Signals and pools written from TOML: added once, changed, and refused with a reason."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from adapters import Database, add_signals, load_pools, open_database
from adapters.database import signal_definitions
from adapters.signals import SignalStore
from adapters.signals.signal_files import read_signal_file
from engine import ConfigurationError
from tests.support.command_files import SIGNALS
from tests.support.databases import raw_database

CVD = {"metric": "cvd", "operator": ">", "threshold": 1, "time_window": "5m"}


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    path = tmp_path / "signals.toml"
    path.write_text(SIGNALS)
    return path


def outcomes(rows: list[Any]) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in rows]


def test_signals_and_pools_of_a_file_are_added_once(any_database: Database, toml: Path) -> None:
    assert outcomes(add_signals(any_database, toml)) == [
        ("signal", 1, "surge", "added"),
        ("signal", 2, "dip", "added"),
        ("pool", 1, "entries", "added"),
    ]
    (pool,), warnings = load_pools(any_database, [1])
    assert ([s.name for s in pool.signals], pool.logic, pool.symbols) == (["surge"], "AND", ("BTC",))
    assert warnings == ["signal pool 1 ('entries'): signal 2 ('dip') is disabled and left out"]
    assert {row[3] for row in add_signals(any_database, toml)} == {"unchanged"}


def test_a_stored_name_keeps_its_id(any_database: Database, toml: Path) -> None:
    add_signals(any_database, toml)
    toml.write_text(SIGNALS.replace("1600000.0", "2e6").replace("enabled = false", ""))
    assert [row[1:] for row in add_signals(any_database, toml)] == [
        (1, "surge", "changed"),
        (2, "dip", "changed"),
        (1, "entries", "unchanged"),
    ]
    (pool,), _ = load_pools(any_database, [1])
    assert [s.condition.describe() for s in pool.signals] == ["cvd > 2000000.0 on 5m", "indicator:RSI14 < 30 on 1h"]


@pytest.mark.parametrize("isolation", [None, "repeatable read"])
def test_several_at_once_add_each_name_once(any_database_url: str, tmp_path: Path, isolation: str | None) -> None:
    url = any_database_url
    if isolation is not None:
        if url.startswith("sqlite"):
            pytest.skip("SQLite knows one kind of transaction")
        with raw_database(url) as raw:
            ((name,),) = raw.execute("select current_database()")
            raw.execute(f"alter database {name} set default_transaction_isolation = '{isolation}'")
    database = open_database(url, create=True)
    for number in range(4):
        own = SIGNALS.replace('"entries"', f'"entries {number}"')
        (tmp_path / f"{number}.toml").write_text(own)
    with ThreadPoolExecutor(4) as pool:
        with database.writing():  # until all of them wait
            waiting = [pool.submit(add_signals, open_database(url), tmp_path / f"{number}.toml") for number in range(4)]
            time.sleep(0.5)
        added = [row for each in waiting for row in each.result() if row.outcome == "added"]
    if isolation is not None:
        with raw_database(url) as raw:
            raw.execute(f"alter database {name} reset default_transaction_isolation")
    names = ["dip", *(f"entries {number}" for number in range(4)), "surge"]
    assert sorted(row.name for row in added) == names
    store = SignalStore(database)
    assert sorted(signal.name for signal in store.signals.values()) == ["dip", "surge"]
    assert sorted(pool.name for pool in store.pools.values()) == names[1:-1]
    assert len({row.row_id for row in added if row.kind == "pool"}) == 4


def test_pools_may_name_stored_signals_by_name_or_id(store: Database, toml: Path) -> None:
    toml.write_text('[[pool]]\nname = "p"\nsignals = ["two", 1]\n')
    add_signals(store, toml)
    (pool,), _ = load_pools(store, [1])
    assert [s.signal_id for s in pool.signals] == [2, 1]


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        (("", "x = 1\n"), "x: is no list of tables [[signal]] or [[pool]]"),
        (('"cvd"', '"cdv"'), "signal 'surge': there is no metric 'cdv'"),
        (("1600000.0", "2024-01-01"), "signal 'surge': threshold datetime.date(2024, 1, 1) is no finite number"),
        (('name = "dip"', 'name = "surge"'), "signal 'surge': is defined twice"),
        (('name = "dip"', ""), "signal 2: name is missing"),
        (('name = "dip"', 'name = ""'), "signal '': its name has 0 characters"),
        (("enabled = false", 'enabled = "no"'), "signal 'dip': enabled 'no' is no true or false"),
        (("enabled = false", "on = false"), "signal 'dip': there is no key 'on'"),
        (('["surge", "dip"]', '["surge", "dpi"]'), "pool 'entries': there is no signal 'dpi' in the file or in"),
        (('["surge", "dip"]', "[]"), "pool 'entries': signals [] is no list of one or more names or ids"),
        (('["surge", "dip"]', "[true]"), "pool 'entries': signals [True] is no list"),
        (('logic = "and"', 'logic = "xor"'), "pool 'entries': logic 'xor' is not one of OR, AND"),
        (('["BTC"]', "[1]"), "pool 'entries': symbols [1] is no list of names"),
        (('["BTC"]', '"BTC"'), "pool 'entries': symbols 'BTC' is no list"),
    ],
)
def test_a_malformed_file_says_what_is_wrong_and_writes_nothing(
    any_database: Database, toml: Path, changed: tuple[str, str], problem: str
) -> None:
    old, new = changed
    toml.write_text(SIGNALS.replace(old, new, 1) if old else new + SIGNALS)
    with pytest.raises(ConfigurationError) as caught:
        add_signals(any_database, toml)
    assert any(problem in each for each in caught.value.problems), caught.value.problems
    with any_database.reading() as connection:
        if any_database.has_table(connection, signal_definitions):
            assert connection.execute(select(signal_definitions)).all() == []


@pytest.mark.parametrize(
    ("content", "problem"),
    [("[[signal", "is no TOML"), ("", "defines no"), ("signal = 1", "signal: is no list of tables")],
)
def test_a_file_without_signals_is_refused(any_database: Database, toml: Path, content: str, problem: str) -> None:
    toml.write_text(content)
    with pytest.raises(ConfigurationError, match=problem):
        add_signals(any_database, toml)


def test_a_name_that_is_stored_twice_is_not_guessed_at(store: Database, toml: Path) -> None:
    with store.writing() as connection:
        connection.execute(insert(signal_definitions).values(signal_name="one", trigger_condition=json.dumps(CVD)))
    toml.write_text('[[pool]]\nname = "p"\nsignals = ["one"]\n')
    with pytest.raises(ConfigurationError, match="several signals are called 'one': name one by its id"):
        add_signals(store, toml)
    toml.write_text('[[signal]]\nname = "one"\ncondition = { metric = "cvd", operator = ">", threshold = 1 }\n')
    with pytest.raises(ConfigurationError, match="has several of this name"):
        add_signals(store, toml)


@pytest.mark.parametrize(
    "text",
    [
        '[[signal]]\nname = "{long}"\ncondition = {{ metric = "cvd", operator = "??" }}\n',
        '[[pool]]\nname = "a"\nsignals = ["{long}"]\nlogic = "{long}"\n',
        '[[pool]]\nname = "a"\nsignals = ["a"]\n{long} = 1\n',
        '[[pool]]\nname = "{long}"\nsignals = 1\n',
        "{long} = 1\n",
    ],
)
def test_a_long_text_of_a_file_is_not_repeated_whole(tmp_path: Path, text: str) -> None:
    file = tmp_path / "signals.toml"
    file.write_text(text.format(long="n" * 50_000))
    with pytest.raises(ConfigurationError) as refused:
        read_signal_file(file)
    assert all(len(problem) < 400 + len(str(file)) for problem in refused.value.problems)
