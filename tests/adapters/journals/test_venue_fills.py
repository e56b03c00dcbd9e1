"""Files of fills as venues write them: what is read of each layout, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import pytest

from adapters.journals import MoneyOfRun, VenueReading, read_fills
from adapters.journals.carried_positions import within_range
from engine.errors import FileFormatError
from tests.support.runs import HOUR, MINUTE, START

Told = list[tuple[int, str, int, float, float, float, bool]]

BINANCE_WEB = """Date(UTC),Symbol,Side,Price,Quantity,Amount,Fee,Fee Coin,Realized Profit,Quote Asset
2024-01-01 02:00:05,BTCUSDT,SELL,42100.0,0.01,421.00,0.1684,USDT,1.00000000,USDT
2024-01-01 01:00:02,BTCUSDT,BUY,42000.0,0.01,420.00,0.1680,USDT,0.00000000,USDT
"""
BINANCE_WEB_OLD = """Date(UTC),Symbol,Side,Price,Quantity,Amount,Fee,Realized Profit
2024-01-01 01:00:02,BTCUSDT,BUY,42000.0,0.01,420.00,0.1680 USDT,0
2024-01-01 02:00:05,BTCUSDT,SELL,42100.0,0.01,421.00,0.1684 USDT,1
"""
BINANCE_WEB_LOCAL = """Time(UTC+8),Symbol,Side,Price,Quantity,Amount,Fee,Realized Profit
2024-01-01 09:00:02,BTCUSDT,BUY,42000.0,0.01,420.00,-0.1680,0
2024-01-01 10:00:05,BTCUSDT,SELL,42100.0,0.01,421.00,-0.1684,1
"""
BINANCE_API = [
    {
        "buyer": side == "BUY",
        "commission": fee,
        "commissionAsset": "USDT",
        "id": number,
        "maker": False,
        "orderId": 25_851_813 + number,
        "price": price,
        "qty": "0.010",
        "quoteQty": "420.0",
        "realizedPnl": realized,
        "side": side,
        "positionSide": "BOTH",
        "symbol": "BTCUSDT",
        "time": time,
    }
    for number, side, price, fee, realized, time in (
        (1, "BUY", "42000.0", "0.1680", "0", START + HOUR + 2_000),
        (2, "SELL", "42100.0", "0.1684", "1.00000000", START + 2 * HOUR + 5_000),
    )
]
CCXT = f"""id,order,timestamp,datetime,symbol,type,side,takerOrMaker,price,amount,cost,fee
1,7,{START + HOUR + 2_000},2024-01-01T01:00:02.000Z,BTC/USDT:USDT,,buy,taker,42000.0,0.01,420.0,"{{'currency': 'USDT', 'cost': 0.168}}"
2,8,{START + 2 * HOUR + 5_000},2024-01-01T02:00:05.000Z,BTC/USDT:USDT,,sell,taker,42100.0,0.01,421.0,"{{'currency': 'USDT', 'cost': 0.1684}}"
"""  # noqa: E501
HYPERLIQUID = """time,coin,dir,px,sz,ntl,fee,closedPnl
01/01/2024 - 02:00:05,BTC,Close Long,42100.0,0.01,421.0,0.1684,0.8316
01/01/2024 - 01:00:02,BTC,Open Long,42000.0,0.01,420.0,0.168,-0.168
01/01/2024 - 01:30:00,HYPE/USDC,Buy,42.184,20,843.68,0.01344,-0.56695296
"""
HYPERLIQUID_API = [
    {
        "closedPnl": pnl,
        "coin": "BTC",
        "crossed": True,
        "dir": direction,
        "hash": "0xa166e3fa63c25663024b03f2e0da011a00307e4017465df020210d3d432e7cb8",
        "oid": 90_542_681 + tid,
        "px": price,
        "side": side,
        "startPosition": start,
        "sz": "0.01",
        "time": time,
        "fee": fee,
        "feeToken": "USDC",
        "tid": tid,
    }
    for tid, direction, side, price, start, fee, pnl, time in (
        (2, "Close Long", "A", "42100.0", "0.01", "0.1684", "1.0", START + 2 * HOUR + 5_000),
        (1, "Open Long", "B", "42000.0", "0.0", "0.168", "0.0", START + HOUR + 2_000),
    )
]
EXPECTED: Told = [
    (START + HOUR + 2_000, "BTC", 1, 0.01, 42_000.0, 0.168, False),
    (START + 2 * HOUR + 5_000, "BTC", -1, 0.01, 42_100.0, 0.1684, True),
]


def csv_of(rows: Sequence[dict[str, object]]) -> str:
    lines = [",".join(rows[0]), *(",".join(map(str, each.values())) for each in rows)]
    return "\n".join(lines) + "\n"


def told(run: MoneyOfRun) -> Told:
    return [
        (each.at, each.symbol, each.sign, float(each.size), float(each.price), round(float(each.fee), 12), each.reduces)
        for each in run.fills
    ]


def read(folder: Path, text: str, **said: object) -> MoneyOfRun:
    path = folder / "fills.csv"
    path.write_text(text)
    return read_fills(path, VenueReading(**said))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (BINANCE_WEB, "trades of a Binance export"),
        (BINANCE_WEB_OLD, "trades of a Binance export"),
        (BINANCE_WEB_LOCAL, "trades of a Binance export"),
        (json.dumps(BINANCE_API), "user trades of Binance's API"),
        (csv_of(BINANCE_API), "user trades of Binance's API"),
        ("\n".join(map(json.dumps, BINANCE_API)), "user trades of Binance's API"),
        (CCXT, "trades of ccxt"),
        (HYPERLIQUID, "trades of a Hyperliquid export"),
        (json.dumps(HYPERLIQUID_API), "fills of Hyperliquid's API"),
        (csv_of(HYPERLIQUID_API), "fills of Hyperliquid's API"),
    ],
)
def test_every_layout_tells_the_same_fills(tmp_path: Path, text: str, kind: str) -> None:
    found = read(tmp_path, text)
    assert told(found) == EXPECTED
    assert found.remarks[0].startswith(f"{tmp_path / 'fills.csv'}: {kind}, 2 fills, times are ")
    assert found.before == {}


def test_spot_trades_of_hyperliquid_are_left_out_and_the_time_zone_is_said(tmp_path: Path) -> None:
    remarks = read(tmp_path, HYPERLIQUID).remarks
    assert any("taken as UTC" in each for each in remarks)
    assert any("1 fill of the spot market left out" in each for each in remarks)
    there = read(tmp_path, HYPERLIQUID, time_zone="Europe/Berlin")
    assert [each.at for each in there.fills] == [each[0] - HOUR for each in EXPECTED]


def test_day_and_month_that_may_change_places_must_be_said(tmp_path: Path) -> None:
    text = HYPERLIQUID.replace("01/01/2024", "03/01/2024")
    with pytest.raises(FileFormatError, match="may be written in several ways; say --time-format '%m/%d/%Y - %H:%M:%S"):
        read(tmp_path, text)
    found = read(tmp_path, text, time_format="%d/%m/%Y - %H:%M:%S")
    assert found.fills[0].at == EXPECTED[0][0] + 48 * HOUR


def test_a_known_symbol_keeps_its_name(tmp_path: Path) -> None:
    path = tmp_path / "fills.csv"
    path.write_text(BINANCE_WEB)
    assert {each.symbol for each in read_fills(path, VenueReading(), ("BTCUSDT",)).fills} == {"BTCUSDT"}
    assert {each.symbol for each in read_fills(path, VenueReading(), ("BTC",)).fills} == {"BTC"}


def test_fees_in_another_asset_need_its_price(tmp_path: Path) -> None:
    text = BINANCE_WEB.replace("0.1680,USDT", "0.0004,BNB")
    with pytest.raises(FileFormatError, match=r"a fee of 0\.0004 BNB, and what it is worth is not known: say --fee-"):
        read(tmp_path, text)
    found = read(tmp_path, text, fee_assets={"BNB": 600.0})
    assert float(found.fills[0].fee) == pytest.approx(0.24)
    assert any("1 fee in BNB taken at 600 USD" in each for each in found.remarks)


def test_a_fee_in_the_coin_that_is_traded_counts_at_the_price(tmp_path: Path) -> None:
    found = read(tmp_path, BINANCE_WEB.replace("0.1680,USDT", "0.000004,BTC"))
    assert float(found.fills[0].fee) == pytest.approx(0.000004 * 42_000)


def test_sizes_in_contracts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="the size of BTCUSD_PERP is in contracts"):
        read(tmp_path, BINANCE_WEB.replace("BTCUSDT", "BTCUSD_PERP"))


def test_a_number_that_is_there_twice_counts_once_and_one_that_differs_is_refused(tmp_path: Path) -> None:
    found = read(tmp_path, json.dumps([BINANCE_API[1], *BINANCE_API, BINANCE_API[0]]))
    assert told(found) == EXPECTED
    assert any("2 fills there twice, with the same number: once is enough" in each for each in found.remarks)
    with pytest.raises(FileFormatError, match="1 is there before it, with other values: take one"):
        read(tmp_path, json.dumps([*BINANCE_API, {**BINANCE_API[0], "price": "42001.0"}]))


def test_rows_that_are_alike_are_parts_unless_once_is_enough(tmp_path: Path) -> None:
    first = BINANCE_WEB.splitlines()[2]
    text = BINANCE_WEB + first + "\n"
    found = read(tmp_path, text)
    assert [float(each.size) for each in found.fills] == [0.01, 0.01, 0.01]
    assert any("--once takes each once" in each for each in found.remarks)
    assert told(read(tmp_path, text, once=True)) == EXPECTED


def test_a_turn_round_is_an_exit_and_an_entry(tmp_path: Path) -> None:
    found = read(tmp_path, BINANCE_WEB.replace("42100.0,0.01,", "42100.0,0.03,"))
    assert [(each.sign, round(float(each.size), 9), each.reduces) for each in found.fills] == [
        (1, 0.01, False),
        (-1, 0.01, True),
        (-1, 0.02, False),
    ]
    assert float(sum(each.fee for each in found.fills)) == pytest.approx(0.168 + 0.1684)


def test_hedge_mode_is_told_and_each_side_is_a_position(tmp_path: Path) -> None:
    rows = [
        {**BINANCE_API[0], "positionSide": "LONG"},
        {**BINANCE_API[1], "positionSide": "SHORT", "realizedPnl": "0"},
        {**BINANCE_API[1], "id": 3, "positionSide": "LONG"},
    ]
    found = read(tmp_path, json.dumps(rows))
    assert [(each.sign, each.reduces) for each in found.fills] == [(1, False), (-1, False), (-1, True)]
    assert any("hedge mode" in each for each in found.remarks)


def test_what_was_held_before_the_file_begins_is_known(tmp_path: Path) -> None:
    closing = json.dumps([HYPERLIQUID_API[0]])
    assert {name: float(size) for name, size in read(tmp_path, closing).before.items()} == {("BTC", ""): 0.01}
    of_binance = read(tmp_path, json.dumps([BINANCE_API[1]]))
    assert of_binance.before == {("BTC", ""): Fraction(0.01)}
    assert of_binance.fills[0].reduces


def test_a_liquidation_closes(tmp_path: Path) -> None:
    found = read(tmp_path, HYPERLIQUID.replace("Close Long", "Liquidated Isolated Long"))
    assert told(found) == EXPECTED


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (BINANCE_WEB.replace(",SELL,", ",SOLD,"), "'SOLD' is no side of a fill: leave the row out of the file"),
        (HYPERLIQUID.replace("Close Long", "Settlement"), "'Settlement' is no side of a fill"),
        (BINANCE_WEB.replace("42000.0,0.01", "-1,0.01"), "-1 is no price"),
        (BINANCE_WEB.replace("42000.0,0.01", "42000.0,0"), "0 is no size of a fill"),
        (BINANCE_WEB.replace("Price", "Rate"), "say which it is with --column price=TITLE"),
        (BINANCE_WEB.replace("0.1680", "none"), "'none' is no fee, such as 0.47"),
        ("some notes\n", "the first line has no columns"),
    ],
)
def test_what_is_not_as_it_should_be_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(FileFormatError) as refused:
        read(tmp_path, text)
    assert problem in str(refused.value)


def test_columns_of_other_titles_can_be_chosen(tmp_path: Path) -> None:
    found = read(tmp_path, BINANCE_WEB.replace("Price", "Rate"), columns={"price": "Rate"})
    assert told(found) == EXPECTED


def test_rebates_of_makers_are_rebates(tmp_path: Path) -> None:
    rows = [{**BINANCE_API[0], "maker": True, "commission": "-0.01"}, BINANCE_API[1]]
    fees = [float(each.fee) for each in read(tmp_path, json.dumps(rows)).fills]
    assert fees == [-0.01, 0.1684]
    paid = [{**each, "commission": f"-{each['commission']}"} for each in BINANCE_API]
    found = read(tmp_path, json.dumps(paid))
    assert told(found) == EXPECTED
    assert any("written with a minus: taken as paid" in each for each in found.remarks)


def test_funding_payments_come_from_files_of_their_own(tmp_path: Path) -> None:
    income = tmp_path / "income.json"
    rows = [
        {"symbol": "BTCUSDT", "incomeType": kind, "income": amount, "asset": "USDT", "time": time, "tranId": number}
        for number, (kind, amount, time) in enumerate(
            [("FUNDING_FEE", "-0.12", START + 8 * HOUR), ("COMMISSION", "-1", START), ("FUNDING_FEE", "0.3", START)]
        )
    ]
    income.write_text(json.dumps([*rows, rows[0]]))
    export = tmp_path / "funding.csv"
    export.write_text("time,coin,sz,side,payment,rate\n20/01/2024 02:00:00,ETH,1.05,Short,1.25,0.0000250038\n")
    answer = tmp_path / "answer.json"
    delta = {"coin": "ETH", "fundingRate": "0.0000417", "szi": "49.1477", "type": "funding", "usdc": "-3.625"}
    answer.write_text(json.dumps([{"delta": delta, "hash": "0xa1", "time": START + MINUTE}]))
    found = read(tmp_path, BINANCE_WEB, funding=(income, export, answer))
    assert [(each.at, each.symbol, float(each.amount)) for each in found.funding] == [
        (START, "BTC", 0.3),
        (START + MINUTE, "ETH", -3.625),
        (START + 8 * HOUR, "BTC", -0.12),
        (START + 19 * 24 * HOUR + 2 * HOUR, "ETH", 1.25),
    ]
    assert found.tells_funding
    assert not read(tmp_path, BINANCE_WEB).tells_funding
    income.write_text(json.dumps([rows[1]]))
    with pytest.raises(FileFormatError, match="no row is of funding: export funding fees, too"):
        read(tmp_path, BINANCE_WEB, funding=(income,))


NEW_BINANCE = "Uid,Time,Symbol,Side,Price,Quantity,Amount,Fee,Realized Profit,Buyer,Maker,Trade ID,Order ID\n"
#: Headers and rows as people have shown theirs; numbers of accounts and orders are others.
VARIANTS = {
    "two digits of the year, a fee with its asset": (
        NEW_BINANCE
        + "1,26-03-17 09:34:12,BTCUSDC,BUY,73822.3,0.01,738.223,0.29528919 USDC,0,true,false,41,49\n"
        + "1,26-03-17 11:52:00,BTCUSDC,SELL,73950.0,0.01,739.5,0.2958 USDC,1.277,false,true,43,50\n",
        [(1_773_740_052_000, 1, 0.01, 0.29528919, False), (1_773_748_320_000, -1, 0.01, 0.2958, True)],
    ),
    "four digits, the asset joined to the fee, capitals": (
        NEW_BINANCE
        + "1,2026-05-29 18:25:01,BTCUSDT,BUY,73645.8,0.001,73.6458,0.03682290USDT,0,TRUE,FALSE,1,1\n"
        + "1,2026-05-30 03:35:09,BTCUSDT,SELL,73698.2,0.001,73.6982,0.00012BNB,0.05239999,FALSE,TRUE,2,2\n",
        [(1_780_079_101_000, 1, 0.001, 0.0368229, False), (1_780_112_109_000, -1, 0.001, 0.072, True)],
    ),
    "yes and no": (
        NEW_BINANCE + "9,2024-01-01 01:02:03,BTCUSDT,BUY,40000,0.01,400,0.4,0,Y,N,trade-1,order-1\n",
        [(1_704_070_923_000, 1, 0.01, 0.4, False)],
    ),
    "position side, order type": (
        "Time(UTC),Symbol,Side,Position Side,Order Type,Price,Quantity,Amount,Fee,Realized Profit\n"
        "2024-09-01 12:34:01,BTCUSDT,BUY,LONG,MARKET,65000,0.1,6500,2.6 USDT,0\n"
        "2024-09-01 13:34:01,BTCUSDT,SELL,LONG,MARKET,65500,0.1,6550,2.62 USDT,50\n",
        [(1_725_194_041_000, 1, 0.1, 2.6, None), (1_725_197_641_000, -1, 0.1, 2.62, None)],
    ),
    "a byte order mark, semicolons, thousands": (
        "\ufeffDate(UTC);Symbol;Side;Price;Quantity;Amount;Fee;Realized Profit;Quote Asset\n"
        "2026-03-11 22:10:05;BTCUSDT;BUY;67,000.0;0.010;670.0;0.268;0.0;USDT\n",
        [(1_773_267_005_000, 1, 0.01, 0.268, None)],
    ),
    "units beside all numbers": (
        "Date(UTC),Symbol,Side,Price,Quantity,Amount,Fee,Realized Profit\n"
        '2026-03-11 22:10:05,BTCUSDT,BUY,"67,000.0USDT",0.010BTC,670.0USDT,0.268USDT,0.0USDT\n',
        [(1_773_267_005_000, 1, 0.01, 0.268, None)],
    ),
    "a history of orders": (
        "Uid,Time(UTC),Symbol,Type,Side,Position Side,Price,Average Price,Amount,Executed Amount,Executed Quote Amount,"
        "Stop Price,Status,Client Order Id,Time In Force,Activate Price,Price Rate,Update Time,Order No\n"
        "1,2023-01-01 00:00:00,BTCUSDT,LIMIT,BUY,Both,10,11,1,1,11,0,FILLED,a,GTC,0,0.0,2023-01-01 00:00:10,77\n"
        "1,2023-01-01 00:01:00,BTCUSDT,LIMIT,BUY,Both,10,0,1,0,0,0,CANCELED,b,GTC,0,0.0,2023-01-01 00:02:10,78\n",
        [(1_672_531_210_000, 1, 1.0, 0.0, None)],
    ),
    "Hyperliquid, months first": (
        "time,coin,dir,px,sz,ntl,fee,closedPnl\n"
        "9/18/2025 - 14:59:56,BTC,Open Long,4576.6,0.0515,235.69490000000002,0.16498643,-0.26283641999999996\n",
        [(1_758_207_596_000, 1, 0.0515, 0.16498643, None)],
    ),
    "Hyperliquid, hours of twelve": (
        "time,coin,dir,px,sz,ntl,fee,closedPnl\n"
        '"9/18/2025, 2:59:56 PM",BTC,Open Short,4576.6,0.0515 BTC,235.69 USDC,0.16 USDC,-0.26 USDC\n',
        [(1_758_207_596_000, -1, 0.0515, 0.16, None)],
    ),
    "Hyperliquid, of an indexer": (
        "time,coin,dir,px,sz,ntl,fee,feeToken,closedPnl,hash\n"
        "2025-01-06 13:25:38.148000,BTC,Open Long,100000,0.002,200,0.02,USDC,-0.02,0xabc\n",
        [(1_736_169_938_148, 1, 0.002, 0.02, None)],
    ),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_exports_as_people_have_them_are_read(tmp_path: Path, name: str) -> None:
    text, expected = VARIANTS[name]
    found = read(tmp_path, text, fee_assets={"BNB": 600.0})
    assert [each.symbol for each in found.fills] == ["BTC"] * len(expected)
    rows = [(each.at, each.sign, float(each.size), float(each.fee), each.is_maker) for each in found.fills]
    assert rows == [pytest.approx(row) if None not in row else row for row in expected]


@pytest.mark.parametrize(("zone", "hours"), [("UTC+3", 3), ("UTC--6", -6), ("UTC+0", 0)])
def test_the_name_of_an_export_tells_the_zone_of_its_times(tmp_path: Path, zone: str, hours: int) -> None:
    text, expected = VARIANTS["yes and no"]
    path = tmp_path / f"Binance-Futures-Trade-History-202608302008({zone})-part1-of1.csv"
    path.write_text(text)
    assert [each.at for each in read_fills(path, VenueReading()).fills] == [expected[0][0] - hours * HOUR]
    said = read_fills(path, VenueReading(time_zone="UTC"))
    assert [each.at for each in said.fills] == [expected[0][0]]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (NEW_BINANCE + "No data matches the criteria.\n", "the export is of a range without rows: export another one"),
        (
            "Symbol,Margin Mode,Position Side,Entry Price,Avg. Close Price,Max Open Interest,Closed Vol.,Closing PNL,"
            "Opened,Closed,Status\nBTCUSDT,Cross,Long,73645.8,73698.2,0.001,0.001,0.05,2026-05-29 18:25:01,"
            "2026-05-30 03:35:09,Closed\n",
            "fills have a time, a symbol (coin), a side (or dir), a price (px) and a quantity (sz)",
        ),
        (
            "User_ID,UTC_Time,Account,Operation,Coin,Change\n1,2025-01-03 10:00:00,Futures,Funding Fee,USDT,-1\n",
            "not the history of positions, of transactions or of a wallet",
        ),
        (VARIANTS["units beside all numbers"][0].replace("0.010BTC", "670USDT"), "is an amount of money"),
    ],
)
def test_other_exports_are_refused_with_what_is_wanted(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(FileFormatError) as refused:
        read(tmp_path, text)
    assert problem in str(refused.value)


def test_funding_of_an_export_of_transactions_of_futures(tmp_path: Path) -> None:
    path = tmp_path / "Binance-Futures-Transaction-History-202603230525(UTC--6).csv"
    path.write_text(
        "Time,Type,Amount,Asset,Symbol,Transaction ID\n2024-01-02 03:04:05,REALIZED_PNL,1.5,USDT,BTCUSDT,1\n"
        "26-01-02 10:00:00,FUNDING_FEE,-0.8,USDT,BTCUSDT,2\n".replace("26-01-02 10", "2024-01-02 10")
    )
    found = read(tmp_path, BINANCE_WEB, funding=(path,))
    assert [(each.at, float(each.amount)) for each in found.funding] == [(START + 40 * HOUR, -0.8)]


def test_long_and_short_that_were_held_before_stay_apart(tmp_path: Path) -> None:
    rows = [
        {**BINANCE_API[1], "id": 5, "positionSide": "LONG"},
        {**BINANCE_API[0], "id": 6, "positionSide": "SHORT", "realizedPnl": "3"},
    ]
    found = read(tmp_path, json.dumps(rows))
    assert found.before == {("BTC", "LONG"): Fraction(0.01), ("BTC", "SHORT"): -Fraction(0.01)}
    kept = within_range(found, START, START + 8 * HOUR)
    assert kept.fills == []
    assert [each.split(": ")[1] for each in kept.remarks if "held before" in each] == [
        "-0.01 BTC short was held before",
        "+0.01 BTC long was held before",
    ]


def test_rows_that_are_missing_are_told_and_nothing_is_held_before_them(tmp_path: Path) -> None:
    row = HYPERLIQUID_API[1]
    later = {**HYPERLIQUID_API[0], "startPosition": "0.03"}
    found = read(tmp_path, json.dumps([row, later]))
    assert found.before == {}
    assert any(
        "rows are missing before 2024-01-01 02:00:05 UTC: +0.02 BTC that no row" in each for each in found.remarks
    )
    shorts = HYPERLIQUID.replace("Open Long", "Open Short")
    assert read(tmp_path, shorts).before == {}
    assert any("rows are missing before" in each for each in read(tmp_path, shorts).remarks)
