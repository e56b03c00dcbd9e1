"""perpsim synth: twice, longer, and beside other klines."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters import open_database, read_klines, stored_series
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
