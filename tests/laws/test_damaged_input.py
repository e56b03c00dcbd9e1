"""Whatever stands in a file that a user hands in, it is read or refused in one line; nothing impossible is stored.

Files of every importer, configurations and files of signals are damaged at random, always in the same way; each
campaign prints what became of them (`-rP` shows it). The small number of cases is the default, soak the large one.
"""

from __future__ import annotations

import gzip
import io
import random
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from adapters import open_database, read_config_file
from adapters.database import TableRows, market_trades_aggregated, perp_features, perp_funding
from adapters.files import (
    FeatureFile,
    ImportedFile,
    read_feature_file,
    read_flow_file,
    read_funding_file,
    read_kline_file,
    read_mark_file,
    read_quote_files,
    read_trade_files,
)
from adapters.signals import add_signals
from engine import PerpsimError
from tests.support.klines import START_MS

SIZES = [pytest.param(120, id="small"), pytest.param(3_600, id="whole", marks=pytest.mark.soak)]
SEED = 12

ODD = [
    *(
        "",
        "-",
        "nan",
        "inf",
        "-inf",
        "1e308",
        "1e300",
        "1e-320",
        "1e999",
        "0x10",
        "1_000",
        "--5",
        "true",
        "é",
        "\ufeff",
    ),
    *("\r", "\r\r\n", "\n\n", '"', "'", ",", ";", "\t", "\0", "\\", "[", "{", "#", "=", ".", "%", "\x1b[2J", "\u2028"),
    *("9" * 400, "9" * 5_000, "-" + "9" * 400, "0." + "3" * 400, "0x" + "f" * 6_000, "x" * 70_000),
    *("[" * 900, "{a=" * 900, "a." * 900, "[" * 900 + "]" * 900, "{a=" * 90 + "1" + "}" * 90, '"\\u0000"'),
    *(
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+23:59",
        "2024-02-30",
        "253402300800000",
        "1e18",
        "-62135596800",
    ),
    *("9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551615"),
]


def rows(count: int = 12) -> range:
    return range(START_MS, START_MS + count * 60_000, 60_000)


def text(header: str, row: Callable[[int], str]) -> bytes:
    return "\n".join([header, *map(row, rows()), ""]).encode()


KLINES = text("time,open,high,low,close,volume", lambda t: f"{t},100,101.5,99.5,100.5,12.25")
FLOW_TITLES = "taker_buy_volume,taker_sell_volume,taker_buy_notional,taker_sell_notional"
READERS: dict[str, tuple[bytes, Callable[[Path], object]]] = {
    "klines": (KLINES, read_kline_file),
    "mark": (KLINES, read_mark_file),
    "funding": (text("time,funding_rate,mark_price", lambda t: f"{t},0.0001,100.5"), read_funding_file),
    "flow": (
        text(f"time,{FLOW_TITLES},high_price,low_price", lambda t: f"{t},1.5,2,150,200,101,99"),
        partial(read_flow_file, stamped_at_start=True),
    ),
    "trades": (text("time,price,size,side", lambda t: f"{t},100.5,0.25,buy"), lambda p: list(read_trade_files([p]))),
    "feature": (
        text("time,symbol,up,down", lambda t: f"{t},BTC,0.5,-1e-9"),
        lambda p: as_rows(read_feature_file(p, "x")),
    ),
    "bbo": (text("time,bid,ask", lambda t: f"{t},100.5,100.75"), lambda p: list(read_quote_files([p]))),
}

CONFIGURATION = b"""strategy = "p.py"
symbols = ["BTC", "ETH"]
start_time = 2024-02-01T00:00:00Z
end_time = 2024-04-01T00:00:00Z
scheduled_interval = "1h"
initial_balance = 10000.0
latency_by_hour_ms = []
order_latency_ms = 5
[params]
threshold = 30
deep = { a = [1, 2, { b = "c" }] }
"""
SIGNALS = b"""[[signal]]
name = "CVD 5m surge"
condition = { metric = "cvd", operator = "abs_gt", threshold = 1600000, time_window = "5m" }
[[pool]]
name = "Surges"
signals = ["CVD 5m surge"]
symbols = ["BTC", "ETH"]
logic = "OR"
"""


def damaged(data: bytes, chance: random.Random, most: int = 3) -> bytes:
    """The data with one to so many damages."""
    for _ in range(chance.randint(1, most)):
        place, other = sorted(chance.randrange(len(data) + 1) for _ in range(2))
        lines = data.splitlines(keepends=True) or [b""]
        line = chance.randrange(len(lines))
        cells = lines[line].split(b",")
        cells[chance.randrange(len(cells))] = chance.choice(ODD).encode()
        data = chance.choice(
            [
                data[:place] + bytes([chance.randrange(256)]) + data[place + 1 :],
                data[:place] + chance.choice(ODD).encode() + data[place:],
                data[:place],
                data[:place] + data[other:],
                b"".join([*lines[:line], *lines[line + 1 :]]),
                b"".join([*lines[:line], lines[line], *lines[line:]]),
                b"".join([*lines[:line], b",".join(cells), *lines[line + 1 :]]),
                data.replace(b"\n", chance.choice([b"\r", b"\r\n", b"\n\r", b"\0"])),
                b"".join(chance.sample(lines, len(lines))),
            ]
        )
    return data


def gzipped(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def zipped(data: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("a.csv"), data, zipfile.ZIP_DEFLATED)  # without the time of day
    return target.getvalue()


def as_parquet(data: bytes, chance: random.Random) -> bytes:
    """The table of a text as parquet, with some columns of another type."""
    table = pa.Table.from_pandas(pd.read_csv(io.BytesIO(data)))
    for place in range(table.num_columns):
        if chance.random() < 0.4:
            made = chance.choice(ODD_COLUMNS)(table.column(place), chance)
            table = table.set_column(place, table.column_names[place], made)
    target = io.BytesIO()
    pq.write_table(table, target)
    return target.getvalue()


def values_of(column: pa.ChunkedArray) -> list[object]:
    return list(column.to_pylist())


ODD_COLUMNS: list[Callable[[pa.ChunkedArray, random.Random], pa.Array]] = [
    lambda c, r: pa.array([[v] for v in values_of(c)]),
    lambda c, r: pa.array([{"x": v} for v in values_of(c)]),
    lambda c, r: pa.array([str(v).encode() for v in values_of(c)]),
    lambda c, r: pa.array([str(v) for v in values_of(c)]).dictionary_encode(),
    lambda c, r: pa.array([r.choice(ODD).replace("\0", "") for v in values_of(c)]),
    lambda c, r: pa.array([None] * len(c)),
    lambda c, r: pa.array([r.random() < 0.5 for v in values_of(c)]),
    lambda c, r: pa.array(np.arange(len(c)), pa.duration("ms")),
    lambda c, r: pa.array(np.arange(len(c)), pa.time64("us")),
    lambda c, r: pa.array(np.arange(len(c)), pa.int32()).cast(pa.date32()),
    lambda c, r: pa.array(
        [r.randrange(-(2**63), 2**63) for v in values_of(c)], pa.timestamp(r.choice(["ms", "us", "ns"]))
    ),
    lambda c, r: pa.array([r.choice([0, 2**64 - 1]) for v in values_of(c)], pa.uint64()),
    lambda c, r: pa.array([r.choice([0.0, 1e308, 1e300, -1.0, float("nan"), float("inf")]) for v in values_of(c)]),
    lambda c, r: pa.array(np.arange(len(c), dtype=np.float16)),
    lambda c, r: pa.array([r.choice([1, 2, None]) for v in values_of(c)], pa.int8()),
]


def outcome(read: Callable[[], object]) -> str:
    """What became of one file; a failure that perpsim does not explain in one line is one of the test."""
    try:
        return "stored" if check_stored(read()) else "read"
    except PerpsimError as error:
        for line in getattr(error, "problems", [str(error)]):
            assert line.isprintable(), repr(line)
            assert 0 < len(line) < 2_500
        return "refused"


def as_rows(read: FeatureFile) -> ImportedFile:
    """Values of features as the rows that they become."""
    rows = (TableRows(perp_features, each.rows.timestamp_ms, {"value": each.rows.value}) for each in read.features)
    return replace(read.file, rows=tuple(rows))


def check_stored(read: object) -> bool:
    """Whether rows would be stored; they must be possible."""
    files = read if isinstance(read, list) else [read]
    for file in files:
        for part in getattr(file, "rows", ()):
            assert_possible(part)
        if hasattr(file, "klines"):
            for name in ("open", "high", "low", "close"):
                prices = getattr(file.klines, name)
                assert np.all((prices > 0) & (prices <= 1e12))
            assert np.all((file.klines.volume >= 0) & (file.klines.volume <= 1e20))
    return any(hasattr(file, "rows") or hasattr(file, "klines") for file in files)


def assert_possible(part: TableRows) -> None:
    assert np.all(np.diff(part.times_ms) > 0)
    for name, values in part.columns.items():
        assert not np.any(np.isinf(values)), name
        limit = {"funding_rate": 1.0, "value": np.inf}.get(name, 1e24)
        assert np.all(np.isnan(values) | (np.abs(values) < limit)), name
        if part.table is market_trades_aggregated and name in ("vwap", "high_price", "low_price"):
            assert not np.any(values > 1e12)
        if part.table is perp_funding and name == "mark_price":
            assert not np.any((values <= 0) | (values > 1e12))


@pytest.mark.parametrize("cases", SIZES)
@pytest.mark.parametrize("kind", READERS)
def test_a_damaged_file_of_market_data_is_read_or_refused_in_one_line(tmp_path: Path, kind: str, cases: int) -> None:
    good, read = READERS[kind]
    chance, counts = random.Random(SEED), Counter[str]()
    path = tmp_path / "file"
    path.write_bytes(good)
    assert outcome(lambda: read(path)) == "stored"
    for _ in range(cases):
        form = chance.choice(["text", "text", "gzip", "zip", "packed and damaged", "parquet", "damaged parquet"])
        path.write_bytes(
            {
                "text": lambda: damaged(good, chance),
                "gzip": lambda: gzipped(damaged(good, chance)),
                "zip": lambda: zipped(damaged(good, chance)),
                "packed and damaged": lambda: damaged(chance.choice([zipped, gzipped])(good), chance),
                "parquet": lambda: as_parquet(good, chance),
                "damaged parquet": lambda: damaged(as_parquet(good, chance), chance),
            }[form]()
        )
        counts[f"{form}, {outcome(lambda: read(path))}"] += 1
    print(f"{kind}: {cases:,} damaged files: {dict(sorted(counts.items()))}")
    assert counts["text, refused"] > cases / 20
    assert sum(count for what, count in counts.items() if what.endswith("stored")) > 0


@pytest.mark.parametrize("cases", SIZES)
def test_a_damaged_configuration_is_read_or_refused_in_one_line_each(tmp_path: Path, cases: int) -> None:
    (tmp_path / "p.py").write_text("class P:\n    def should_trade(self, data):\n        return None\n")
    chance, counts = random.Random(SEED), Counter[str]()
    path = tmp_path / "c.toml"
    names = [line.partition(b"=")[0].strip().decode() for line in CONFIGURATION.splitlines() if b"=" in line]
    for _ in range(cases):
        path.write_bytes(damaged(CONFIGURATION, chance, 1))
        overrides = [f"{chance.choice(names)}={chance.choice(ODD)}"] * chance.randint(0, 1)
        counts[outcome(lambda: read_config_file(path, overrides).config.to_dict())] += 1  # noqa: B023
    print(f"configurations: {cases:,} damaged: {dict(sorted(counts.items()))}")
    assert set(counts) == {"read", "refused"}


@pytest.mark.parametrize("cases", SIZES)
def test_a_damaged_file_of_signals_is_stored_or_refused_in_one_line_each(tmp_path: Path, cases: int) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'signals.db'}", create=True)
    chance, counts = random.Random(SEED), Counter[str]()
    path = tmp_path / "s.toml"
    for _ in range(cases):
        path.write_bytes(damaged(SIGNALS, chance, 1))
        counts[outcome(lambda: add_signals(database, path))] += 1
    print(f"signals: {cases:,} damaged: {dict(sorted(counts.items()))}")
    assert set(counts) == {"read", "refused"}
