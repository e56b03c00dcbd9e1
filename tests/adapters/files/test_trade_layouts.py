"""The shapes in which venues and tools give trades: the same ones must come out of each."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from adapters.files import ContractSize, read_trade_files
from engine.errors import FileFormatError

BEGIN_MS = 1_698_796_800_000
#: Time in ms, price, coins, whether the taker bought.
TRADES = [(BEGIN_MS + 701 * place, 2_000.0 + place % 7, 0.5 + place % 3, place % 4 == 1) for place in range(80)]
Shape = Callable[[list[tuple[int, float, float, bool]]], str]


def side(bought: bool) -> str:
    return "buy" if bought else "sell"


def iso(time_ms: int) -> str:
    return str(np.datetime64(time_ms, "ms"))


def rows(*parts: str) -> str:
    return "\n".join(parts) + "\n"


SHAPES: dict[str, Shape] = {
    "binance perpetual aggregates without titles": lambda trades: rows(
        *(f"{n},{p},{q},{n},{n},{t},{str(not b).lower()}" for n, (t, p, q, b) in enumerate(trades))
    ),
    "binance perpetual aggregates": lambda trades: rows(
        "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker",
        *(f"{n},{p},{q},{n},{n},{t},{str(not b).lower()}" for n, (t, p, q, b) in enumerate(trades)),
    ),
    "binance spot trades in us": lambda trades: rows(
        *(f"{n},{p},{q},{p * q},{t * 1000},{not b},True" for n, (t, p, q, b) in enumerate(trades))
    ),
    "binance spot aggregates": lambda trades: rows(
        *(f"{n},{p},{q},{n},{n},{t},{not b},True" for n, (t, p, q, b) in enumerate(trades))
    ),
    "bybit, newest first": lambda trades: rows(
        "timestamp,symbol,side,size,price,tickDirection,trdMatchID,grossValue,homeNotional,foreignNotional",
        *(f"{t / 1000:.4f},ETHUSDT,{side(b).title()},{q},{p},X,y,1,{q},{p * q}" for t, p, q, b in trades[::-1]),
    ),
    "bybit inverse, in USD": lambda trades: rows(
        "timestamp,symbol,side,size,price,tickDirection,trdMatchID,grossValue,homeNotional,foreignNotional",
        *(f"{t / 1000:.4f},ETHUSD,{side(b).title()},{p * q},{p},X,y,1,{p * q},{q}" for t, p, q, b in trades),
    ),
    "bybit spot": lambda trades: rows(
        "id,timestamp,price,volume,side", *(f"{n},{t},{p},{q},{side(b)}" for n, (t, p, q, b) in enumerate(trades))
    ),
    "okx spot": lambda trades: rows(
        "instrument_name,trade_id,side,price,size,created_time",
        *(f"ETH-USDT,{n},{side(b)},{p},{q},{t}" for n, (t, p, q, b) in enumerate(trades)),
    ),
    "bitfinex": lambda trades: rows(
        "id,mts,amount,price", *(f"{n},{t},{q if b else -q},{p}" for n, (t, p, q, b) in enumerate(trades))
    ),
    "bitfinex without titles": lambda trades: rows(
        *(f"{n},{t},{q if b else -q},{p}" for n, (t, p, q, b) in enumerate(trades))
    ),
    "bitmex": lambda trades: rows(
        "timestamp,symbol,side,size,price,tickDirection,trdMatchID,grossValue,homeNotional,foreignNotional",
        *(
            f"{iso(t).replace('T', 'D')}000000,X,{side(b).title()},{p * q},{p},X,y,9,{q},{p * q}"
            for t, p, q, b in trades
        ),
    ),
    "tardis": lambda trades: rows(
        "exchange,symbol,timestamp,local_timestamp,id,side,price,amount",
        *(f"bybit,ETHUSDT,{t * 1000 - 5},{t * 1000},{n},{side(b)},{p},{q}" for n, (t, p, q, b) in enumerate(trades)),
    ),
    "hyperliquid in ns": lambda trades: rows(
        "time,coin,px,sz,side", *(f"{iso(t - 1)}000001,ETH,{p},{q},{'B' if b else 'A'}" for t, p, q, b in trades)
    ),
    "freqtrade lists": lambda trades: json.dumps(
        [[t, str(n), None, side(b), p, q, p * q] for n, (t, p, q, b) in enumerate(trades)]
    ),
    "ccxt": lambda trades: rows(
        ",info,timestamp,datetime,symbol,id,side,price,amount,cost,fee",
        *(
            f"{n},\"{{'i': {n}, 'x': 'y'}}\",{t},{iso(t)}Z,ETH/USDT:USDT,{n},{side(b)},{p},{q},{p * q},"
            for n, (t, p, q, b) in enumerate(trades)
        ),
    ),
    "sides as signs": lambda trades: rows(
        "time,price,qty,side", *(f"{t},{p},{q},{1 if b else -1}" for t, p, q, b in trades)
    ),
}


def stored(path: Path, **options: object) -> list[tuple[object, ...]]:
    """The 15-second rows of a file: time, volumes bought and sold, high and low."""
    (file,) = read_trade_files([path], **options)  # type: ignore[arg-type]
    (part,) = file.rows
    names = ("taker_buy_volume", "taker_sell_volume", "high_price", "low_price")
    return list(zip(part.times_ms.tolist(), *(part.columns[name].round(9).tolist() for name in names), strict=True))


def expected(trades: list[tuple[int, float, float, bool]]) -> list[tuple[object, ...]]:
    groups: dict[int, list[tuple[int, float, float, bool]]] = {}
    for trade in trades:
        groups.setdefault(-(-trade[0] // 15_000) * 15_000, []).append(trade)
    return [
        (
            end,
            sum(q for _, _, q, b in group if b),
            sum(q for _, _, q, b in group if not b),
            max(p for _, p, _, _ in group),
            min(p for _, p, _, _ in group),
        )
        for end, group in groups.items()
    ]


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_makes_the_same_rows(tmp_path: Path, shape: str) -> None:
    path = tmp_path / "trades.csv"
    path.write_text(SHAPES[shape](TRADES))
    assert stored(path) == expected(TRADES)


def test_seven_columns_without_sides_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "trades.csv"
    path.write_text(rows(*(f"{n},{p},{q},{n},{n},{t},7" for n, (t, p, q, _) in enumerate(TRADES))))
    with pytest.raises(FileFormatError, match="no column holds sides as in the files of seven that are known"):
        list(read_trade_files([path]))


def test_three_columns_have_no_sides_but_the_price_may_tell_them(tmp_path: Path) -> None:
    path = tmp_path / "trades.csv"
    prices = (10, 10, 11, 11, 9, 9, 12)  # the first move is up
    path.write_text(rows(*(f"{BEGIN_MS // 1000 + n},{price},1" for n, price in enumerate(prices))))
    with pytest.raises(FileFormatError, match=r"cannot be told; .* --sides tick tells it by the price"):
        list(read_trade_files([path]))
    (file,) = read_trade_files([path], sides_are="tick")
    bought = sum(part.columns["taker_buy_count"].sum() for part in file.rows)
    assert (bought, file.count) == (5, 7)
    assert any("told by the price" in remark for remark in file.remarks)


def test_sides_of_makers_are_turned_round_and_asked_for_where_the_file_looks_like_it(tmp_path: Path) -> None:
    path = tmp_path / "trades.csv"
    text = (f"{n},{side(not b)},{q},{p},{iso(t)}Z" for n, (t, p, q, b) in enumerate(TRADES))
    path.write_text(rows("trade_id,side,size,price,time", *text))
    assert stored(path, sides_are="maker") == expected(TRADES)
    (file,) = read_trade_files([path])
    assert any("import them with --sides maker" in remark for remark in file.remarks)


def test_a_few_trades_without_a_side_are_left_out_and_said(tmp_path: Path) -> None:
    path = tmp_path / "trades.csv"
    lines = [f"{t},{p},{q},{side(b)}" for t, p, q, b in TRADES]
    lines[40] = f"{TRADES[40][0]},{TRADES[40][1]},{TRADES[40][2]},unknown"
    path.write_text(rows("time,price,qty,side", *lines))
    assert stored(path) == expected(TRADES[:40] + TRADES[41:])
    (file,) = read_trade_files([path])
    assert "1 trade has no side and is left out; --sides tick tells it by the price" in file.remarks
    time, price, size, _ = TRADES[40]
    told = (time, price, size, price > TRADES[39][1])
    assert stored(path, sides_are="tick") == expected([*TRADES[:40], told, *TRADES[41:]])


@pytest.mark.parametrize(
    ("name", "of", "contract", "coins"),
    [
        ("ETH-USDT-SWAP", "0.01 \\(coins\\)", "0.1", lambda price, size: size * 0.1),
        ("ETH-USD-SWAP", "100USD", "10 usd", lambda price, size: size * 10 / price),
        ("BTC-PERPETUAL", "1USD", "1USD", lambda price, size: size / price),
    ],
)
def test_contracts_are_refused_until_it_is_said_what_one_is(
    tmp_path: Path, name: str, of: str, contract: str, coins: Callable[[float, float], float]
) -> None:
    path = tmp_path / "trades.csv"
    lines = [f"{name},{n},{side(b)},{p},{q},{t}" for n, (t, p, q, b) in enumerate(TRADES)]
    path.write_text(rows("instrument_name,trade_id,side,price,size,created_time", *lines))
    with pytest.raises(FileFormatError, match=f"the size of {name} is in contracts: .* for example {of}"):
        list(read_trade_files([path]))
    said = ContractSize.parse(contract)
    converted = [(t, p, coins(p, q), b) for t, p, q, b in TRADES]
    found = stored(path, contract=said)
    for row, wanted in zip(found, expected(converted), strict=True):
        assert row == pytest.approx(wanted, abs=1e-9)
    assert stored(path, columns={"size": "size"}) == expected(TRADES)


def test_the_same_trade_counts_once_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "trades.csv"
    lines = [f"{n},{t},{p},{q},{side(b)}" for n, (t, p, q, b) in enumerate(TRADES)]
    path.write_text(rows("id,timestamp,price,volume,side", *lines[:50], *lines[45:]))
    assert stored(path) == expected(TRADES)
    (file,) = read_trade_files([path])
    assert "5 trades were there twice, with the same number: once is enough" in file.remarks
    other = lines[45].replace(f",{TRADES[45][1]},", ",1999.0,")
    path.write_text(rows("id,timestamp,price,volume,side", *lines, other))
    with pytest.raises(FileFormatError, match="another trade of this number and time is there before it"):
        list(read_trade_files([path]))


def test_without_numbers_equal_trades_are_several(tmp_path: Path) -> None:
    path = tmp_path / "trades.csv"
    lines = [f"{t},{p},{q},{side(b)}" for t, p, q, b in TRADES]
    path.write_text(rows("time,price,qty,side", *lines[:2], *lines[1:]))
    (file,) = read_trade_files([path])
    assert sum(part.columns["taker_buy_volume"].sum() for part in file.rows) == pytest.approx(
        sum(q for _, _, q, b in TRADES if b) + TRADES[1][2]
    )


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_titles_of_okx_bear_a_chinese_translation(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "trades.csv"
    head = "trade_id/撮合id,side/交易方向,size/数量,price/价格,created_time/成交时间\n"
    rows = "".join(f"{n},{side},2,100,{BEGIN_MS + n}\n" for n, side in enumerate(["buy", "sell", "buy"]))
    path.write_bytes((head + rows).encode(encoding))
    assert [row[1:3] for row in stored(path)] == [(2.0, 0.0), (2.0, 2.0)]


def test_the_time_of_trades_without_titles_is_told_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "trades.csv"
    path.write_text("".join(f"{BEGIN_MS + n},{n},100,{(-1) ** n * 2}\n" for n in range(4)))
    with pytest.raises(FileFormatError, match=r"no epoch time .*there is no header line; --column time=NUMBER"):
        list(read_trade_files([path]))
