from __future__ import annotations

from adapters import open_database
from adapters.database import FileRecord, imported_files, record_files, write_klines
from tests.support.klines import START_MS, random_klines

MINUTE = 60_000


def record(digest: str, rows: int = 10, period: str = "1m") -> FileRecord:
    return FileRecord("a.csv", digest, "crypto_klines", period, rows, START_MS, START_MS + (rows - 1) * MINUTE)


def test_a_file_counts_as_imported_while_its_rows_are_there(any_database_url: str) -> None:
    database = open_database(any_database_url, create=True)
    assert imported_files(database, "x", "BTC", "klines") == set()
    write_klines(database, "x", "BTC", "1m", random_klines(10))
    with database.writing() as connection:
        records = [
            record("there"),
            record("there"),
            record("more", 11),
            record("other", period="1h"),
            record("none", 0),
        ]
        record_files(database, connection, "X", "BTC", "klines", records)
        record_files(database, connection, "x", "ETH", "klines", [record("there")])
    assert imported_files(database, "x", "BTC", "klines") == {"there", "none"}
    assert imported_files(database, "x", "ETH", "klines") == set()
    assert imported_files(database, "x", "BTC", "mark") == set()
