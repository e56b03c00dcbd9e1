"""Features in both databases: written all or none, updated when they come again, read bit for bit, damage named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Connection, insert

from adapters import Database, create_database, open_database, write_klines
from adapters.database import (
    FeatureRows,
    StoredFeature,
    features_of,
    perp_features,
    read_feature,
    stored_features,
    write_features,
)
from engine import DataError, TimedValues
from tests.support.klines import START_MS, random_klines

VALUES = [0.1, -1e300, 5e-324, 3.0, 1 / 3]
TIMES = START_MS + np.array([0, 1, 7, 60_000, 10**9])


def feature(symbol: str, name: str, times: object = TIMES, values: object = VALUES) -> FeatureRows:
    return FeatureRows(symbol, name, TimedValues(times, values))  # type: ignore[arg-type]


def test_stored_values_are_listed_and_read_back_bit_for_bit(any_database: Database) -> None:
    parts = [feature("BTC", "mood.up"), feature("*", "fear index", TIMES[:2], VALUES[:2]), feature("BTC", "Mood")]
    write_features(any_database, "Okx", parts)
    assert stored_features(any_database) == [
        StoredFeature("okx", "*", "fear index", 2, START_MS, START_MS + 1),
        StoredFeature("okx", "BTC", "Mood", 5, START_MS, START_MS + 10**9),
        StoredFeature("okx", "BTC", "mood.up", 5, START_MS, START_MS + 10**9),
    ]
    found = read_feature(any_database, "okx", "BTC", "mood.up")
    np.testing.assert_array_equal(found["timestamp"], TIMES)
    np.testing.assert_array_equal(found["value"], np.array(VALUES), strict=True)


def test_importing_again_updates_the_same_rows(any_database: Database) -> None:
    write_features(any_database, "okx", [feature("BTC", "mood"), feature("ETH", "mood")])
    changed = [9.0, *VALUES[1:]]
    more = feature("BTC", "mood", np.append(TIMES, TIMES[-1] + 1), [*changed, 4.0])
    counts = write_features(any_database, "okx", [more, feature("ETH", "mood")])
    assert {key: tuple(count) for key, count in counts.items()} == {
        ("BTC", "mood"): (1, 1, 4),
        ("ETH", "mood"): (0, 0, 5),
    }
    assert read_feature(any_database, "okx", "BTC", "mood")["value"].tolist() == [*changed, 4.0]


def test_nothing_is_written_when_a_part_cannot_be(any_database: Database) -> None:
    with pytest.raises(DataError, match="the symbol 'TOO-LONG"):
        write_features(any_database, "okx", [feature("BTC", "mood"), feature("TOO-LONG-TO-BE-A-SYMBOL", "mood")])
    with pytest.raises(DataError, match="is no name of a feature"):
        write_features(any_database, "okx", [feature("BTC", "mood"), feature("BTC", " ")])
    assert stored_features(any_database) == []


def test_a_symbol_has_its_own_features_and_those_of_every_symbol(any_database: Database) -> None:
    parts = [feature("BTC", "a"), feature("*", "a"), feature("*", "b"), feature("ETH", "c")]
    write_features(any_database, "okx", parts)
    assert features_of(any_database, "okx", "BTC") == {"a": "BTC", "b": "*"}
    assert features_of(any_database, "Okx", "SOL") == {"a": "*", "b": "*"}
    assert features_of(any_database, "binance", "BTC") == {}


def test_a_database_without_the_table_has_none_and_gets_none_by_looking(tmp_path: Path) -> None:
    write_klines(open_database(tmp_path / "market.db", create=True), "okx", "BTC", "1m", random_klines(4))
    before = (tmp_path / "market.db").read_bytes()
    database = open_database(tmp_path / "market.db", read_only=True)
    assert stored_features(database) == []
    assert features_of(database, "okx", "BTC") == {}
    assert (tmp_path / "market.db").read_bytes() == before


def test_creating_a_database_makes_the_table(any_database: Database) -> None:
    added, _ = create_database(any_database)
    assert perp_features.name in added
    with any_database.reading() as connection:
        any_database.require_table(connection, perp_features)


def put(connection: Connection, at_ms: int, value: float) -> None:
    row = {"exchange": "okx", "symbol": "BTC", "feature": "mood", "timestamp": at_ms, "value": value}
    connection.execute(insert(perp_features).values(row))


def test_a_value_that_is_not_finite_is_named_when_it_is_read(any_database: Database) -> None:
    write_features(any_database, "okx", [feature("BTC", "mood", TIMES[1:], VALUES[1:])])
    with any_database.writing() as connection:
        put(connection, START_MS, float("inf"))
    with pytest.raises(DataError, match="values of feature mood of BTC on okx: 1 are not finite, the first at 2024"):
        read_feature(any_database, "okx", "BTC", "mood")
