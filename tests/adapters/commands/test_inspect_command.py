"""perpsim inspect: what it shows and chooses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.commands import perpsim
from tests.support.kline_text import lines, text
from tests.support.klines import random_klines


@pytest.fixture
def url(any_database_url: str) -> str:
    return any_database_url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'market.db'}"


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


def test_klines_of_the_mark_price_stand_beside_the_traded_ones(url: str, tmp_path: Path) -> None:
    path = tmp_path / "klines.csv"
    path.write_text(text(lines(random_klines(5))))
    for kind, symbol in (("klines", "BTC"), ("klines", "ETH"), ("mark", "BTC")):
        done = perpsim("import", path, "--kind", kind, "--database", url, "--exchange", "binance", "--symbol", symbol)
        assert done.exit_code == 0, done.output
    *found, metrics = json.loads(perpsim("inspect", "--database", url, "--json").stdout)
    assert (metrics["table"], metrics["symbol"], metrics["rows"]) == ("metrics", "BTC", 5)
    assert metrics["findings"] == {"with mark_price": 5}
    assert [(one["symbol"], one["period"], one["price"], one["count"]) for one in found] == [
        ("BTC", "1m", "last", 5),
        ("BTC", "1m", "mark", 5),
        ("ETH", "1m", "last", 5),
    ]
    assert "BTC 1m mark" in perpsim("inspect", "--database", url).stdout


def test_features_stand_below_the_klines(url: str, tmp_path: Path) -> None:
    path, klines = tmp_path / "mood.csv", tmp_path / "klines.csv"
    path.write_text("time,symbol,mood\n2024-01-01T00:00:00Z,BTC,1\n2024-01-02T03:04:00Z,BTC,2\n")
    klines.write_text(text(lines(random_klines(5))))
    of = ("--database", url, "--exchange", "okx")
    assert perpsim("import", klines, "--symbol", "ETH", *of).exit_code == 0
    for more in (("--name", "mood"), ("--name", "fear", "--column", "x=mood", "--column", "symbol=symbol")):
        done = perpsim("import", path, "--kind", "feature", *of, *more)
        assert done.exit_code == 0, done.output
    shown = perpsim("inspect", "--database", url).stdout
    assert shown.index("Stored klines") < shown.index("Stored features") < shown.index("okx BTC mood")
    assert "2024-01-02 03:04" in shown
    assert "Stored features" not in perpsim("inspect", "--database", url, "--symbol", "ETH").stdout
    assert "Stored features" not in perpsim("inspect", "--database", url, "--period", "1m").stdout
    found = json.loads(perpsim("inspect", "--database", url, "--json", "--symbol", "BTC").stdout)
    assert [(one["feature"], one["rows"], one["last_ms"]) for one in found] == [
        ("fear", 2, 1_704_164_640_000),
        ("mood", 2, 1_704_164_640_000),
    ]
