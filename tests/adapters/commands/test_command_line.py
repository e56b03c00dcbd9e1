from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import adapters
from adapters import main, open_database, read_klines, stored_series
from adapters.commands.command_line import COMMANDS
from adapters.database import series_statement
from tests.adapters.files.test_kline_files import lines, text
from tests.support.databases import raw_database
from tests.support.klines import START_MS, assert_same, random_klines

ROOT = Path(adapters.__file__).parents[1]


def perpsim(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def process(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "adapters", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


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


def test_help_lists_every_command_and_imports_none() -> None:
    code = (
        "import sys; from adapters.commands.command_line import main; main(['--help'], standalone_mode=False); "
        "print(sorted({'numpy', 'pandas', 'sqlalchemy', 'rich', 'simpy', 'engine'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in COMMANDS:
        assert f"  {name} " in done.stdout
    assert done.stdout.endswith("\n[]\n")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_is_there_and_has_help(name: str) -> None:
    done = perpsim(name, "--help")
    assert done.exit_code == 0
    assert done.output.startswith(f"Usage: main {name} ")


def test_the_short_helps_are_those_of_the_commands() -> None:
    for name, lazy in COMMANDS.items():
        assert lazy.place.partition(":")[0].endswith("_command"), name
        assert lazy.short_help.endswith(".")


def test_version() -> None:
    done = perpsim("--version")
    assert done.exit_code == 0
    assert done.output.startswith("perpsim ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["--nonsense"],
        ["import"],
        ["import", "x.csv", "--exchange", "x", "--symbol", "BTC"],
        ["import", "x.csv", "--database", "x.db", "--exchange", "x", "--symbol", "BTC", "--period", "7m"],
        ["synth", "--database", "x.db", "--symbol", "BTC", "--days", "0"],
        ["synth", "--database", "x.db", "--symbol", "BTC", "--start", "yesterday"],
        ["inspect"],
    ],
)
def test_bad_usage_is_status_2(arguments: list[str]) -> None:
    done = perpsim(*arguments)
    assert done.exit_code == 2
    assert "Error" in done.stderr
    assert done.stdout == ""


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


def test_the_database_may_come_from_the_environment(csv: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERPSIM_DATABASE", url)
    assert perpsim("import", csv, "--exchange", "x", "--symbol", "BTC").exit_code == 0
    assert perpsim("inspect").exit_code == 0


def test_inspect_creates_nothing(tmp_path: Path, sqlite_url: str) -> None:
    done = perpsim("inspect", "--database", sqlite_url)
    assert done.exit_code == 1
    assert done.stderr == (
        f"Error: there is no database file {tmp_path / 'market.db'}; "
        "perpsim import, synth or database create makes it\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_inspect_shows_and_chooses(url: str) -> None:
    perpsim(
        "synth",
        "--database",
        url,
        "--symbol",
        "BTC",
        "--symbol",
        "ETH",
        "--days",
        2,
        "--period",
        "1m",
        "--period",
        "1h",
    )
    table = perpsim("inspect", "--database", url)
    assert table.exit_code == 0
    for words in ("BTC 1m", "BTC 1h", "ETH 1m", "ETH 1h", "2,880", "none"):
        assert words in table.stdout
    found = json.loads(perpsim("inspect", "--database", url, "--symbol", "ETH", "--period", "1m", "--json").stdout)
    assert [(one["exchange"], one["symbol"], one["period"], one["count"]) for one in found] == [
        ("hyperliquid", "ETH", "1m", 2880)
    ]
    wrong = perpsim("inspect", "--database", url, "--exchange", "Kraken")
    assert wrong.exit_code == 1
    assert wrong.stderr.endswith("no klines of kraken; stored: hyperliquid: BTC (1m, 1h), ETH (1m, 1h)\n")


def test_synth_twice_and_longer_only_extends(url: str) -> None:
    arguments = ("synth", "--database", url, "--symbol", "BTC", "--start", "2024-01-01")
    assert "2,880 inserted" in perpsim(*arguments, "--days", 2).stdout
    assert "1,440 inserted, 0 changed, 2,880 unchanged" in perpsim(*arguments, "--days", 3).stdout
    assert stored_series(open_database(url))[0].first_ms == START_MS


def test_synth_does_not_mix_with_other_klines_unless_told(csv: Path, url: str) -> None:
    perpsim("import", csv, "--database", url, "--exchange", "hyperliquid", "--symbol", "BTC")
    arguments = ("synth", "--database", url, "--symbol", "BTC", "--days", 1)
    done = perpsim(*arguments)
    assert done.exit_code == 1
    assert "holds other 1m klines of BTC on hyperliquid" in done.stderr
    assert_same(read_klines(open_database(url), "hyperliquid", "BTC", "1m"), random_klines(300))
    assert "1,140 inserted, 300 changed" in perpsim(*arguments, "--overwrite").stdout


def test_synth_takes_its_parameters(url: str) -> None:
    done = perpsim("synth", "--database", url, "--symbol", "X", "--days", 1, "--price", 250, "--volatility", 0.001)
    assert "price 250 to 2" in done.stdout
    bad = perpsim("synth", "--database", url, "--symbol", "X", "--price", -1)
    assert bad.exit_code == 1
    assert "initial_price -1.0 is not between" in bad.stderr


def test_an_unexplained_error_keeps_its_traceback(csv: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import adapters.commands.kline_import as command

    def defect(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(command, "read_kline_file", defect)
    with pytest.raises(ZeroDivisionError):
        perpsim("import", csv, "--database", url, "--exchange", "x", "--symbol", "BTC")


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
        while not holds_open(running.pid, "market.db-wal"):
            assert running.poll() is None
        running.send_signal(signal.SIGINT)
        stdout, stderr = running.communicate(timeout=20)
        other.execute("COMMIT")
    assert running.returncode == 130
    assert stdout == ""
    assert stderr == "Interrupted.\n"
    assert_same(read_klines(open_database(sqlite_url), "x", "BTC", "1m"), random_klines(10))


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
        while raw.execute(waiting) == idle:
            assert running.poll() is None
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
