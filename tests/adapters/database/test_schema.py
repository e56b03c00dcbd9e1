from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, inspect, make_url
from sqlalchemy.pool import NullPool

from adapters import create_database, load_klines, main, open_database, write_klines
from adapters.database import crypto_klines
from adapters.database.schema import metadata
from tests.support.databases import PLATFORM_TABLE, Raw, raw_database
from tests.support.klines import assert_same, random_klines

NAMES = set(metadata.tables)


def perpsim(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def tables(url: str) -> dict[str, list[dict[str, Any]]]:
    driver = "sqlite" if url.startswith("sqlite") else "postgresql+psycopg2"
    engine = create_engine(make_url(url).set(drivername=driver), poolclass=NullPool)
    found = inspect(engine)
    return {
        name: [{**column, "type": str(column["type"])} for column in found.get_columns(name)]
        for name in found.get_table_names()
    }


def test_every_table_of_the_contract_is_added(any_database_url: str) -> None:
    done = perpsim("database", "create", any_database_url)
    assert done.exit_code == 0, done.output
    assert f"{len(NAMES)} tables added, 0 already there" in done.stdout
    assert set(tables(any_database_url)) == NAMES
    assert (
        set(
            "crypto_klines market_trades_aggregated market_asset_metrics market_orderbook_snapshots perp_funding "
            "signal_definitions signal_pools market_regime_configs backtest_results backtest_trigger_logs".split()
        )
        <= NAMES
    )
    assert f"0 tables added, {len(NAMES)} already there" in perpsim("database", "create", any_database_url).stdout


def test_postgresql_holds_doubles(postgresql_url: str) -> None:
    perpsim("database", "create", postgresql_url)
    found = tables(postgresql_url)
    kinds = {column["type"] for columns in found.values() for column in columns}
    assert not {kind for kind in kinds if kind.startswith(("NUMERIC", "REAL"))}
    assert {c["name"]: c["type"] for c in found["crypto_klines"]}["close_price"] == "DOUBLE PRECISION"


def test_a_dry_run_only_tells(any_database_url: str) -> None:
    open_database(any_database_url, create=True)
    done = perpsim("database", "create", any_database_url, "--dry-run")
    assert f"{len(NAMES)} tables missing, 0 already there" in done.stdout
    assert tables(any_database_url) == {}


def test_a_platforms_tables_are_not_touched(postgresql_url: str) -> None:
    database = open_database(postgresql_url, allow_rounding=True)
    with raw_database(postgresql_url) as raw:
        raw.execute(PLATFORM_TABLE)
        write_klines(database, "x", "BTC", "1m", random_klines(20))
        state = "select xmin::text, ctid::text, * from crypto_klines order by id"
        before, described = raw.execute(state), tables(postgresql_url)["crypto_klines"]
        assert "1 already there" in perpsim("database", "create", postgresql_url).stdout
        assert raw.execute(state) == before
    assert tables(postgresql_url)["crypto_klines"] == described
    assert any(column["name"] == "remark" for column in described)


def test_a_table_with_other_columns_is_an_error_that_names_them_and_nothing_is_added(
    any_database_url: str, any_database: object, raw: Raw
) -> None:
    raw.execute("create table signal_pools (id integer primary key, pool_name text, mine text)")
    done = perpsim("database", "create", any_database_url)
    assert done.exit_code == 1
    assert "table signal_pools lacks the columns signal_ids, symbols, logic" in done.stderr
    assert done.stderr.count("\n") == 1
    assert set(tables(any_database_url)) == {"signal_pools"}


@pytest.mark.usefixtures("settled")
def test_the_cache_is_cleared(any_database_url: str) -> None:
    database = open_database(any_database_url, create=True)
    write_klines(database, "x", "BTC", "1m", random_klines(20_000))
    load_klines(database, "x", "BTC", "1m")
    assert perpsim("cache", "clear").stdout.endswith(": 1.0 MB freed\n")
    assert perpsim("cache", "clear").stdout.endswith(": 0.0 MB freed\n")
    assert_same(load_klines(database, "x", "BTC", "1m"), random_klines(20_000))


def test_creating_twice_by_name_is_harmless(any_database_url: str) -> None:
    database = open_database(any_database_url, create=True)
    added, found = create_database(database)
    assert (set(added), found) == (NAMES, [])
    assert crypto_klines.name in create_database(database)[1]
