"""Volumes in coins, contracts and USD: what a file's other columns tell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from adapters import read_kline_file, read_trade_files
from engine.errors import FileFormatError
from tests.support.klines import START_MS

Write = Callable[..., Path]
PRICES = [100.0, 101.0, 103.0, 102.0, 99.0]
COINS = [1.5, 2.25, 0.75, 4.0, 3.0]
USD = [round(price * coins, 2) for price, coins in zip(PRICES, COINS, strict=True)]


def klines(write: Write, titles: str, *columns: list[float]) -> Path:
    rows = [
        ",".join(map(str, (START_MS + place * 60_000, *[price] * 4, *(column[place] for column in columns))))
        for place, price in enumerate(PRICES)
    ]
    return write(f"ts,o,h,l,c,{titles}", *rows)


@pytest.mark.parametrize(
    ("titles", "columns", "remark"),
    [
        ("volume,turnover", (COINS, USD), None),
        ("vol,volCcy,volCcyQuote", ([100 * each for each in COINS], COINS, USD), "contracts, volCcy in coins"),
        ("volume,homeNotional,foreignNotional", (USD, COINS, USD), "contracts, homeNotional in coins"),
        ("volume,quote_volume", ([each / 100 for each in USD], COINS), "contracts of 100 USD, quote_volume in coins"),
        ("volume,quote_volume", (USD, COINS), "contracts of 1 USD, quote_volume in coins"),
        ("volume,quote_volume", ([each * 1000 for each in COINS], USD), "contracts of 0.001 coins"),
        ("vol,amount", (USD, COINS), "contracts of 1 USD, amount in coins"),
        ("v,sum", ([each * 10_000 for each in COINS], USD), "contracts of 0.0001 coins"),
        ("volume,quote_volume", (COINS, [0.0] * 5), None),
    ],
)
def test_volumes_become_coins_where_the_factor_is_certain(
    write: Write, titles: str, columns: tuple[list[float], ...], remark: str | None
) -> None:
    file = read_kline_file(klines(write, titles, *columns), stamped="start")
    np.testing.assert_allclose(file.klines.volume, COINS, rtol=1e-12)
    said = [each for each in file.remarks if each.endswith("coins are stored")]
    assert [remark in each for each in said] == ([] if remark is None else [True])


def test_volumes_that_another_column_contradicts_are_refused_or_chosen_by_name(write: Write) -> None:
    path = klines(write, "volume,quote_volume", COINS, [each * 3.7 for each in USD])
    with pytest.raises(FileFormatError, match=r"volume x price is not what quote_volume say; .* --column volume=TITLE"):
        read_kline_file(path)
    assert read_kline_file(path, columns={"volume": "volume"}).klines.volume.tolist() == COINS


@pytest.mark.parametrize("coins_title", ["homeNotional", "foreignNotional"])
def test_prints_of_inverse_contracts_become_coins(write: Write, coins_title: str) -> None:
    other = ({"homeNotional", "foreignNotional"} - {coins_title}).pop()
    rows = [
        f"{START_MS + place},Buy,{usd},{price},{coins},{usd}"
        for place, (price, coins, usd) in enumerate(zip(PRICES, COINS, USD, strict=True))
    ]
    (file,) = read_trade_files([write(f"timestamp,side,size,price,{coins_title},{other}", *rows)])
    bought = sum(row for part in file.rows for row in part.columns["taker_buy_volume"].tolist())  # type: ignore[union-attr]
    assert bought == pytest.approx(sum(COINS))
    assert file.remarks == (f"the size is in contracts, {coins_title} in coins; coins are stored",)


@pytest.mark.parametrize(
    ("titles", "columns", "remark"),
    [
        ("Volume BTC,Volume USDT", (COINS, USD), "volumes are those of Volume BTC"),
        ("Volume USDT,Volume BTC", (USD, COINS), "volumes are those of Volume BTC"),
        ("Volume_(BTC),Volume_(Currency)", (COINS, USD), "volumes are those of Volume_(BTC)"),
        ("volume [eth],volume [usd]", (COINS, USD), "volumes are those of volume [eth]"),
        ("Volume ETH,Volume BTC", (COINS, USD), "volumes are those of Volume ETH"),
        ("Volume BTC,Volume ETH", (USD, COINS), "Volume ETH in coins; coins are stored"),
        ("Volume SOL", (COINS,), "volumes are those of Volume SOL"),
        ("volume,volume_usd", (COINS, USD), None),
        ("volume,volume_usd", ([each * 1000 for each in COINS], USD), "contracts of 0.001 coins"),
        ("Volume,Volume MA", (COINS, USD), None),
        ("volumefrom,volumeto", (COINS, USD), None),
    ],
)
def test_a_volume_may_be_known_by_its_unit(
    write: Write, titles: str, columns: tuple[list[float], ...], remark: str | None
) -> None:
    file = read_kline_file(klines(write, titles, *columns))
    np.testing.assert_allclose(file.klines.volume, COINS, rtol=1e-12)
    assert len(file.remarks) == (remark is not None)
    assert (remark or "") in "".join(file.remarks)


@pytest.mark.parametrize("title", ["Volume USD", "quote_volume", "turnover", "Volume_(Currency)"])
def test_a_value_alone_is_no_volume(write: Write, title: str) -> None:
    with pytest.raises(
        FileFormatError, match=r"--column volume=TITLE \(it holds coins: their value in another currency"
    ):
        read_kline_file(klines(write, title, USD))
    assert read_kline_file(klines(write, title, USD), columns={"volume": title}).klines.volume.tolist() == USD


@pytest.mark.parametrize("name", ["BTCUSD_PERP-1m-2024-01.csv", "BTCUSD_240628.csv", "ETH-USDT-SWAP.csv"])
def test_contracts_without_another_amount_are_no_coins(write: Write, tmp_path: Path, name: str) -> None:
    file = klines(write, "volume", COINS).rename(tmp_path / name)
    with pytest.raises(FileFormatError, match=r"is in contracts: --column volume=volume takes it as coins"):
        read_kline_file(file)
    assert read_kline_file(file, columns={"volume": "volume"}).klines.volume.tolist() == COINS
    bare = tmp_path / f"bare-{name}"
    bare.write_text("".join(f"{START_MS + row * 60_000},1,1,1,1,5\n" for row in range(3)))
    with pytest.raises(FileFormatError, match=r"--column volume=NUMBER takes it as coins"):
        read_kline_file(bare)
    assert read_kline_file(bare, columns={"volume": "6"}).klines.volume.tolist() == [5.0] * 3
