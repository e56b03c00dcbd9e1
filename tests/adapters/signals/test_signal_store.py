"""Stored signals and pools, on both databases: what is read, left out, refused, and written from TOML."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update

from adapters import Database, add_signals, load_pools, open_database
from adapters.database import signal_definitions, signal_pools
from adapters.signals import SignalStore
from engine import ConfigurationError, DataError

CVD = {"metric": "cvd", "operator": ">", "threshold": 1, "time_window": "5m"}


@pytest.fixture
def store(any_database: Database) -> Database:
    """A database with four signals and no pool; signal 3 is disabled, signal 4 deleted."""
    with any_database.writing() as connection:
        any_database.create_tables(connection, [signal_definitions, signal_pools])
        for name, more in (("one", {}), ("two", {}), ("off", {"enabled": False}), ("gone", {"is_deleted": True})):
            row = {"signal_name": name, "trigger_condition": json.dumps(CVD), **more}
            connection.execute(insert(signal_definitions).values(row))
    return any_database


def add_pool(database: Database, ids: Any = (1, 2), **more: Any) -> None:
    row = {"pool_name": "pool", "signal_ids": ids if isinstance(ids, str) else json.dumps(list(ids)), **more}
    with database.writing() as connection:
        connection.execute(insert(signal_pools).values(row))


def problems(database: Database, ids: list[int]) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as caught:
        load_pools(database, ids)
    return caught.value.problems


def test_pools_come_in_the_order_of_their_ids_with_their_signals(store: Database) -> None:
    add_pool(store, (2, 1), logic="and", symbols='["BTC"]')
    add_pool(store, (1,), pool_name="second")
    (second, first), warnings = load_pools(store, [2, 1], ["BTC"])
    assert (first.pool_id, first.name, first.logic, first.symbols) == (1, "pool", "AND", ("BTC",))
    assert [(s.signal_id, s.name, s.exchange) for s in first.signals] == [
        (2, "two", "hyperliquid"),
        (1, "one", "hyperliquid"),
    ]
    assert (second.name, second.logic, second.symbols, warnings) == ("second", "OR", (), [])


def test_a_disabled_pool_and_a_disabled_signal_are_warnings(store: Database) -> None:
    add_pool(store, (1, 3))
    add_pool(store, (1,), pool_name="asleep", enabled=False)
    pools, warnings = load_pools(store, [1, 2])
    assert [[s.name for s in pool.signals] for pool in pools] == [["one"]]
    assert warnings == [
        "signal pool 1 ('pool'): signal 3 ('off') is disabled and left out",
        "signal pool 2 ('asleep'): is disabled and left out",
    ]


def test_no_enabled_pool_at_all_is_an_error(store: Database) -> None:
    add_pool(store, enabled=False)
    (problem,) = problems(store, [1])
    assert problem.startswith("signal_pool_ids: no pool is left to run (signal pool 1 ('pool'): is disabled")


def test_a_symbol_that_is_not_configured_is_a_warning(store: Database) -> None:
    add_pool(store, symbols='["BTC", "SOL"]')
    add_pool(store, pool_name="foreign", symbols='["SOL"]')
    pools, warnings = load_pools(store, [1, 2], ["ETH", "BTC"])
    assert [pool.symbols for pool in pools] == [("BTC",)]
    assert warnings == [
        "signal pool 1 ('pool'): SOL ignored, not a configured symbol",
        "signal pool 2 ('foreign'): SOL ignored, not a configured symbol",
        "signal pool 2 ('foreign'): watches no configured symbol and is left out",
    ]


def test_signals_of_another_exchange_are_a_warning(store: Database) -> None:
    add_pool(store)
    _, warnings = load_pools(store, [1], exchange="binance")
    assert warnings == [
        "signal pool 1 ('pool'): its signals are defined on hyperliquid, they are judged on binance data"
    ]


@pytest.mark.parametrize(
    ("pool", "problem"),
    [
        ({"source_type": "wallet_tracking"}, "source_type 'wallet_tracking' is not \"market_signals\""),
        ({"ids": "[1,"}, "signal_ids is no JSON"),
        ({"ids": '{"1": 2}'}, "signal_ids {'1': 2} is no list of ids"),
        ({"ids": '["1"]'}, "signal_ids ['1'] is no list of ids"),
        ({"ids": (9,)}, "signal 9: "),
        ({"ids": (4,)}, "has no such signal (there: 1, 2, 3)"),
        ({"ids": ()}, "it has no enabled signal"),
        ({"ids": (3,)}, "it has no enabled signal"),
        ({"symbols": "BTC"}, "symbols is no JSON"),
        ({"symbols": "[1]"}, "symbols [1] is no list of names"),
        ({"logic": "XOR"}, "logic 'XOR' is not one of OR, AND"),
    ],
)
def test_a_malformed_pool_is_named(store: Database, pool: dict[str, Any], problem: str) -> None:
    add_pool(store, **pool)
    (found,) = problems(store, [1])
    assert found.startswith("signal pool 1 ('pool'): ")
    assert problem in found


@pytest.mark.parametrize(
    ("condition", "problem"),
    [
        ("{", "the condition is no JSON"),
        ('{"metric": "foo", "operator": ">", "threshold": 1}', "there is no metric 'foo'"),
        ('{"metric": "cvd", "operator": "~", "threshold": 1}', "operator '~' is not one of"),
        ('{"metric": "cvd", "operator": ">"}', "threshold is missing"),
        ('{"metric": "cvd", "operator": ">", "threshold": "much"}', "threshold 'much' is no finite number"),
    ],
)
def test_a_malformed_signal_is_named_with_its_pool(store: Database, condition: str, problem: str) -> None:
    with store.writing() as connection:
        connection.execute(
            update(signal_definitions).where(signal_definitions.c.id == 2).values(trigger_condition=condition)
        )
    add_pool(store)
    (found,) = problems(store, [1])
    assert found.startswith("signal pool 1 ('pool'): signal 2 ('two'): ")
    assert problem in found


def test_all_problems_are_told_at_once(store: Database) -> None:
    add_pool(store, (8, 9), source_type="wallet", symbols="{}")
    found = problems(store, [1, 5])
    assert len(found) == 5
    assert found[-1].startswith("signal pool 5: ")
    assert "has no such pool (there: 1)" in found[-1]


def test_a_deleted_pool_is_not_there(store: Database) -> None:
    add_pool(store, is_deleted=True)
    assert "has no such pool (there: none)" in problems(store, [1])[0]


def test_null_flags_and_texts_mean_the_defaults(store: Database) -> None:
    add_pool(store, enabled=None, logic=None)
    with store.writing() as connection:
        connection.execute(update(signal_definitions).values(enabled=None, description=None))
    (pool,), _ = load_pools(store, [1])
    assert (pool.logic, [signal.description for signal in pool.signals]) == ("OR", ["", ""])


def test_a_database_without_the_tables_says_so(any_database: Database) -> None:
    with pytest.raises(DataError, match="has no table signal_definitions"):
        load_pools(any_database, [1])


def test_json_columns_of_the_platform_are_read(postgresql_url: str) -> None:
    database = open_database(postgresql_url)
    with database.writing() as connection:
        database.create_tables(connection, [signal_definitions, signal_pools])
        for table, column in (
            ("signal_definitions", "trigger_condition"), ("signal_pools", "signal_ids"), ("signal_pools", "symbols"),
        ):  # fmt: skip
            connection.execute(text(f"alter table {table} alter column {column} drop default"))
            connection.execute(text(f"alter table {table} alter column {column} type jsonb using {column}::jsonb"))
        connection.execute(insert(signal_definitions).values(signal_name="one", trigger_condition=json.dumps(CVD)))
    add_pool(database, (1,), symbols='["BTC"]')
    (pool,), _ = load_pools(database, [1])
    assert (pool.signals[0].condition.describe(), pool.symbols) == ("cvd > 1 on 5m", ("BTC",))


def test_the_reference_database_is_read_as_it_is(shared: Path, reference_database: Path) -> None:
    store = SignalStore(open_database(reference_database, read_only=True))
    (one, two), warnings = store.load([1, 2], ["BTC"], "hyperliquid")
    assert ([s.signal_id for s in one.signals], one.logic) == ([1, 2, 3], "OR")
    assert ([s.signal_id for s in two.signals], two.logic) == ([1, 3], "AND")
    assert len(warnings) == 2  # ETH


pytest_plugins = ["tests.support.reference_market"]

# ------------------------------------------------------------------------------------------------ from TOML

TOML = """
[[signal]]
name = "surge"
description = "much is bought"
condition = { metric = "cvd", operator = ">", threshold = 1600000.0, time_window = "5m" }

[[signal]]
name = "dip"
enabled = false
condition = { metric = "indicator:RSI14", operator = "<", threshold = 30, time_window = "1h" }

[[pool]]
name = "entries"
signals = ["surge", "dip"]
symbols = ["BTC"]
logic = "and"
"""


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    path = tmp_path / "signals.toml"
    path.write_text(TOML)
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
    toml.write_text(TOML.replace("1600000.0", "2e6").replace("enabled = false", ""))
    assert [row[1:] for row in add_signals(any_database, toml)] == [
        (1, "surge", "changed"),
        (2, "dip", "changed"),
        (1, "entries", "unchanged"),
    ]
    (pool,), _ = load_pools(any_database, [1])
    assert [s.condition.describe() for s in pool.signals] == ["cvd > 2000000.0 on 5m", "indicator:RSI14 < 30 on 1h"]


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
    toml.write_text(TOML.replace(old, new, 1) if old else new + TOML)
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
