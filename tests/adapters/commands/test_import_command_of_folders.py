"""perpsim import: folders and many files, whose names tell what they are."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import Table, func, select

from adapters import open_database
from adapters.database import crypto_klines, market_asset_metrics, market_trades_aggregated, perp_features, perp_funding
from tests.support.commands import perpsim
from tests.support.kline_text import lines
from tests.support.klines import START_MS, random_klines

DAY_MS = 86_400_000
MINUTE_MS = 60_000


def packed(folder: Path, name: str, *rows: str) -> Path:
    path = folder / f"{name}.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{path.stem}.csv", "\n".join(rows) + "\n")
    return path


def klines(folder: Path, market: str, day: int, count: int = 30) -> Path:
    name = f"{market}-1m-2024-01-{day + 1:02}"
    rows = lines(random_klines(count), time=lambda ms: ms + day * DAY_MS)
    return packed(folder / "klines", name, "open_time,open,high,low,close,volume", *rows)


def trades(folder: Path, market: str, day: int) -> Path:
    times = (START_MS + day * DAY_MS + second * 1_000 for second in range(60))
    rows = (f"{time},100,1,{time},{time},{time},false" for time in times)
    return packed(folder, f"{market}-aggTrades-2024-01-{day + 1:02}", *rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "dumps"
    for market in ("BTCUSDT", "ETHUSDT"):
        for day in range(3):
            klines(folder, market, day)
            trades(folder, market, day)
        rates = (f"{START_MS + 8 * 3_600_000 * number},8,0.0001" for number in range(6))
        packed(folder, f"{market}-fundingRate-2024-01", "calc_time,funding_interval_hours,last_funding_rate", *rates)
    metrics = (f"2024-01-01 00:{5 * number:02}:00,BTCUSDT,{100 + number},1.5" for number in range(6))
    packed(
        folder, "BTCUSDT-metrics-2024-01-01", "create_time,symbol,sum_open_interest,count_long_short_ratio", *metrics
    )
    return folder


def imported(url: str, *arguments: object) -> Result:
    return perpsim("import", *arguments, "--database", url, "--exchange", "binance")


def counts(url: str, table: Table) -> dict[str, int]:
    database = open_database(url, read_only=True)
    with database.reading() as connection:
        if not database.has_table(connection, table):
            return {}
        found = connection.execute(select(table.c.symbol, func.count()).group_by(table.c.symbol)).all()
    return {str(symbol): int(count) for symbol, count in sorted(found)}


def test_a_folder_goes_in_by_what_the_names_tell_and_only_once(any_database_url: str, folder: Path) -> None:
    done = imported(any_database_url, folder)
    assert done.exit_code == 0, done.output
    assert "BTCUSDT is stored as BTC, the name for programs" in done.stdout
    assert counts(any_database_url, crypto_klines) == {"BTC": 90, "ETH": 90}
    assert counts(any_database_url, market_trades_aggregated) == {"BTC": 15, "ETH": 15}
    assert counts(any_database_url, perp_funding) == {"BTC": 6, "ETH": 6}
    assert counts(any_database_url, market_asset_metrics) == {"BTC": 6}
    assert counts(any_database_url, perp_features) == {"BTC": 6}
    again = imported(any_database_url, folder)
    assert again.exit_code == 0
    assert "inserted" not in again.stdout
    assert again.stdout.count("imported before: not read again") == 7
    klines(folder, "BTCUSDT", 3)
    more = imported(any_database_url, folder)
    assert "BTC 1m on binance" in more.stdout
    assert "BTC trades on binance" in more.stdout
    assert "klines    30 read: 30 inserted, 0 changed, 0 unchanged" in more.stdout
    all_again = imported(any_database_url, folder, "--again")
    assert "klines    120 read: 0 inserted, 0 changed, 120 unchanged" in all_again.stdout


def test_files_that_a_shell_names_are_the_same_as_their_folder(any_database_url: str, folder: Path) -> None:
    named = sorted((folder / "klines").glob("*.zip"))
    done = imported(any_database_url, *named)
    assert done.exit_code == 0, done.output
    assert counts(any_database_url, crypto_klines) == {"BTC": 90, "ETH": 90}
    assert imported(any_database_url, folder / "klines").stdout.count("imported before") == 2


def test_a_group_that_fails_leaves_the_others(any_database_url: str, folder: Path) -> None:
    packed(folder, "ETHUSDT-aggTrades-2024-01-09", "1,-5,1,1,1,1704758400000,true")
    done = imported(any_database_url, folder)
    assert done.exit_code == 1
    assert "ETH trades: nothing was imported" in done.stderr
    assert "-5.0 is not a positive price" in done.stderr
    assert done.stderr.endswith("1 of 7 groups were not imported (ETH trades); the others were\n")
    assert counts(any_database_url, market_trades_aggregated) == {"BTC": 15}
    assert counts(any_database_url, perp_funding) == {"BTC": 6, "ETH": 6}
    (folder / "ETHUSDT-aggTrades-2024-01-09.zip").unlink()
    mended = imported(any_database_url, folder)
    assert mended.exit_code == 0
    assert mended.stdout.count("imported before") == 6
    assert counts(any_database_url, market_trades_aggregated) == {"BTC": 15, "ETH": 15}


def test_what_is_given_counts(tmp_path: Path, folder: Path) -> None:
    url = f"sqlite:///{tmp_path / 'market.db'}"
    done = imported(url, folder / "klines", "--rename", "ETHUSDT=ETHER")
    assert done.exit_code == 0, done.output
    assert counts(url, crypto_klines) == {"BTC": 90, "ETHER": 90}
    mixed = imported(url, folder / "klines", "--symbol", "BTC")
    assert mixed.exit_code == 1
    assert "the files are of BTCUSDT and ETHUSDT, and all would be BTC: leave --symbol out" in mixed.stderr
    marks = imported(url, *sorted((folder / "klines").glob("BTC*")), "--kind", "mark")
    assert marks.exit_code == 0, marks.output
    assert counts(url, market_asset_metrics) == {"BTC": 90}


def test_a_period_that_a_name_tells_must_be_that_of_the_file(tmp_path: Path) -> None:
    rows = lines(random_klines(30))
    path = packed(tmp_path, "BTCUSDT-5m-2024-01", "open_time,open,high,low,close,volume", *rows)
    done = imported(f"sqlite:///{tmp_path / 'market.db'}", path)
    assert done.exit_code == 1
    assert "these are 1m klines, not 5m" in done.stderr
    assert not (tmp_path / "market.db").exists()


def test_many_files_are_told_in_short(tmp_path: Path) -> None:
    for day in range(9):
        klines(tmp_path, "BTCUSDT", day, 3)
    done = imported(f"sqlite:///{tmp_path / 'market.db'}", tmp_path / "klines")
    assert done.exit_code == 0, done.output
    assert "9 files, times are epoch milliseconds" in done.stdout
    assert done.stdout.count(".zip") == 2


def test_bad_rows_of_many_files_are_listed_each(tmp_path: Path) -> None:
    rows = lines(random_klines(30))
    for month in range(1, 9):
        bad = [*rows[:5], rows[5].replace(",", ",x", 1), *rows[6:]]
        packed(tmp_path / "k", f"A{month}USDT-1m-2024-01", "open_time,open,high,low,close,volume", *bad)
        packed(tmp_path / "k", f"A{month}USDT-1m-2024-02", "open_time,open,high,low,close,volume", *bad)
    done = imported(f"sqlite:///{tmp_path / 'market.db'}", tmp_path / "k", "--skip-bad-rows", 1)
    assert done.exit_code == 0, done.output
    assert done.stdout.count("row 6, column open") == 16
    assert done.stdout.count("a number: left out") == 16


def test_a_program_has_the_open_interest_and_the_ratios_of_metrics(tmp_path: Path, folder: Path) -> None:
    url = f"sqlite:///{tmp_path / 'market.db'}"
    assert imported(url, folder).exit_code == 0
    at = ("--exchange", "binance", "--symbol", "BTC", "--at", "2024-01-01T00:16:00Z", "--period", "5m", "--json")
    (seen,) = json.loads(perpsim("look", "--database", url, *at).stdout)
    assert seen["market"]["open_interest_coins"] == 103
    assert seen["features"]["long_short_ratio"]["value"] == 1.5
    assert seen["5m"]["flow"]["OI_DELTA"]["current"] == pytest.approx(100 / 102)
