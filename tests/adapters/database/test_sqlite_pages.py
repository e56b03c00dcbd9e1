from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import adapters.database.sqlite_database as sqlite_database
import adapters.database.sqlite_pages as sqlite_pages
from adapters import open_database, read_klines, write_klines
from adapters.database.sqlite_pages import prepare_pages, read_numbers
from tests.support.klines import assert_same, random_klines

DTYPE = np.dtype([("number", "i8"), ("figure", "f8"), ("other", "f8")])
SELECT = "SELECT number, figure, other FROM figures WHERE number <> ? ORDER BY rowid"
UNUSED = 12_345

#: The edges of every width that SQLite has for integers.
WHOLE = st.sampled_from([sign * (1 << bits) - low for bits in (0, 7, 15, 23, 31, 47, 63) for sign in (-1, 1)
                         for low in (0, 1) if -(1 << 63) <= sign * (1 << bits) - low < 1 << 63])  # fmt: skip
FIGURE = st.none() | st.floats(allow_nan=False) | st.sampled_from([-0.0, 5e-324, float("inf")]) | WHOLE


@pytest.fixture
def raw() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        prepare_pages(connection)
        yield connection


def stored(raw: sqlite3.Connection, rows: Sequence[Sequence[Any]]) -> None:
    raw.execute("DROP TABLE IF EXISTS figures")
    raw.execute("CREATE TABLE figures (number, figure, other DECIMAL(18, 6))")
    raw.executemany("INSERT INTO figures VALUES (?, ?, ?)", rows)


def check(raw: sqlite3.Connection) -> None:
    """Compare the columns, to the bit, with what SQLite says of each value."""
    rows = raw.execute(SELECT, [UNUSED]).fetchall()
    found = read_numbers(raw, SELECT, [UNUSED], DTYPE)
    assert found is not None
    for place, (name, column) in enumerate(found.items()):
        wanted = [float("nan") if row[place] is None else row[place] for row in rows]
        assert column.dtype == DTYPE[name]
        assert column.tobytes() == np.array(wanted, DTYPE[name]).tobytes()
    assert raw.execute("SELECT * FROM sqlite_temp_master").fetchall() == []


@given(st.lists(st.tuples(WHOLE, FIGURE, FIGURE), max_size=40))
def test_every_kind_of_number_comes_bit_for_bit(rows: list[tuple[Any, ...]]) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as raw:
        prepare_pages(raw)
        stored(raw, rows)
        check(raw)


@pytest.mark.parametrize("page_bytes", [512, 4_096, 65_536])
@pytest.mark.parametrize("count", [0, 1, 200, 20_000])
def test_rows_come_in_their_order_from_any_number_of_pages(
    raw: sqlite3.Connection, page_bytes: int, count: int
) -> None:
    raw.execute(f"PRAGMA temp.page_size = {page_bytes}")
    stored(raw, [(number * number, number / 3, number) for number in range(count)])
    check(raw)
    stored(raw, [(number, -number / 7, None) for number in range(count // 2)])
    check(raw)  # the pages of the first table are there to be used again


@pytest.mark.parametrize("count", [0, 3, 4, 5, 8, 9])
def test_a_large_table_comes_in_blocks(raw: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(sqlite_pages, "_BLOCK_ROWS", 4)
    stored(raw, [(number, number / 3, number) for number in range(count)])
    check(raw)


@pytest.mark.parametrize(
    "row",
    [
        (1, "2.5", 3),
        (1, "long" * 30, 3),
        (1, "so long that it takes pages of its own" * 9_999, 3),
        (1, b"\0" * 8, 3),
        (1.5, 2, 3),
        (None, 2, 3),
        ("1", 2, 3),
    ],
)
def test_what_is_no_number_is_left_to_those_who_look_at_each_value(
    raw: sqlite3.Connection, row: tuple[Any, ...]
) -> None:
    stored(raw, [(1, 2, 3), row, (4, 5, 6)])
    assert read_numbers(raw, SELECT.replace("<> ?", "IS NOT ?"), [UNUSED], DTYPE) is None
    assert raw.execute("SELECT * FROM sqlite_temp_master").fetchall() == []


def test_an_error_leaves_nothing_behind(raw: sqlite3.Connection) -> None:
    stored(raw, [(1, 2, 3)])
    with pytest.raises(sqlite3.OperationalError, match="integer overflow"):
        read_numbers(raw, SELECT.replace("other", "abs(-9223372036854775807 - number)"), [UNUSED], DTYPE)
    check(raw)


def test_an_sqlite_that_does_not_give_its_pages_is_read_row_by_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare: Any = SimpleNamespace()
    assert read_numbers(bare, SELECT, [UNUSED], DTYPE) is None
    database, klines = open_database(tmp_path / "market.db", create=True), random_klines(500)
    write_klines(database, "x", "BTC", "1m", klines)
    monkeypatch.setattr(sqlite_database, "read_numbers", lambda *_: None)
    assert_same(read_klines(database, "x", "BTC", "1m"), klines)


def test_numbers_are_selected_once_and_never_row_by_row(tmp_path: Path) -> None:
    database = open_database(tmp_path / "market.db", create=True)
    write_klines(database, "x", "BTC", "1m", random_klines(500))
    said: list[str] = []
    with database.snapshot() as held:
        with held.reading() as connection:
            connection.connection.dbapi_connection.set_trace_callback(said.append)  # type: ignore[union-attr]
        read_klines(held, "x", "BTC", "1m")
    asked = [statement for statement in said if "FROM crypto_klines" in statement]
    assert [statement.split()[:2] for statement in asked] == [["INSERT", "INTO"]]
