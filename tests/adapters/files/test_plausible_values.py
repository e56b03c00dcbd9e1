"""What no market has is refused with its row and its column."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.files import (
    read_flow_file,
    read_funding_file,
    read_kline_file,
    read_mark_file,
    read_quote_files,
    read_trade_files,
)
from engine.errors import FileFormatError
from tests.support.klines import START_MS

FLOW = "time,taker_buy_volume,taker_sell_volume,taker_buy_notional,taker_sell_notional,vwap,funding_rate,premium"
KLINE = "time,open,high,low,close,volume"


@pytest.mark.parametrize(
    ("read", "header", "row", "column"),
    [
        (read_kline_file, KLINE, "100,1e308,100,100,1", "high"),
        (read_kline_file, KLINE, "100,100,1e-300,100,1", "low"),
        (read_kline_file, KLINE, "100,100,100,100,1e300", "volume"),
        (read_mark_file, KLINE, "100,1e300,100,100,1", "high"),
        (read_funding_file, "time,rate,mark_price", "0.0001,1e300", "mark_price"),
        (read_funding_file, "time,rate", "1.0", "rate"),
        (lambda path: read_flow_file(path, True), FLOW, "1,1,1,1,1e308,0,0", "vwap"),
        (lambda path: read_flow_file(path, True), FLOW, "1e300,1,1,1,1,0,0", "taker_buy_volume"),
        (lambda path: read_flow_file(path, True), FLOW, "1,1,1,1,1,1.0,0", "funding_rate"),
        (lambda path: read_flow_file(path, True), FLOW, "1,1,1,1,1,0,-1e300", "premium"),
        (lambda path: list(read_trade_files([path])), "time,price,size,side", "1e308,1,buy", "price"),
        (lambda path: list(read_trade_files([path])), "time,price,size,side", "1,1e300,buy", "size"),
        (lambda path: list(read_quote_files([path])), "time,bid,ask", "1,1e300", "ask"),
    ],
)
def test_what_no_market_has_is_refused_with_row_and_column(
    tmp_path: Path, read: Callable[[Path], object], header: str, row: str, column: str
) -> None:
    good = {"rate": "0.0001", "mark_price": "100", "side": "buy", "funding_rate": "0.0001", "premium": "0"}
    usual = ",".join(good.get(title, "100") for title in header.split(",")[1:])
    rows = [f"{START_MS + n * 60_000},{row if n == 1 else usual}" for n in range(3)]
    path = tmp_path / "rows.csv"
    path.write_text("\n".join([header, *rows, ""]))
    with pytest.raises(FileFormatError) as caught:
        read(path)
    assert (caught.value.row, caught.value.column) == (2, column)


def test_quotes_of_two_ages_make_no_grid_between_them(tmp_path: Path) -> None:
    path = tmp_path / "bbo.csv"
    path.write_text("time,bid,ask\n100000000000,1,2\n99999999999999,1,2\n")
    (file,) = read_quote_files([path])
    assert file.rows[0].times_ms.tolist() == [100_000_005_000 + 15_000 * n for n in range(4)]
