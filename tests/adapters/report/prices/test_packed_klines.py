"""Packed columns, taken apart again by a reader that is written from the description of the format."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.report.prices.packed_klines import pack_klines
from engine import KlineColumns
from tests.adapters.packing.test_packed_series import opened
from tests.support.klines import START_MS, random_klines
from tests.support.runs import MINUTE, walk


def read_klines(packed: bytes) -> tuple[int, list[int], list[tuple[float, float, float, float]]]:
    head, times, (opens, closes, highs, lows) = opened(packed)
    rows, before = [], 0
    for a, b, c, d in zip(opens, closes, highs, lows, strict=True):
        first = before + a
        before = first + b
        whole = first, max(first, before) + c, min(first, before) - d, before
        rows.append(tuple(each * head["step"][0] / head["step"][1] for each in whole))
    return head["period_ms"], times, rows  # type: ignore[return-value]


def prices(columns: KlineColumns) -> list[tuple[float, ...]]:
    return [*zip(*(each.tolist() for each in columns.figures[:4]), strict=True)]


def rounded(columns: KlineColumns, digits: int) -> KlineColumns:
    return KlineColumns(
        columns.period_ms, columns.open_ms, *(np.round(each, digits) for each in columns.figures[:4]), columns.volume
    )


@pytest.mark.parametrize("digits", [0, 1, 2, 5])
def test_prices_of_a_tick_come_out_as_they_were_with_holes_between_them(digits: int) -> None:
    columns = rounded(walk(2_000, holes=0.3), digits)
    assert read_klines(pack_klines(columns, 10**6)) == (MINUTE, columns.open_ms.tolist(), prices(columns))


@pytest.mark.parametrize("scale", [1e-7, 0.01, 1.0, 300.0, 1e6])
def test_prices_without_a_tick_come_out_as_a_float32_has_them(scale: float) -> None:
    columns = random_klines(500)
    scaled = KlineColumns(MINUTE, columns.open_ms, *(each * scale for each in columns.figures[:4]), columns.volume)
    _, times, rows = read_klines(pack_klines(scaled, 10**6))
    assert times == columns.open_ms.tolist()
    top = float(scaled.high.max())
    assert np.abs(np.array(rows) - np.array(prices(scaled))).max() <= 1e-7 * top


def test_what_does_not_fit_is_told_less_finely_and_then_in_longer_klines() -> None:
    columns = random_klines(30_000)
    whole, finer, longer = (pack_klines(columns, most) for most in (10**6, 130_000, 15_000))
    assert len(whole) > 130_000 >= len(finer) > 15_000 >= len(longer)
    period, times, rows = read_klines(finer)
    assert (period, times) == (MINUTE, columns.open_ms.tolist())
    assert np.abs(np.array(rows) / np.array(prices(columns)) - 1).max() < 1e-5
    period, times, rows = read_klines(longer)
    assert period > MINUTE
    assert times == [*range(START_MS, START_MS + 30_000 * MINUTE, period)]
    assert max(high for _, high, _, _ in rows) == pytest.approx(columns.high.max(), rel=1e-5)
    assert min(low for _, _, low, _ in rows) == pytest.approx(columns.low.min(), rel=1e-5)


def test_none_and_one_can_be_packed() -> None:
    none = random_klines(1).slice(0, 0)
    assert read_klines(pack_klines(none, 100)) == (MINUTE, [], [])
    one = rounded(random_klines(1), 2)
    assert read_klines(pack_klines(one, 1_000)) == (MINUTE, [START_MS], prices(one))
