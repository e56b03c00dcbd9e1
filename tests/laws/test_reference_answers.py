"""The live platform's own answers on the reference market, from both databases, through `perpsim look`.

Only what the contract lists may differ: the volume of a forming kline (and VWAP and OBV, which read it), klines and
indicators exactly on a boundary, where there a kline of one tick follows and here none, and `open_interest`, which
stands there in coins.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import insert

from adapters import main, open_database
from adapters.database.schema import metadata
from engine import PERIOD_MS, utc_text
from tests.support.databases import EmptyDatabases

pytestmark = pytest.mark.xdist_group("reference market")

PERIODS = ("5m", "1h")
READ_VOLUME = ("VWAP", "OBV")
COPIED = "crypto_klines market_trades_aggregated market_asset_metrics market_orderbook_snapshots".split()


@pytest.fixture(scope="module")
def stored_url(empty_databases: EmptyDatabases, reference_database: Path) -> Iterator[str]:
    """The reference market copied into PostgreSQL; the tests only read it."""
    with empty_databases.one() as url:
        copy_into(url, reference_database)
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def reference_url(request: pytest.FixtureRequest, reference_database: Path) -> str:
    """The reference market in an SQLite file as the platform fills it, and in PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{reference_database}"
    url: str = request.getfixturevalue("stored_url")
    return url


def copy_into(url: str, path: Path) -> None:
    """Copy the market data of BTC into tables that perpsim makes, row by row and past its own writers."""
    target = open_database(url, create=True)
    tables = [metadata.tables[name] for name in [*COPIED, "market_regime_configs"]]
    source = sqlite3.connect(path)
    source.row_factory = sqlite3.Row
    with target.writing() as connection:
        target.create_tables(connection, tables)
        for table in tables:
            where = "where symbol = 'BTC'" if "symbol" in table.columns else ""
            rows = source.execute(f"select * from {table.name} {where}")
            while chunk := rows.fetchmany(5_000):
                skipped = ("created_at", "updated_at")
                kept = [{key: row[key] for key in row.keys() if key not in skipped} for row in chunk]  # noqa: SIM118
                for entry in kept:
                    if "is_default" in entry:
                        entry["is_default"] = bool(entry["is_default"])
                connection.execute(insert(table), kept)
    source.close()


def answers(url: str, instants: list[int]) -> list[dict[str, Any]]:
    """Ask `perpsim look` for everything at some instants."""
    arguments = ["look", "--database", url, "--exchange", "hyperliquid", "--symbol", "BTC", "--json"]
    for period in PERIODS:
        arguments += ["--period", period]
    for instant in instants:
        arguments += ["--at", str(instant)]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def differences(where: str, ours: Any, theirs: Any) -> Iterator[str]:
    """Yield one line for each value of theirs that ours does not have to 1e-9."""
    if isinstance(theirs, dict):
        for key, value in theirs.items():
            if not isinstance(ours, dict) or key not in ours:
                yield f"{where} {key}: missing"
            else:
                yield from differences(f"{where} {key}", ours[key], value)
    elif isinstance(theirs, list):
        if len(ours) != len(theirs):
            yield f"{where}: {len(ours)} entries, not {len(theirs)}"
        else:
            for place, (mine, value) in enumerate(zip(ours, theirs, strict=True)):
                yield from differences(f"{where}[{place}]", mine, value)
    elif isinstance(theirs, float):
        if not math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-12):
            yield f"{where}: {ours!r}, not {theirs!r}"
    elif ours != theirs:
        yield f"{where}: {ours!r}, not {theirs!r}"


def in_usd(market: dict[str, Any]) -> dict[str, Any]:
    """Return expected market data, whose open interest is in coins, as they are here."""
    coins = market["open_interest"]
    return {**market, "open_interest_coins": coins, "open_interest": coins * market["mark_price"]}


def comparable(entry: dict[str, Any], period: str, instant: int) -> dict[str, Any]:
    """Return what must agree of one period's expected answers."""
    kept = {key: entry[key] for key in ("flow", "regime", "change")}
    if instant % PERIOD_MS[period] == 0:
        return kept
    kept["indicator"] = {name: values for name, values in entry["indicator"].items() if name not in READ_VOLUME}
    forming = {key: value for key, value in entry["klines"][-1].items() if key != "volume"}
    kept["klines"] = [*entry["klines"][:-1], forming]
    return kept


def test_the_platforms_answers_are_reproduced(reference_url: str, expected: Any) -> None:
    instants = [entry["t"] for entry in expected["at"]]
    found = answers(reference_url, instants)
    assert [entry["t"] for entry in found] == instants
    lines = []
    for ours, theirs in zip(found, expected["at"], strict=True):
        at = utc_text(theirs["t"])
        for key in ("symbol", "price"):
            lines += differences(f"{at} {key}", ours[key], theirs[key])
        lines += differences(f"{at} market", ours["market"], in_usd(theirs["market"]))
        for period in PERIODS:
            wanted = comparable(theirs[period], period, theirs["t"])
            lines += differences(f"{at} {period}", ours[period], wanted)
    assert not lines, "\n".join(lines)


def test_on_a_boundary_the_finished_klines_are_those_before_the_platforms_one_tick_kline(
    reference_url: str, expected: Any
) -> None:
    on_boundary = [entry for entry in expected["at"] if entry["t"] % PERIOD_MS["1h"] == 0]
    assert on_boundary
    for ours, theirs in zip(answers(reference_url, [entry["t"] for entry in on_boundary]), on_boundary, strict=True):
        for period in PERIODS:
            assert ours[period]["klines"][1:] == theirs[period]["klines"][:-1]
            assert theirs[period]["klines"][-1]["timestamp"] * 1_000 == theirs["t"]


def test_both_databases_give_the_same_bits(reference_database: Path, stored_url: str, expected: Any) -> None:
    instants = [entry["t"] for entry in expected["at"]][:6]
    assert answers(stored_url, instants) == answers(f"sqlite:///{reference_database}", instants)
