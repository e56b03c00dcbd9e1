"""Files of funding rates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from adapters import read_funding_file
from adapters.files import ReadOptions
from engine import DataError
from engine.errors import FileFormatError
from tests.support.klines import START_MS

Write = Callable[..., Path]


def test_funding_times_are_kept_to_the_millisecond(write: Write) -> None:
    path = write("time,fundingRate,markPrice", f"{START_MS + 48},0.0001,42000", f"{START_MS + 3_600_388},-0.0002,")
    (rows,) = read_funding_file(path).rows
    assert (rows.times_ms - START_MS).tolist() == [48, 3_600_388]
    assert rows.columns["funding_rate"].tolist() == [0.0001, -0.0002]
    np.testing.assert_array_equal(rows.columns["mark_price"], [42000, np.nan])
    bare = read_funding_file(write("calc_time,funding_interval_hours,last_funding_rate", f"{START_MS},8,0.0001"))
    assert list(bare.rows[0].columns) == ["funding_rate"]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (f"{START_MS + 1},1.5,1", "column funding_rate: 1.5 is no fraction of the notional"),
        (f"{START_MS + 1},,1", "column funding_rate: the value is missing"),
        (f"{START_MS + 1},0.1,0", "column mark_price: 0.0 is not a positive price"),
        (f"{START_MS},0.1,1", "is there twice: row 1 has"),
    ],
)
def test_a_bad_funding_rate_is_an_error(write: Write, row: str, problem: str) -> None:
    with pytest.raises(FileFormatError, match=problem) as caught:
        read_funding_file(write("time,funding_rate,mark_price", f"{START_MS},0.0001,1", row))
    assert caught.value.row == 2


def test_every_real_file_of_funding_rates_is_read(shared_data: Path) -> None:
    paths = sorted(shared_data.glob("*_funding_[0-9]*h*.parquet"))
    assert len(paths) >= 11
    for path in paths:
        (rows,) = read_funding_file(path).rows
        assert np.abs(rows.columns["funding_rate"]).max() < 0.05
        late_ms = (rows.times_ms + 60_000) % 3_600_000 - 60_000
        if "hyperliquid" in path.name:
            # four payments of two years came minutes late, one of them 24
            assert (np.count_nonzero(late_ms > 60_000), late_ms.max()) == (4, 1_433_040)
        else:
            assert -10 < late_ms.min() <= late_ms.max() < 10


def test_one_series_of_a_real_file_of_many_is_chosen(shared_data: Path) -> None:
    path = shared_data / "multi_exchange_spot_perp_funding_2023_2024.parquet"
    with pytest.raises(FileFormatError, match="--where"):
        read_funding_file(path)
    one = read_funding_file(path, {"exchange": "binance", "pair": "BTCUSDT"})
    assert one.count == 1642
    single = read_funding_file(shared_data / "binance_um_BTCUSDT_funding_8h_2019_2026.parquet")
    _, ours, theirs = np.intersect1d(one.rows[0].times_ms, single.rows[0].times_ms, return_indices=True)
    np.testing.assert_allclose(
        one.rows[0].columns["funding_rate"][ours], single.rows[0].columns["funding_rate"][theirs], atol=1e-8
    )


def rates(write: Write, title: str, *values: object, **how: object) -> list[float]:
    rows = [f"{START_MS + place * 28_800_000},{value}" for place, value in enumerate(values)]
    found: list[float] = (
        read_funding_file(write(f"time,{title}", *rows), **how).rows[0].columns["funding_rate"].tolist()
    )
    return found


@pytest.mark.parametrize("title", ["Funding Rate (%)", "funding_rate_percent", "Funding Rate Pct"])
def test_a_title_of_percent_is_percent(write: Write, title: str) -> None:
    assert rates(write, title, 0.01, -0.005) == [0.0001, -0.005 / 100]


def test_values_with_percent_signs_are_percent(write: Write) -> None:
    assert rates(write, "Funding Rate", "0.010000%", "-0.02 %") == [0.0001, -0.0002]
    with pytest.raises(FileFormatError, match=r"'0\.01%' is not a number"):
        rates(write, "rate", "0.01%", "0.0001")


def test_rates_that_may_be_percent_must_be_said_to_be_what_they_are(write: Write) -> None:
    many = (0.01, 0.0113, -0.005, 0.01)
    with pytest.raises(FileFormatError, match="half of the rates are beyond 1 % of the notional; say with --rates-are"):
        rates(write, "rate", *many)
    assert rates(write, "rate", *many, rates_are="fraction") == [*many]
    assert rates(write, "rate", *many, rates_are="percent") == [each / 100 for each in many]
    with pytest.raises(FileFormatError, match=r"row 3, column rate: -6 % of the notional is unusual; say with"):
        rates(write, "rate", 0.0001, 0.0001, -0.06)
    assert rates(write, "rate", 0.001, 0.001, 0.05) == [0.001, 0.001, 0.05]


def test_of_several_rates_the_realised_or_relative_one_is_taken_or_a_choice_is_asked_for(write: Write) -> None:
    okx = write("fundingRate,realizedRate,fundingTime", f"0.0002,0.0001,{START_MS}")
    kraken = write("timestamp,fundingRate,relativeFundingRate", f"{START_MS},5.5,0.0001", name="kraken.csv")
    for path in (okx, kraken):
        assert read_funding_file(path).rows[0].columns["funding_rate"].tolist() == [0.0001]
    assert read_funding_file(okx, columns={"rate": "fundingRate"}).rows[0].columns["funding_rate"].tolist() == [0.0002]
    daily = write("timestamp,fundingRate,fundingRateDaily", f"{START_MS},0.0001,0.0003", name="daily.csv")
    with pytest.raises(FileFormatError, match=r"may be fundingRate or fundingRateDaily: .* --column rate=fundingRate"):
        read_funding_file(daily)
    bybit = write("symbol,fundingRate,fundingRateTimestamp", f"X,0.0001,{START_MS}", name="bybit.csv")
    assert read_funding_file(bybit).count == 1
    with pytest.raises(DataError, match="there is no field 'size' to choose a column for; fields are time, rate"):
        read_funding_file(bybit, columns={"size": "fundingRate"})


def test_rates_in_the_opens_of_empty_klines_are_those_of_freqtrade(write: Write) -> None:
    header = "date,open,high,low,close,volume"
    path = write(header, f"{START_MS},0.0001,0,0,0,0", f"{START_MS + 28_800_000},-0.0002,0.0,,0,0")
    file = read_funding_file(path)
    assert file.rows[0].columns["funding_rate"].tolist() == [0.0001, -0.0002]
    assert any("as freqtrade keeps them" in remark for remark in file.remarks)
    prices = write(header, f"{START_MS},100,101,99,100,5", name="klines.csv")
    with pytest.raises(FileFormatError, match="these are klines, not rates; choose the column of the rates"):
        read_funding_file(prices)


def test_the_page_of_binance_gives_percent_and_intervals_newest_first(write: Write) -> None:
    rows = ("ETHUSDT Perpetual,2024-01-01 16:00:00,8h,-0.004200%", "ETHUSDT Perpetual,2024-01-01 08:00:00,8h,0.010000%")
    file = read_funding_file(write("Contracts,Time,Funding Interval,Funding Rate", *rows))
    assert file.rows[0].columns["funding_rate"] == pytest.approx([0.0001, -0.000042])
    assert file.rows[0].times_ms.tolist() == [START_MS + 8 * 3_600_000, START_MS + 16 * 3_600_000]


def test_other_files_are_told_what_they_seem_to_be(write: Write) -> None:
    path = write("time,price,qty,side", f"{START_MS},1,1,buy")
    with pytest.raises(
        FileFormatError, match=r"there is no such column; .*this seems to be a file of trades: --kind trades"
    ):
        read_funding_file(path)


def test_rates_in_the_lists_of_freqtrade_have_no_titles(tmp_path: Path) -> None:
    path = tmp_path / "BTC_USDT_USDT-8h-funding_rate.json"
    path.write_text(f"[[{START_MS}, 0.0001, 0, 0, 0, 0], [{START_MS + 28_800_000}, -0.0002, 0, 0, 0, 0]]")
    file = read_funding_file(path)
    assert file.rows[0].columns["funding_rate"].tolist() == [0.0001, -0.0002]
    path.write_text(f"[[{START_MS}, 100, 101, 99, 100, 5], [{START_MS + 28_800_000}, 100, 101, 99, 100, 5]]")
    with pytest.raises(FileFormatError, match="these are klines, not rates"):
        read_funding_file(path)


def test_rates_that_a_ticker_quotes_are_no_payments(write: Write) -> None:
    paid = START_MS + 28_800_000
    rows = [f"{START_MS + n * 60_000},{paid + 28_800_000 * (n // 5)},0.000{n + 1}" for n in range(9)]
    path = write("timestamp,funding_timestamp,funding_rate", *rows)
    with pytest.raises(FileFormatError, match=r"after 60 s, .* say --column time=funding_timestamp --keep last"):
        read_funding_file(path)
    options = ReadOptions(keep="last")
    (taken,) = read_funding_file(path, columns={"time": "funding_timestamp"}, options=options).rows
    assert taken.times_ms.tolist() == [paid, paid + 28_800_000]
    assert taken.columns["funding_rate"].tolist() == [0.0005, 0.0009]
