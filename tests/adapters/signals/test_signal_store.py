"""Stored signals and pools, on both databases: what is read, left out, and refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text, update

from adapters import Database, load_pools, open_database
from adapters.database import signal_definitions, signal_pools
from adapters.signals import SignalStore
from engine import ConfigurationError, DataError

CVD = {"metric": "cvd", "operator": ">", "threshold": 1, "time_window": "5m"}


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


def forget_metric_of(store: Database, signal_id: int, metric: str = "wallet_fill") -> None:
    with store.writing() as connection:
        condition = json.dumps({"metric": metric, "addresses": ["0x1"]})
        found = update(signal_definitions).where(signal_definitions.c.id == signal_id)
        connection.execute(found.values(trigger_condition=condition))


def test_a_pool_of_another_source_is_left_out_where_another_pool_remains(store: Database) -> None:
    add_pool(store, (1,))
    add_pool(store, (), pool_name="wallets", source_type="wallet_tracking")
    pools, warnings = load_pools(store, [2, 1])
    assert [pool.name for pool in pools] == ["pool"]
    said = "signal pool 2 ('wallets'): source_type 'wallet_tracking' is not \"market_signals\", it is left out"
    assert warnings == [said]
    assert problems(store, [2]) == (f"signal_pool_ids: no pool is left to run ({said})",)


def test_a_signal_that_cannot_be_judged_is_left_out_of_an_or_pool_with_others(store: Database) -> None:
    add_pool(store)
    forget_metric_of(store, 2)
    (pool,), (warning,) = load_pools(store, [1])
    assert [signal.name for signal in pool.signals] == ["one"]
    assert warning.startswith("signal pool 1 ('pool'): signal 2 ('two'): there is no metric 'wallet_fill' (there: cvd,")
    assert warning.endswith("; the signal is left out")


@pytest.mark.parametrize("pool", [{"logic": "and"}, {"ids": (2,)}])
def test_a_pool_that_cannot_fire_without_such_a_signal_is_left_out(store: Database, pool: dict[str, Any]) -> None:
    add_pool(store, **pool)
    add_pool(store, (1,), pool_name="other")
    forget_metric_of(store, 2)
    pools, (warning,) = load_pools(store, [1, 2])
    assert [each.name for each in pools] == ["other"]
    assert warning.endswith("; so the pool is left out")
    (problem,) = problems(store, [1])
    assert problem.startswith("signal_pool_ids: no pool is left to run (signal pool 1 ('pool'): signal 2 ('two'): ")


def test_a_pool_that_is_looked_at_by_itself_names_what_cannot_be_judged(store: Database) -> None:
    add_pool(store, source_type="wallet_tracking")
    forget_metric_of(store, 2)
    with pytest.raises(ConfigurationError) as caught:
        SignalStore(store).pool(1)
    source, signal = caught.value.problems
    assert "source_type 'wallet_tracking' is not" in source
    assert "there is no metric 'wallet_fill'" in signal


def test_all_problems_are_told_at_once(store: Database) -> None:
    add_pool(store, (8, 9), symbols="{}")
    found = problems(store, [1, 5])
    assert len(found) == 4
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
    database = open_database(reference_database, read_only=True)
    (one, two), warnings = load_pools(database, [1, 2], ["BTC"], "hyperliquid")
    assert ([s.signal_id for s in one.signals], one.logic) == ([1, 2, 3], "OR")
    assert ([s.signal_id for s in two.signals], two.logic) == ([1, 3], "AND")
    assert len(warnings) == 2  # ETH
