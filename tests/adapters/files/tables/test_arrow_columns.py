"""Parquet and feather: columns that hold no numbers, texts or times are refused by their title."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow.feather import write_feather

from adapters import read_kline_file
from engine import PerpsimError
from tests.support.kline_text import KLINES
from tests.support.klines import assert_same

PRICES = ("open", "high", "low", "close", "volume")


def parquet(path: Path, **changed: pa.Array) -> Path:
    columns = {"timestamp_ms": pa.array(KLINES.open_ms), **{name: pa.array(getattr(KLINES, name)) for name in PRICES}}
    pq.write_table(pa.table({**columns, **changed}), path)
    return path


@pytest.mark.parametrize(
    "column",
    [
        pa.array([[1.0]] * 6),
        pa.array([{"x": 1.0}] * 6),
        pa.array([b"1"] * 6),
        pa.array(np.arange(6), pa.duration("ms")),
        pa.array(np.arange(6), pa.time64("us")),
    ],
    ids=lambda column: str(column.type),
)
@pytest.mark.parametrize("title", ["timestamp_ms", "close"])
def test_a_column_of_another_kind_is_refused_by_its_title(tmp_path: Path, title: str, column: pa.Array) -> None:
    with pytest.raises(PerpsimError, match=rf"column {title}: a column of .* holds no numbers, texts or times"):
        read_kline_file(parquet(tmp_path / "klines.parquet", **{title: column}))


def test_a_dictionary_of_texts_is_read_as_its_texts(tmp_path: Path) -> None:
    texts = {name: pa.array([*map(repr, getattr(KLINES, name).tolist())]).dictionary_encode() for name in PRICES}
    assert_same(read_kline_file(parquet(tmp_path / "klines.parquet", **texts)).klines, KLINES)


def test_a_column_that_is_not_read_may_be_of_any_kind(tmp_path: Path) -> None:
    assert_same(read_kline_file(parquet(tmp_path / "klines.parquet", notes=pa.array([[1]] * 6))).klines, KLINES)


def test_two_columns_of_one_title_are_refused(tmp_path: Path) -> None:
    table = pq.read_table(parquet(tmp_path / "klines.parquet"))
    pq.write_table(table.append_column("open", table.column("close")), tmp_path / "twice.parquet")
    with pytest.raises(PerpsimError, match="column open: there are several columns of this title"):
        read_kline_file(tmp_path / "twice.parquet")


@pytest.mark.parametrize(("name", "problem"), [("ROWS", "more than 5 rows"), ("MEGABYTES", "more than 1 MB")])
def test_the_limits_hold_for_parquet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, problem: str) -> None:
    rows = 1_000_000
    columns = {title: pa.array(np.ones(rows)) for title in ("timestamp_ms", *PRICES)}
    pq.write_table(pa.table(columns), tmp_path / "large.parquet")
    assert (tmp_path / "large.parquet").stat().st_size < 100_000
    monkeypatch.setenv(f"PERPSIM_MOST_{name}", "5" if name == "ROWS" else "1")
    with pytest.raises(PerpsimError, match=problem):
        read_kline_file(tmp_path / "large.parquet")


def test_a_parquet_file_that_is_packed_tighter_than_market_data_is_refused_while_it_is_read(tmp_path: Path) -> None:
    columns = {title: pa.array(np.ones(2_000_000)) for title in ("timestamp_ms", *PRICES)}
    pq.write_table(pa.table(columns), tmp_path / "tight.parquet")
    with pytest.raises(PerpsimError, match="unpacks to more than 200 times its size"):
        read_kline_file(tmp_path / "tight.parquet")


def feather(path: Path, rows: int = 6, **how: object) -> Path:
    columns = {"date": pa.array(KLINES.open_ms[:rows].astype("datetime64[ms]")).cast(pa.timestamp("ns", "UTC"))}
    columns |= {name: pa.array(getattr(KLINES, name)[:rows]) for name in PRICES}
    write_feather(pa.table(columns), path, **how)
    return path


@pytest.mark.parametrize("compression", ["lz4", "zstd", "uncompressed"])
@pytest.mark.parametrize("chunksize", [1, 4, None])
def test_feather_is_read_whatever_its_name(tmp_path: Path, compression: str, chunksize: int | None) -> None:
    path = feather(tmp_path / "klines.csv", compression=compression, chunksize=chunksize)
    file = read_kline_file(path)
    assert_same(file.klines, KLINES)
    assert file.time_unit == "timestamps"


def test_damaged_feather_is_refused(tmp_path: Path) -> None:
    whole = feather(tmp_path / "klines.feather").read_bytes()
    for damaged in (whole[:-10], whole[: len(whole) // 2], whole[:6]):
        (tmp_path / "damaged").write_bytes(damaged)
        with pytest.raises(PerpsimError, match="the feather file is damaged or cut off"):
            read_kline_file(tmp_path / "damaged")


def test_a_feather_file_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PerpsimError, match="the file holds no rows"):
        read_kline_file(feather(tmp_path / "klines.feather", rows=0))


def test_feather_without_pyarrow_is_refused_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = feather(tmp_path / "klines.feather")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(PerpsimError, match=r"is a feather file, which needs pyarrow: pip install 'perpsim\[parquet\]'"):
        read_kline_file(path)


@pytest.mark.parametrize(("name", "problem"), [("ROWS", "more than 5 rows"), ("MEGABYTES", "more than 1 MB")])
def test_the_limits_hold_for_feather(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, problem: str) -> None:
    columns = {title: pa.array(np.ones(300_000)) for title in ("timestamp_ms", *PRICES)}
    write_feather(pa.table(columns), tmp_path / "large.feather")
    monkeypatch.setenv(f"PERPSIM_MOST_{name}", "5" if name == "ROWS" else "1")
    with pytest.raises(PerpsimError, match=problem):
        read_kline_file(tmp_path / "large.feather")


@pytest.mark.parametrize("title", ["timestamp_ms", "close"])
def test_bytes_that_are_no_text_are_damage(tmp_path: Path, title: str) -> None:
    texts = ["1704067200000", *map(str, KLINES.open_ms[1:].tolist())]
    path = parquet(tmp_path / "klines.parquet", **{title: pa.array(texts)})
    pq.write_table(pq.read_table(path), path, compression="none")
    data = path.read_bytes()
    path.write_bytes(data.replace(b"1704067260000", b"17040\xff7260000"))
    assert path.read_bytes() != data
    with pytest.raises(PerpsimError, match=r"the parquet file is damaged or cut off: .*UTF"):
        read_kline_file(path)
