"""perpsim synth: twice, longer, and beside other klines."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from adapters import open_database, read_klines, stored_series, synthetic_klines
from engine import PERIOD_MS
from engine.market import aggregate
from tests.conftest import ROOT
from tests.support.commands import perpsim
from tests.support.kline_text import lines, text
from tests.support.klines import START_MS, assert_same, random_klines


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    path = tmp_path / "klines.csv"
    path.write_text(text(lines(random_klines(300))))
    return path


@pytest.fixture
def url(any_database_url: str) -> str:
    return any_database_url


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


def test_a_limit_of_the_size_of_files_is_called_so_and_leaves_no_file(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "adapters", "synth", "--symbol", "BTC", "--days", "3"]
    done = subprocess.run(
        [*words, "--database", f"sqlite:///{tmp_path / 'market.db'}"],
        check=False, cwd=ROOT, capture_output=True, text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, 65_536)),
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.endswith("cannot be written: no file may be larger than 65,536 bytes here (ulimit -f)\n")
    assert list(tmp_path.iterdir()) == []


def test_longer_periods_are_those_of_the_whole_market_and_names_are_not_repeated_whole(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'market.db'}"
    words = ("synth", "--database", url, "--symbol", "BTC", "--days", 120, "--start", "2024-01-01")
    done = perpsim(*words, "--period", "1d", "--period", "12h")
    assert "BTC 1d: 120 klines: 120 inserted" in done.stdout
    whole = synthetic_klines("BTC", START_MS, 120 * 1440, 7)
    for period in ("1d", "12h"):
        assert_same(read_klines(open_database(url), "hyperliquid", "BTC", period), aggregate(whole, PERIOD_MS[period]))
    assert len(perpsim(*words, "--exchange", "x" * 5_000).stderr) < 300
