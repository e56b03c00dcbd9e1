"""Groups of files into a database: all or nothing, once, and whatever is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters import open_database
from adapters.database import Database, market_trades_aggregated
from adapters.files import TradeFile, join_quotes, join_trades, read_kline_file, read_quote_file, read_trade_file
from adapters.imports import GroupReport, ImportGroup, Reading, import_group
from adapters.imports.many_readers import read_each
from engine.errors import FileFormatError
from tests.support.kline_text import lines, text
from tests.support.klines import START_MS, random_klines

TRADES = Reading(read_trade_file, join_trades, keep_edges=True)
KLINES = Reading(read_kline_file)
DAY_MS = 86_400_000


@pytest.fixture
def database(any_database_url: str) -> Database:
    return open_database(any_database_url, create=True)


def trades(folder: Path, day: int, *offsets_ms: int, price: float = 100) -> str:
    """A file of the trades of a day, at times from its beginning on."""
    path = folder / f"BTCUSDT-trades-2024-01-{day + 1:02}.csv"
    rows = (f"{START_MS + day * DAY_MS + offset},{price},1,buy" for offset in offsets_ms)
    path.write_text("\n".join(["time,price,qty,side", *rows]) + "\n")
    return str(path)


def klines(folder: Path, count: int, name: str = "BTCUSDT-1m-2024-01.csv") -> str:
    path = folder / name
    path.write_text(text(lines(random_klines(50))[:count]))
    return str(path)


def run(database: Database, reading: Reading, *paths: str, skip_stored: bool = True) -> GroupReport:
    group = ImportGroup("BTC", "klines" if reading is KLINES else "trades", None, paths)
    return import_group(database, "binance", group, reading, skip_stored=skip_stored)


def stored(database: Database) -> list[tuple[int, float]]:
    from sqlalchemy import select

    c = market_trades_aggregated.c
    with database.reading() as connection:
        if not database.has_table(connection, market_trades_aggregated):
            return []
        found = connection.execute(select(c.timestamp, c.taker_buy_volume).order_by(c.timestamp)).all()
    return [(int(time) - START_MS, float(volume)) for time, volume in found]


def test_files_are_read_once_and_again_when_they_change(database: Database, tmp_path: Path) -> None:
    path = klines(tmp_path, 40)
    first = run(database, KLINES, path)
    assert (first.skipped, first.rows, first.counts["crypto_klines"].inserted) == (0, 40, 40)
    again = run(database, KLINES, path)
    assert (again.skipped, again.files, again.counts) == (1, (), {})
    assert run(database, KLINES, path, skip_stored=False).counts["crypto_klines"].unchanged == 40
    klines(tmp_path, 41)
    assert run(database, KLINES, path).counts["crypto_klines"] == (1, 0, 40)


def test_a_file_whose_rows_are_gone_is_read_again(database: Database, tmp_path: Path) -> None:
    path = trades(tmp_path, 0, 1, 20_000)
    run(database, TRADES, path)
    with database.writing() as connection:
        connection.execute(
            market_trades_aggregated.delete().where(market_trades_aggregated.c.timestamp > START_MS + 20_000)
        )
    assert run(database, TRADES, path).counts["market_trades_aggregated"] == (1, 0, 1)


def test_the_same_file_read_in_another_way_is_another(database: Database, tmp_path: Path) -> None:
    path = klines(tmp_path, 40)
    run(database, KLINES, path)
    assert run(database, Reading(read_kline_file, settings="other"), path).skipped == 0


def test_one_bad_file_of_a_group_leaves_nothing(database: Database, tmp_path: Path) -> None:
    good, bad = trades(tmp_path, 0, 1), trades(tmp_path, 1, 1, price=-1)
    with pytest.raises(
        FileFormatError, match=r"trades-2024-01-02.csv, row 1, column price: -1.0 is not a positive price"
    ):
        run(database, TRADES, good, bad)
    assert stored(database) == []
    assert run(database, TRADES, good).skipped == 0


def test_a_row_over_midnight_is_whole_whichever_day_comes_later(database: Database, tmp_path: Path) -> None:
    """Of the row that ends at midnight the first day has 14.9 s, the second its very last instant."""
    days = [trades(tmp_path, day, 0, 5, DAY_MS - 10_000, DAY_MS - 1) for day in range(4)]
    run(database, TRADES, days[0])
    run(database, TRADES, days[2])
    report = run(database, TRADES, *days)
    assert (report.skipped, [Path(file.path).name for file in report.files]) == (
        2,
        ["BTCUSDT-trades-2024-01-02.csv", "BTCUSDT-trades-2024-01-04.csv"],
    )
    in_parts = stored(database)
    run(database, TRADES, *days, skip_stored=False)
    assert stored(database) == in_parts
    assert (DAY_MS, 3.0) in in_parts
    assert sum(volume for _, volume in in_parts) == 16


def test_quotes_beside_stored_ones_go_on_from_them(database: Database, tmp_path: Path) -> None:
    paths = []
    for part in range(3):
        paths.append(str(tmp_path / f"{part}.csv"))
        rows = (f"{START_MS + part * 60_000 + offset},{100 + part},{101 + part}" for offset in (10_000, 20_000))
        Path(paths[-1]).write_text("\n".join(["time,bid,ask", *rows]) + "\n")
    reading = Reading(read_quote_file, join_quotes)
    group = ImportGroup("BTC", "bbo", None, tuple(paths))
    import_group(database, "x", ImportGroup("BTC", "bbo", None, (paths[0],)), reading, skip_stored=True)
    import_group(database, "x", ImportGroup("BTC", "bbo", None, (paths[2],)), reading, skip_stored=True)
    import_group(database, "x", group, reading, skip_stored=True)
    whole = import_group(database, "x", group, reading, skip_stored=False)
    assert whole.counts["market_orderbook_snapshots"][:2] == (0, 0)


def test_a_group_that_several_processes_read_is_the_same(tmp_path: Path) -> None:
    paths = [trades(tmp_path, day, 0, 5, 40_000, DAY_MS - 1) for day in range(5)]
    one, two = (list(join_trades(read_each(read_trade_file, paths, readers))) for readers in (1, 2))
    assert [file.rows[0].times_ms.tolist() for file in one] == [file.rows[0].times_ms.tolist() for file in two]
    for before, after in zip(one, two, strict=True):
        for name, column in before.rows[0].columns.items():
            assert column.tobytes() == after.rows[0].columns[name].tobytes(), name
    assert two[0].rows[0].table is market_trades_aggregated


def test_an_interruption_leaves_nothing_of_its_group_and_all_of_those_before(
    database: Database, tmp_path: Path
) -> None:
    done, first, second = klines(tmp_path, 40), trades(tmp_path, 0, 1, 2), trades(tmp_path, 1, 3)

    def interrupted(path: str) -> TradeFile:
        if path == second:
            raise KeyboardInterrupt
        return read_trade_file(path)

    run(database, KLINES, done)
    with pytest.raises(KeyboardInterrupt):
        run(database, Reading(interrupted, join_trades), first, second)
    assert stored(database) == []
    assert run(database, KLINES, done).skipped == 1
    assert run(database, TRADES, first, second).skipped == 0
    assert sum(volume for _, volume in stored(database)) == 3
