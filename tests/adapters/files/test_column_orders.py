"""The order of the columns of klines without titles: told by what prices of a kline can be, or said."""

from __future__ import annotations

import pytest

from adapters import read_kline_file, read_mark_file
from engine.errors import FileFormatError
from tests.adapters.files.conftest import Write
from tests.support.klines import START_MS, assert_same, random_klines

KLINES = random_klines(30)
MADE = {
    "t": KLINES.open_ms.tolist(),
    **{name[0]: getattr(KLINES, name).tolist() for name in ("open", "high", "low", "close", "volume")},
    "q": (KLINES.volume * KLINES.close).tolist(),
    "m": ((KLINES.high + KLINES.low) / 2).tolist(),
    "n": [7] * 30,
    "e": (KLINES.open_ms + 59_999).tolist(),
    "0": [0] * 30,
    "1": [1] * 30,
    "y": ["true"] * 30,
}


def rows(order: str, factor: float = 1.0) -> list[str]:
    return [",".join(str(MADE[name][place]) for name in order) for place in range(30)]


@pytest.mark.parametrize(
    "order",
    [
        "tohlcv",
        "tochlv",
        "tlhocv",
        "tohlcvn",
        "tohlcvq",
        "tochlvq",
        "tohlcmvn",
        "tqchlovy",
        "tqchlov",
        "tohlcveq",
        "tohlcvqq",
        "tohlcvvq1",
        "tohlcveqn00",
        "tohlcveqn000",
    ],
)
@pytest.mark.parametrize("newest_first", [False, True])
def test_the_order_in_which_prices_can_be_those_of_klines_is_taken(
    write: Write, order: str, newest_first: bool
) -> None:
    assert_same(read_kline_file(write(*rows(order)[:: -1 if newest_first else 1])).klines, KLINES)


@pytest.mark.parametrize("order", ["tohlc", "tohlcv", "tochlv", "tohlc1"])
def test_marks_come_in_such_orders_too(write: Write, order: str) -> None:
    closes, _ = read_mark_file(write(*rows(order))).rows
    assert closes.columns["mark_price"].tolist() == KLINES.close.tolist()  # type: ignore[union-attr]


def test_one_bad_row_does_not_change_the_order(write: Write) -> None:
    for order in ("tohlcv", "tochlv", "tlhocv"):
        some = rows(order)
        some[11] = f"{START_MS + 11 * 60_000},0,0,0,0,0"
        with pytest.raises(FileFormatError, match=r"row 12, column open: 0.0 is not a positive price"):
            read_kline_file(write(*some))


def test_orders_that_both_fit_with_other_klines_must_be_said(write: Write) -> None:
    path = write(*(f"{START_MS + place * 60_000},100,105,105,100,1" for place in range(5)))
    with pytest.raises(FileFormatError, match="the prices do not tell whether the columns are") as refused:
        read_kline_file(path)
    bitfinex = {"open": "2", "close": "3", "high": "4", "low": "5", "volume": "6"}
    coinbase = {"open": "4", "high": "3", "low": "2", "close": "5", "volume": "6"}
    for columns, opened in ((bitfinex, 100.0), (coinbase, 105.0)):
        for name, number in columns.items():
            assert f"--column {name}={number}" in str(refused.value)
        assert read_kline_file(path, columns=columns).klines.open.tolist() == [opened] * 5


@pytest.mark.parametrize("prices", ["100,100,100,100", "100,101,100,101"])
def test_orders_that_make_the_same_klines_need_no_word(write: Write, prices: str) -> None:
    path = write(*(f"{START_MS + place * 60_000},{prices},1" for place in range(5)))
    assert read_kline_file(path).klines.high.tolist() == [float(prices.split(",")[1])] * 5


def test_a_turnover_tells_the_unit_of_a_volume_and_a_count_does_not(write: Write) -> None:
    contracts = [f"{START_MS + place * 60_000},250,250,250,250,{place + 1},{(place + 1) * 2.5}" for place in range(9)]
    file = read_kline_file(write(*contracts))
    assert file.klines.volume.tolist() == pytest.approx([(place + 1) * 0.01 for place in range(9)])
    counts = [row.rpartition(",")[0] + ",3" for row in contracts]
    assert read_kline_file(write(*counts)).klines.volume.tolist() == [place + 1.0 for place in range(9)]


@pytest.mark.parametrize("order", ["tvchlo", "tvlchoq", "tvqlchoe"])
def test_orders_that_no_venue_publishes_are_refused_with_the_option_that_tells_them(write: Write, order: str) -> None:
    with pytest.raises(FileFormatError, match=r"none of the known orders .* say where each stands, as --column time=1"):
        read_kline_file(write(*rows(order)))
    said = {name: str(order.index(name[0]) + 1) for name in ("open", "high", "low", "close", "volume")}
    assert_same(read_kline_file(write(*rows(order)), columns=said).klines, KLINES)


def test_a_closing_time_is_no_volume_where_most_klines_have_none(write: Write) -> None:
    cells = [row.split(",") for row in rows("tohlcveq")]
    for each in cells[1:]:
        each[5] = each[7] = "0"
    volume = read_kline_file(write(*map(",".join, cells))).klines.volume
    assert volume.tolist() == [KLINES.volume[0], *[0.0] * 29]
