from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from adapters.files import ContractSize, read_metric_file
from engine.errors import FileFormatError

BEGIN_MS = 1_698_796_800_000
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(header: str, *rows: str, name: str = "metrics.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join([header, *rows]) + "\n")
        return path

    return write


def values(path: Path, **options: object) -> dict[str, list[float]]:
    """What a file gives for each column of the table and each feature."""
    file = read_metric_file(path, **options)  # type: ignore[arg-type]
    return {
        part.names.get("feature", name): column.tolist() for part in file.rows for name, column in part.columns.items()
    }


def test_metrics_of_binance_become_open_interest_and_features(write: Write) -> None:
    path = write(
        "create_time,symbol,sum_open_interest,sum_open_interest_value,count_toptrader_long_short_ratio,"
        "sum_toptrader_long_short_ratio,count_long_short_ratio,sum_taker_long_short_vol_ratio",
        "2023-11-01 00:05:00,ETHUSDT,500.5,1000000,1.1,1.2,1.3,0.9",
        "2023-11-01 00:10:00,ETHUSDT,501.5,1000000,1.4,,1.6,0.8",
    )
    assert values(path) == {
        "open_interest": [500.5, 501.5],
        "long_short_ratio": [1.3, 1.6],
        "top_account_long_short_ratio": [1.1, 1.4],
        "top_position_long_short_ratio": [1.2],
        "taker_long_short_ratio": [0.9, 0.8],
    }
    file = read_metric_file(path)
    assert file.rows[0].times_ms.tolist() == [BEGIN_MS + 300_000, BEGIN_MS + 600_000]
    assert any("stored as features: long_short_ratio" in remark for remark in file.remarks)


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        ("openInterest,timestamp", "7.5,{t}", {"open_interest": [7.5]}),
        ("ts,oi,oiCcy,oiUsd", "{t},750,7.5,15000", {"open_interest": [7.5]}),
        (
            "symbol,openInterestAmount,openInterestValue,timestamp,datetime,info",
            "ETH/USDT:USDT,7.5,,{t},x,\"{{'a': 1}}\"",
            {"open_interest": [7.5]},
        ),
        ("symbol,buyRatio,sellRatio,timestamp", "ETHUSDT,0.75,0.25,{t}", {"long_short_ratio": [3]}),
        (
            "symbol,longAccount,longShortRatio,shortAccount,timestamp",
            "ETHUSDT,0.6,1.5,0.4,{t}",
            {"long_short_ratio": [1.5]},
        ),
        (
            "time,coin,funding,open_interest,day_ntl_vlm,premium,oracle_px,mark_px,mid_px",
            "{t},ETH,0.00001,7.5,9e8,-0.0001,2000,2001,2000.5",
            {
                "open_interest": [7.5],
                "mark_price": [2001],
                "oracle_price": [2000],
                "mid_price": [2000.5],
                "premium": [-0.0001],
                "day_notional_volume": [9e8],
            },
        ),
    ],
)
def test_shapes_of_venues(write: Write, header: str, row: str, expected: dict[str, list[float]]) -> None:
    assert values(write(header, row.format(t=BEGIN_MS))) == expected


def test_of_one_millisecond_of_a_recording_the_last_row_counts(write: Write) -> None:
    begin = BEGIN_MS * 1000
    path = write("timestamp,open_interest", f"{begin + 5},1", f"{begin + 900},2", f"{begin + 1500},3")
    (part,) = read_metric_file(path).rows
    assert part.times_ms.tolist() == [BEGIN_MS + 1, BEGIN_MS + 2]
    assert part.columns["open_interest"].tolist() == [2, 3]


def test_contracts_need_their_size(write: Write) -> None:
    path = write("ts,oi,oiUsd", f"{BEGIN_MS},750,1500000")
    with pytest.raises(FileFormatError, match=r"OKX counts contracts .* --contract-size"):
        read_metric_file(path)
    assert values(path, contract=ContractSize.parse("0.1")) == {"open_interest": [75]}
    assert values(path, columns={"open_interest": "oi"}) == {"open_interest": [750]}
    with pytest.raises(FileFormatError, match="contracts of USD become coins at the mark price, and the file has none"):
        read_metric_file(path, contract=ContractSize.parse("100USD"))
    marked = write("time,open_interest,mark_price", f"{BEGIN_MS},300,2000", f"{BEGIN_MS + 1000},300,", name="m.csv")
    interest = values(marked, contract=ContractSize.parse("100USD"))["open_interest"]
    assert interest[0] == 15
    assert np.isnan(interest[1])
    coinm = write("create_time,symbol,sum_open_interest", "2023-11-01,BTCUSD_PERP,5", name="c.csv")
    with pytest.raises(FileFormatError, match="of BTCUSD_PERP is in contracts"):
        read_metric_file(coinm)


@pytest.mark.parametrize(
    ("header", "row", "problem"),
    [
        ("time,oi_usd", "{t},5", "there is neither open interest in coins nor a ratio"),
        ("time,open_interest", "{t},-5", "-5.0 is negative"),
        ("time,long_short_ratio", "{t},-0.5", "-0.5 is no ratio of longs to shorts"),
        ("time,buy_ratio,sell_ratio", "{t},1,0", "0.0 is no share of the accounts above 0"),
        ("time,mark_price", "{t},x", "'x' is not a number"),
    ],
)
def test_what_is_wrong_is_refused(write: Write, header: str, row: str, problem: str) -> None:
    with pytest.raises(FileFormatError, match=problem):
        read_metric_file(write(header, row.format(t=BEGIN_MS)))


def test_open_interest_that_okx_gives_in_coins_is_taken_beside_contracts(tmp_path: Path) -> None:
    path = tmp_path / "interest.csv"
    rows = [f"BTC-USDT-SWAP,{150 + n},{1.5 + n},{BEGIN_MS + n * 300_000}\n" for n in range(2)]
    path.write_text("".join(["instId,oi,oiCcy,ts\n", *rows]))
    (metrics,) = read_metric_file(path).rows
    assert metrics.columns["open_interest"].tolist() == [1.5, 2.5]


def test_metrics_without_titles_name_the_option(tmp_path: Path) -> None:
    path = tmp_path / "interest.csv"
    path.write_text(f"{BEGIN_MS},1,2\n{BEGIN_MS + 300_000},1,2\n")
    with pytest.raises(FileFormatError, match="there is no header line; say where each stands, as --column time=1"):
        read_metric_file(path)
