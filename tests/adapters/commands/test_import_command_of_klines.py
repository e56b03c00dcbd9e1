"""perpsim import of klines: what it says, what it leaves when it fails or is ended, and real files."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

import adapters
from adapters import open_database, read_klines, stored_series
from adapters.database import series_statement
from tests.support.commands import perpsim, process
from tests.support.databases import raw_database
from tests.support.kline_text import lines, text
from tests.support.klines import assert_same, random_klines
from tests.support.patience import until


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    path = tmp_path / "klines.csv"
    path.write_text(text(lines(random_klines(300))))
    return path


@pytest.fixture
def url(any_database_url: str) -> str:
    return any_database_url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'market.db'}"


@pytest.mark.usefixtures("settled")
def test_import_says_what_it_read_and_did(csv: Path, url: str) -> None:
    arguments = ("import", csv, "--database", url, "--exchange", "Binance", "--symbol", "BTC", "--period", "1m")
    done = perpsim(*arguments)
    assert done.exit_code == 0
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        f"{csv}: 300 1m klines, times are epoch milliseconds",
        f"{open_database(url).name}: BTC 1m on binance",
        "  opens     2024-01-01 00:00:00 UTC to 2024-01-01 04:59:00 UTC",
        "  klines    300 read: 300 inserted, 0 changed, 0 unchanged",
    ]
    assert_same(read_klines(open_database(url), "binance", "BTC", "1m"), random_klines(300))
    before = open_database(url).fingerprint(series_statement("binance", "BTC", "1m"))
    assert perpsim(*arguments).stdout.splitlines()[-1] == "  klines    300 read: 0 inserted, 0 changed, 300 unchanged"
    assert open_database(url).fingerprint(series_statement("binance", "BTC", "1m")) == before is not None


def test_import_takes_several_files_at_once(tmp_path: Path, url: str) -> None:
    klines = random_klines(300)
    for n in range(3):
        (tmp_path / f"{n}.csv").write_text(text(lines(klines.slice(100 * n, 100 * n + 100))))
    files = [tmp_path / f"{n}.csv" for n in (2, 0, 1)]
    done = perpsim("import", *files, "--database", url, "--exchange", "x", "--symbol", "BTC")
    assert done.stdout.splitlines()[-1] == "  klines    300 read: 300 inserted, 0 changed, 0 unchanged"
    assert_same(read_klines(open_database(url), "x", "BTC", "1m"), klines)


def test_one_bad_file_of_several_leaves_nothing(csv: Path, tmp_path: Path, sqlite_url: str) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text(csv.read_text().replace("\n17", "\n-17", 1))
    done = perpsim("import", csv, bad, "--database", sqlite_url, "--exchange", "x", "--symbol", "BTC")
    assert done.exit_code == 1
    assert done.stderr.startswith(f"Error: {bad}, row 1, column timestamp_ms: ")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert not (tmp_path / "market.db").exists()


def test_files_of_different_periods_are_refused(csv: Path, tmp_path: Path, url: str) -> None:
    (tmp_path / "hours.csv").write_text(text(lines(random_klines(5, period="1h"))))
    done = perpsim("import", csv, tmp_path / "hours.csv", "--database", url, "--exchange", "x", "--symbol", "BTC")
    assert done.exit_code == 1
    assert "these are 1h klines, but those of" in done.stderr


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks at the files that a process holds open")
def test_ctrl_c_in_an_import_leaves_the_database_unchanged(tmp_path: Path, sqlite_url: str) -> None:
    """The import waits for a lock, so it is surely in the middle when the signal comes."""
    (tmp_path / "a.csv").write_text(text(lines(random_klines(10))))
    (tmp_path / "b.csv").write_text(text(lines(random_klines(5000, seed=9))))
    names = ("--database", sqlite_url, "--exchange", "x", "--symbol", "BTC")
    perpsim("import", tmp_path / "a.csv", *names)
    with closing(sqlite3.connect(tmp_path / "market.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        running = process("import", tmp_path / "b.csv", *names)
        until(lambda: is_at_work(running) and holds_open(running.pid, "market.db-wal"))
        running.send_signal(signal.SIGINT)
        stdout, stderr = running.communicate(timeout=20)
        other.execute("COMMIT")
    assert running.returncode == 130
    assert stdout == ""
    assert stderr == "Interrupted.\n"
    assert_same(read_klines(open_database(sqlite_url), "x", "BTC", "1m"), random_klines(10))


def is_at_work(running: subprocess.Popen[str]) -> bool:
    """Whether a process still runs; it must."""
    assert running.poll() is None
    return True


def holds_open(pid: int, name: str) -> bool:
    def target(link: Path) -> str:
        try:
            return os.readlink(link)
        except FileNotFoundError:
            return ""

    return any(target(link).endswith(name) for link in Path(f"/proc/{pid}/fd").iterdir())


def test_ctrl_c_in_an_import_leaves_postgresql_unchanged(tmp_path: Path, postgresql_url: str) -> None:
    (tmp_path / "a.csv").write_text(text(lines(random_klines(10))))
    (tmp_path / "b.csv").write_text(text(lines(random_klines(5000, seed=9))))
    names = ("--database", postgresql_url, "--exchange", "x", "--symbol", "BTC")
    perpsim("import", tmp_path / "a.csv", *names)
    waiting = "select count(*) from pg_stat_activity where datname = current_database() and state <> 'active'"
    with open_database(postgresql_url).writing(), raw_database(postgresql_url) as raw:
        idle = raw.execute(waiting)
        running = process("import", tmp_path / "b.csv", *names)
        until(lambda: is_at_work(running) and raw.execute(waiting) != idle)
        running.send_signal(signal.SIGINT)
        stdout, stderr = running.communicate(timeout=20)
    assert (running.returncode, stdout, stderr) == (130, "", "Interrupted.\n")
    assert_same(read_klines(open_database(postgresql_url), "x", "BTC", "1m"), random_klines(10))


def test_two_imports_at_once_both_succeed(tmp_path: Path, url: str) -> None:
    running = []
    for n, symbol in enumerate(("BTC", "ETH", "SOL")):
        path = tmp_path / f"{symbol}.csv"
        path.write_text(text(lines(random_klines(20_000, seed=n))))
        running.append(process("import", path, "--database", url, "--exchange", "x", "--symbol", symbol))
    for one in running:
        stdout, stderr = one.communicate(timeout=60)
        assert (one.returncode, stderr) == (0, "")
        assert "20,000 inserted" in stdout
    assert [series.count for series in stored_series(open_database(url))] == [20_000] * 3


def test_real_data_goes_in_and_comes_out(shared_data: Path, url: str) -> None:
    for name, exchange, period in (
        ("bitfinex_spot_BTCUSD_1m_2019", "bitfinex", "1m"),
        ("binance_um_BTCUSDT_1h_2019_2026", "binance", "1h"),
        ("hyperliquid_BTC_5m", "hyperliquid", "5m"),
    ):
        file = shared_data / f"{name}.parquet"
        done = perpsim("import", file, "--database", url, "--exchange", exchange, "--symbol", "BTC", "--period", period)
        assert done.exit_code == 0, done.output
        read = adapters.read_kline_file(file).klines
        assert_same(read_klines(open_database(url), exchange, "BTC", period), read)
    found = json.loads(perpsim("inspect", "--database", url, "--exchange", "bitfinex", "--json").stdout)
    assert (found[0]["count"], found[0]["missing"], found[0]["longest_gap"]["missing"]) == (512_727, 12_873, 197)
