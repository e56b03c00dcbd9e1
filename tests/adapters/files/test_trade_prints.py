from __future__ import annotations

import gzip
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import TableRows, read_flow_file, read_trade_files
from adapters.files.trade_prints import TradePrints, aggregate_prints
from engine.errors import FileFormatError
from tests.support.klines import START_MS

HEADER = "timestamp_ms,price,qty,side"
ROW_MS = 15_000
Write = Callable[..., Path]

prints_lists = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 40), st.sampled_from([0, 1, 14_999, 15_000, 15_001, 60_000])),
        st.floats(0.001, 1e6),
        st.floats(1e-8, 1e6),
        st.booleans(),
    ),
    min_size=1,
    max_size=60,
)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(*rows: str, header: str = HEADER, name: str = "trades.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join([header, *rows] if header else rows) + "\n")
        return path

    return write


def at(offset_ms: float, price: object = 100, size: object = 1, side: object = "buy") -> str:
    return f"{START_MS + offset_ms},{price},{size},{side}"


def only_rows(path: Path) -> TableRows:
    (file,) = read_trade_files([path])
    (rows,) = file.rows
    return rows


def stream(steps: list[tuple[int, float, float, bool]]) -> TradePrints:
    offsets, price, size, bought = (np.array(column) for column in zip(*steps, strict=True))
    return TradePrints(START_MS + np.cumsum(offsets), price, size, bought)


def slow(prints: TradePrints) -> dict[int, dict[str, float]]:
    """The same rows, trade by trade."""
    groups: dict[int, list[tuple[float, float, bool]]] = {}
    for time, *trade in zip(prints.time_ms.tolist(), prints.price, prints.size, prints.taker_bought, strict=True):
        end = time if time % ROW_MS == 0 else (time // ROW_MS + 1) * ROW_MS
        groups.setdefault(end, []).append(tuple(trade))
    rows = {}
    for end, trades in groups.items():
        row = {}
        for name, side in (("buy", True), ("sell", False)):
            mine = [(price, size) for price, size, bought in trades if bought == side]
            row[f"taker_{name}_volume"] = math.fsum(size for _, size in mine)
            row[f"taker_{name}_notional"] = math.fsum(price * size for price, size in mine)
            row[f"taker_{name}_count"] = len(mine)
        volume = math.fsum(size for _, size, _ in trades)
        row["vwap"] = math.fsum(price * size for price, size, _ in trades) / volume
        row["high_price"] = max(price for price, _, _ in trades)
        row["low_price"] = min(price for price, _, _ in trades)
        rows[end] = row
    return rows


@given(prints_lists)
def test_the_rows_are_those_of_a_loop_over_the_trades(steps: list[tuple[int, float, float, bool]]) -> None:
    prints = stream(steps)
    rows, expected = aggregate_prints(prints), slow(prints)
    assert rows.times_ms.tolist() == list(expected)
    for place, row in enumerate(expected.values()):
        for name, value in row.items():
            assert rows.columns[name][place] == pytest.approx(value, rel=1e-12, abs=0), name


@given(prints_lists, st.data())
def test_no_trade_is_lost_and_none_is_known_before_it_happened(
    steps: list[tuple[int, float, float, bool]], data: st.DataObject
) -> None:
    prints = stream(steps)
    rows = aggregate_prints(prints)
    counts = rows.columns["taker_buy_count"] + rows.columns["taker_sell_count"]
    assert counts.sum() == len(prints.time_ms)
    until = int(data.draw(st.sampled_from(rows.times_ms.tolist())))
    early = aggregate_prints(prints.slice(0, int(np.searchsorted(prints.time_ms, until, side="right"))))
    for name, column in early.columns.items():
        np.testing.assert_array_equal(column, rows.columns[name][: len(early)], err_msg=name)


@given(prints_lists, st.data())
def test_files_of_one_command_are_one_stream_wherever_it_is_cut(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, float, float, bool]], data: st.DataObject
) -> None:
    prints = stream(steps)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(steps)), max_size=3)) - {len(steps)})
    folder = tmp_path_factory.mktemp("parts")
    paths = []
    for part, (start, stop) in enumerate(zip([0, *cuts], [*cuts, len(steps)], strict=True)):
        piece = prints.slice(start, stop)
        columns = {"ts": piece.time_ms, "px": piece.price, "sz": piece.size, "is_buyer_maker": ~piece.taker_bought}
        paths.append(folder / f"{part}.parquet")
        pq.write_table(pa.table(columns), paths[-1])
    parts = [rows for file in read_trade_files(paths) for rows in file.rows]
    whole = aggregate_prints(prints)
    assert np.concatenate([part.times_ms for part in parts]).tolist() == whole.times_ms.tolist()
    for name, column in whole.columns.items():
        joined = np.concatenate([part.columns[name] for part in parts])
        np.testing.assert_array_equal(joined, column, err_msg=name)


def test_a_trade_exactly_at_t_belongs_to_the_row_t(write: Write) -> None:
    rows = only_rows(write(at(0), at(1), at(15_000, 110, 2, "sell"), at(15_001, 120)))
    assert (rows.times_ms - START_MS).tolist() == [0, 15_000, 30_000]
    assert rows.columns["taker_buy_volume"].tolist() == [1, 1, 1]
    assert rows.columns["taker_sell_notional"].tolist() == [0, 220, 0]
    assert rows.columns["vwap"].tolist() == [100, (100 + 220) / 3, 120]
    assert rows.columns["high_price"].tolist() == [100, 110, 120]


@pytest.mark.parametrize(
    ("time", "row"), [("15000.0", 15_000), ("15000.5", 30_000), ("14999.999", 15_000), ("0.25", 15_000)]
)
@pytest.mark.parametrize("unit", ["us", "ns", "float seconds", "iso"])
def test_a_fraction_of_a_millisecond_never_makes_a_trade_earlier(write: Write, unit: str, time: str, row: int) -> None:
    microseconds = START_MS * 1000 + round(float(time) * 1000)
    text = {
        "us": str(microseconds),
        "ns": str(microseconds * 1000),
        "float seconds": f"{microseconds // 10**6}.{microseconds % 10**6:06}",
        "iso": f"{np.datetime64(microseconds, 'us')}Z",
    }[unit]
    assert (only_rows(write(f"{text},1,1,buy")).times_ms - START_MS).tolist() == [row]


@pytest.mark.parametrize(
    ("column", "bought", "sold"),
    [
        ("side", "buy", "sell"),
        ("side", "BUY", "SELL"),
        ("side", "B", "A"),
        ("Side", "b", "s"),
        ("is_buyer_maker", "false", "true"),
        ("isBuyerMaker", "False", "True"),
        ("is_buyer_maker", "0", "1"),
        ("m", "0.0", "1.0"),
    ],
)
def test_sides_are_those_of_the_taker(write: Write, column: str, bought: str, sold: str) -> None:
    path = write(at(1, side=bought), at(2, size=3, side=sold), header=f"time,price,qty,{column}")
    columns = only_rows(path).columns
    assert (columns["taker_buy_volume"].tolist(), columns["taker_sell_volume"].tolist()) == ([1], [3])
    assert (columns["taker_buy_count"].tolist(), columns["taker_sell_count"].tolist()) == ([1], [1])


@pytest.mark.parametrize(
    ("row", "column", "problem"),
    [
        (at(9, side="both"), "side", "'both' is none of buy, sell, b, s, bid, ask"),
        (at(9, side=""), "side", "nan is no side; --sides tick tells such sides by the price"),
        (at(9, price=0), "price", "0.0 is not a positive price"),
        (at(9, price=""), "price", "the value is missing"),
        (at(9, size=-1), "qty", "-1.0 is not a positive size"),
        (at(9, size="x"), "qty", "'x' is not a number"),
        ("soon,1,1,buy", "timestamp_ms", "'soon' is no number as the other times are"),
    ],
)
def test_a_bad_trade_is_an_error_that_names_row_and_column(write: Write, row: str, column: str, problem: str) -> None:
    path = write(at(0), at(5), row, at(20))
    with pytest.raises(FileFormatError) as caught:
        list(read_trade_files([path]))
    assert (caught.value.file, caught.value.column) == (str(path), column)
    assert problem in caught.value.problem
    assert caught.value.row == 3


def test_rows_of_one_series_keep_their_numbers_in_errors(write: Write) -> None:
    rows = [f"{at(n)},{'ETH' if n % 2 else 'BTC'}" for n in range(6)]
    rows[4] = f"{at(4, price=-1)},BTC"
    path = write(*rows, header=f"{HEADER},symbol")
    (file,) = read_trade_files([path], {"symbol": "ETH"})
    assert file.count == 3
    with pytest.raises(FileFormatError, match="row 5, column price"):
        list(read_trade_files([path], {"symbol": "BTC"}))
    with pytest.raises(FileFormatError, match="column symbol: no row has 'SOL'; there are BTC, ETH"):
        list(read_trade_files([path], {"symbol": "SOL"}))
    with pytest.raises(FileFormatError, match="column coin: there is no such column"):
        list(read_trade_files([path], {"coin": "SOL"}))


def test_who_the_taker_was_must_be_there(write: Write) -> None:
    path = write(f"{START_MS},1,1", header="time,price,qty")
    with pytest.raises(FileFormatError, match="who the taker is cannot be told"):
        list(read_trade_files([path]))


def test_files_out_of_order_are_an_error(write: Write) -> None:
    later, earlier = write(at(9), name="b.csv"), write(at(0), name="a.csv")
    with pytest.raises(FileFormatError, match="name files in order of time"):
        list(read_trade_files([later, earlier]))


def test_the_trades_that_binance_publishes_need_no_header(tmp_path: Path) -> None:
    lines = [f"{n},100.5,2,201,{START_MS + n},{['false', 'true'][n % 2]}" for n in range(4)]
    path = tmp_path / "BTCUSDT-trades.csv.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode() + b"\n"))
    columns = only_rows(path).columns
    assert columns["taker_buy_count"].tolist() == [1, 1]
    assert columns["taker_sell_notional"].tolist() == [0, 402]


@pytest.mark.parametrize(
    ("name", "trades"),
    [
        ("binance_um_BTCUSDT", "trades_20240808"),
        ("binance_um_ETHUSDT", "trades_20240808"),
        ("binance_spot_ETHUSDT", "trades_20240808"),
        ("binance_cm_BTCUSD_PERP", "trades_20240808"),
        ("binance_spot_XRPETH", "aggtrades_201910"),
    ],
)
def test_real_trades_make_the_rows_that_others_made_of_them(shared_data: Path, name: str, trades: str) -> None:
    """The given rows are stamped at their start and [s, s + 15 s); no real trade is exactly on a boundary."""
    path = shared_data / "flow" / f"{name}_{trades}.parquet"
    columns = {"size": "qty"} if "_PERP" in name else {}  # contracts, as in the rows beside it
    ((rows,),) = (file.rows for file in read_trade_files([path], columns=columns))
    given_file = shared_data / "flow" / f"{name}_flow15s_{trades.split('_')[1]}.parquet"
    given_rows = read_flow_file(given_file, stamped_at_start=True).rows[0]
    traded = given_rows.columns["taker_buy_volume"] + given_rows.columns["taker_sell_volume"] > 0
    assert rows.times_ms.tolist() == given_rows.times_ms[traded].tolist()
    for column in given_rows.columns:
        np.testing.assert_allclose(
            rows.columns[column], given_rows.columns[column][traded], rtol=1e-9, atol=0, err_msg=column
        )
