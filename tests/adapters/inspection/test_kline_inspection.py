from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from adapters import (
    Database,
    Gap,
    Inspection,
    KlineRows,
    Outlier,
    Stretch,
    create_database,
    inspect_marks,
    inspect_series,
    inspect_stored,
    open_database,
    read_kline_file,
    stored_series,
    write_klines,
    write_rows,
)
from adapters.database import mark_kline_rows, stored_mark_series
from adapters.inspection import inspection_table
from engine.market import aggregate
from tests.support.databases import Raw
from tests.support.klines import START_MS, random_klines

MINUTE = 60_000


def rows(minutes: list[int], close: list[float] | None = None, volume: list[float] | None = None) -> KlineRows:
    price = np.array(close if close is not None else [100.0] * len(minutes))
    volumes = np.array(volume if volume is not None else [1.0] * len(minutes))
    return KlineRows(START_MS + MINUTE * np.array(minutes), price, price, price, price, volumes)


def test_a_series_without_a_fault_has_none() -> None:
    found = inspect_series(MINUTE, random_klines(1000))
    assert found == Inspection(1000, START_MS, START_MS + 999 * MINUTE, 0, 0, None, 0, 0, (), 0, 0, 0, 0)


def test_gaps_are_counted_and_the_longest_is_placed() -> None:
    found = inspect_series(MINUTE, rows([0, 1, 3, 4, 9, 10, 12]))
    assert (found.gaps, found.missing) == (3, 6)
    assert found.longest_gap == Gap(4, START_MS + 5 * MINUTE, START_MS + 8 * MINUTE)


def test_duplicates_are_not_klines() -> None:
    found = inspect_series(MINUTE, rows([0, 1, 1, 1, 2, 2]))
    assert (found.count, found.duplicates, found.gaps) == (3, 3, 0)


def test_a_move_over_ten_percent_to_the_next_kline_is_an_outlier() -> None:
    found = inspect_series(MINUTE, rows([0, 1, 2, 3, 4, 9], [100.0, 109.9, 121.0, 100.0, 89.0, 200.0]))
    assert found.outliers == 3
    assert [outlier.open_ms for outlier in found.first_outliers] == [START_MS + n * MINUTE for n in (2, 3, 4)]
    assert found.first_outliers[0].change_pct == pytest.approx(10.1, abs=1e-3)
    assert found.first_outliers[2] == Outlier(START_MS + 4 * MINUTE, pytest.approx(-11.0))


def test_only_the_first_outliers_are_listed() -> None:
    found = inspect_series(MINUTE, rows(list(range(10)), [100.0, 200.0] * 5))
    assert (found.outliers, len(found.first_outliers)) == (9, 3)


def test_zero_volume_is_counted() -> None:
    assert inspect_series(MINUTE, rows([0, 1, 2], volume=[0.0, 1.0, 0.0])).zero_volume == 2


def test_one_kline_can_be_inspected() -> None:
    assert inspect_series(MINUTE, rows([5])).count == 1


def test_klines_off_the_grid_are_counted() -> None:
    found = inspect_series(5 * MINUTE, rows([0, 5, 7, 15]))
    assert (found.off_grid, found.missing) == (1, 1)


@pytest.mark.parametrize(
    ("change", "incomplete", "inconsistent"),
    [
        ("close_price = null", 1, 0),
        ("volume = null", 1, 0),
        ("high_price = low_price - 1", 0, 1),
        ("open_price = high_price * 2", 0, 1),
        ("close_price = low_price / 2", 0, 1),
        ("low_price = 0", 0, 1),
        ("volume = -1", 0, 1),
    ],
)
def test_stored_nonsense_is_counted(
    any_database: Database, raw: Raw, change: str, incomplete: int, inconsistent: int
) -> None:
    write_klines(any_database, "x", "BTC", "1m", random_klines(10))
    raw.execute(f"update crypto_klines set {change} where id = 4")
    found = inspect_stored(any_database, stored_series(any_database)[0])
    assert (found.incomplete, found.inconsistent) == (incomplete, inconsistent)


def test_an_inspection_is_plain_json() -> None:
    found = inspect_series(MINUTE, rows([0, 1, 5], [100.0, 200.0, 300.0])).to_dict()
    assert json.loads(json.dumps(found))["longest_gap"]["missing"] == 3
    assert found["first_outliers"][0]["change_pct"] == pytest.approx(100.0)


def test_the_table_says_it_in_words(tmp_path: Path) -> None:
    database = open_database(tmp_path / "market.db", create=True)
    klines = random_klines(1000)
    write_klines(database, "okx", "BTC", "1m", [klines.slice(0, 400), klines.slice(600, 1000)])
    series = stored_series(database)[0]
    text = io.StringIO()
    Console(file=text, width=80).print(inspection_table([(series, inspect_stored(database, series))]))
    for words in ("okx BTC 1m", "2024-01-01 00:00", "200 (20 %) in 1 gap", "longest 3h 20m", "at 2024-01-01 06:40"):
        assert words in text.getvalue()
    assert max(map(len, text.getvalue().splitlines())) <= 80


@pytest.mark.parametrize(
    ("name", "count", "missing", "longest", "zero_volume"),
    [
        ("bitfinex_spot_BTCUSD_1m_2019", 512_727, 12_873, 197, 0),
        ("bitfinex_spot_ETHUSD_1m_2019H1", 238_857, 21_783, None, None),
        ("binance_spot_BTCUSDT_1m_20240726_20240825", 43_208, 0, 0, None),
        ("binance_um_BTCUSDT_1h_2019_2026", 58_622, 0, 0, 3),
        ("binanceus_spot_BTCUSDC_1m_202303", 30_240, 0, 0, 12_971),
        ("hyperliquid_BTC_1h", 7_792, None, None, None),
    ],
)
def test_real_data_has_the_holes_that_its_description_states(
    shared_data: Path, name: str, count: int, missing: int | None, longest: int | None, zero_volume: int | None
) -> None:
    klines = read_kline_file(shared_data / f"{name}.parquet").klines
    found = inspect_series(klines.period_ms, klines)
    assert found.count == count
    assert found.missing in (found.missing if missing is None else missing, None)
    assert longest in (None, found.longest_gap.missing if found.longest_gap else 0)
    assert zero_volume in (None, found.zero_volume)
    assert found.duplicates == found.inconsistent == found.off_grid == found.incomplete == 0


def test_klines_of_the_mark_price_are_inspected_and_lack_no_volume(any_database: Database, raw: Raw) -> None:
    klines = random_klines(10)
    write_rows(any_database, "x", "BTC", mark_kline_rows(klines.where(klines.open_ms != START_MS + 4 * MINUTE)))
    raw.execute(f"update perp_mark_klines set high_price = low_price - 1 where timestamp = {START_MS}")
    (series,) = stored_mark_series(any_database)
    found = inspect_marks(any_database, series)
    assert (found.price, found.count, found.missing, found.inconsistent, found.zero_volume) == ("mark", 9, 1, 1, 0)
    text = io.StringIO()
    Console(file=text, width=80).print(inspection_table([(series, found)]))
    assert "x BTC 1m mark" in text.getvalue()


def test_whole_klines_among_the_flow_rows_are_named(any_database: Database, raw: Raw) -> None:
    create_database(any_database)
    write_klines(any_database, "x", "BTC", "1m", [random_klines(10)])
    for minute in (0, 1, 2, 5, 7, 8):  # the fifth alone is a row of 15 seconds
        raw.execute(
            "insert into market_trades_aggregated (exchange, symbol, timestamp, taker_buy_notional)"
            f" values ('x', 'BTC', {START_MS + minute * MINUTE}, 1)"
        )
    (series,) = stored_series(any_database)
    found = inspect_stored(any_database, series)
    assert found.back_filled == 5
    assert found.first_back_fills == (
        Stretch(3, START_MS, START_MS + 2 * MINUTE),
        Stretch(2, START_MS + 7 * MINUTE, START_MS + 8 * MINUTE),
    )
    text = io.StringIO()
    Console(file=text, width=80).print(inspection_table([(series, found)]))
    assert "5 flow rows that are" in text.getvalue()
    assert max(map(len, text.getvalue().splitlines())) <= 80


def test_longer_klines_that_are_not_what_their_minutes_say_are_named(any_database: Database, raw: Raw) -> None:
    minutes = random_klines(180)
    write_klines(any_database, "x", "BTC", "1m", [minutes])
    write_klines(any_database, "x", "BTC", "1h", [aggregate(minutes, 60 * MINUTE)])
    raw.execute("update crypto_klines set volume = volume / 2 where period = '1h' and timestamp > 1704067200")
    found = inspect_stored(any_database, stored_series(any_database)[1])
    assert (found.disagreeing, found.first_disagreeing_ms) == (2, START_MS + 60 * MINUTE)
