"""Files that say themselves that they are not what their names tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters import open_database
from adapters.files import read_funding_file, read_kline_file
from adapters.imports import Reading, import_group, plan_import
from engine.errors import FileFormatError
from tests.support.kline_text import HEADER, lines, text
from tests.support.klines import START_MS, random_klines


def imported(path: Path, symbol: str | None = None, period: str | None = None) -> str:
    (group,) = plan_import([str(path)], symbol, None, period).groups
    reads = read_funding_file if group.kind == "funding" else lambda each: read_kline_file(each, group.period)
    database = open_database(f"sqlite:///{path.parent}/market.db", create=True)
    report = import_group(database, "binance", group, Reading(reads), skip_stored=False)  # type: ignore[arg-type]
    return f"{report.group.symbol} {report.period} {report.rows}"


def test_klines_that_are_all_further_apart_are_not_of_the_period_in_the_name(tmp_path: Path) -> None:
    path = tmp_path / "BTCUSDT-1m-2024-01.csv"
    path.write_text(text(lines(random_klines(50))[::5]))
    with pytest.raises(
        FileFormatError, match=r"5m apart or more, but its name tells 1m; say --period 5m, or --period 1m"
    ):
        imported(path)
    assert imported(path, period="5m") == "BTC 5m 10"
    assert imported(path, period="1m") == "BTC 1m 10"
    path.write_text(text([*lines(random_klines(50))[::5], lines(random_klines(50))[-1]]))
    assert imported(path) == "BTC 1m 11"


def test_klines_of_a_shorter_period_name_the_option(tmp_path: Path) -> None:
    path = tmp_path / "BTCUSDT-5m-2024-01.csv"
    path.write_text(text(lines(random_klines(50))))
    with pytest.raises(FileFormatError, match="these are 1m klines, not 5m: --period 1m says so"):
        imported(path)
    assert imported(path, period="1m") == "BTC 1m 50"


@pytest.mark.parametrize("name", ["BTCUSDT-1m-2024-01.csv", "BTCUSDT-fundingRate-2024-01.csv"])
def test_rows_of_another_market_are_not_taken_for_that_in_the_name(tmp_path: Path, name: str) -> None:
    def write(market: str) -> Path:
        path = tmp_path / name
        if "funding" in name:
            path.write_text(
                "".join(["time,rate,symbol\n", *(f"{START_MS + n * 28_800_000},0.0001,{market}\n" for n in range(5))])
            )
        else:
            path.write_text(text([f"{row},{market}" for row in lines(random_klines(5))], f"{HEADER},symbol"))
        return path

    with pytest.raises(FileFormatError, match=r"rows are of ETHUSDT, but its name tells BTC; --symbol ETH"):
        imported(write("ETHUSDT"))
    assert imported(write("ETHUSDT"), symbol="ETH").startswith("ETH")
    for same in ("BTC/USDT:USDT", "BTCUSDT", "BTC", "XBTUSD"):
        assert imported(write(same)).startswith("BTC")
