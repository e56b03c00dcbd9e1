"""Packed columns, taken apart again by a reader that is written from the description of the format."""

from __future__ import annotations

import json
import zlib
from itertools import accumulate
from typing import Any

import numpy as np
import pytest

from adapters.packing import finest_step, pack_curve, unpack_curve
from tests.support.klines import START_MS
from tests.support.runs import HOUR


def opened(packed: bytes) -> tuple[dict[str, Any], list[int], list[list[int]]]:
    data = zlib.decompress(packed)
    length = int.from_bytes(data[:4], "little")
    head, place = json.loads(data[4 : 4 + length]), 4 + length
    columns = []
    for width in head["widths"]:
        planes = [data[place + head["rows"] * each :][: head["rows"]] for each in range(width)]
        numbers = [sum(plane[row] << 8 * each for each, plane in enumerate(planes)) for row in range(head["rows"])]
        columns.append([-(each + 1) // 2 if each % 2 else each // 2 for each in numbers])
        place += head["rows"] * width
    assert place == len(data)
    times = list(accumulate((each * head["unit"] for each in columns[0]), initial=head["first"]))[1:]
    return head, times, columns[1:]


def test_a_curve_comes_out_with_every_sign_and_jump() -> None:
    times = np.array([START_MS, START_MS + 1, START_MS + 90 * 24 * HOUR])
    values = np.array([-1_000_000.25, 0.0, 5e9])
    head, read, (column,) = opened(pack_curve(times, values, 10**6))
    assert read == times.tolist()
    whole = [*accumulate(column)]
    assert [each * head["step"][0] / head["step"][1] for each in whole] == pytest.approx(values.tolist(), abs=300)
    exact, _, (column,) = opened(pack_curve(times, values / 5_000, 10**6))
    assert [each * exact["step"][0] / exact["step"][1] for each in accumulate(column)] == pytest.approx(
        (values / 5_000).tolist(), abs=0.05
    )


@pytest.mark.parametrize(
    ("values", "step"), [([1.0, 2.0], (1, 1)), ([0.5, 1.25], (1, 100)), ([0.1, 0.2], (1, 10)), ([0.0], (1, 1))]
)
def test_the_finest_step_is_the_tick(values: list[float], step: tuple[int, int]) -> None:
    assert finest_step(np.array(values)) == step


def test_the_next_step_is_one_two_or_five() -> None:
    steps = [finest_step(np.array([0.1]))]
    for _ in range(5):
        steps.append(steps[-1].coarser(1.5))
    assert steps == [(1, 10), (1, 5), (1, 2), (1, 1), (2, 1), (5, 1)]


def test_a_curve_is_unpacked_as_it_was() -> None:
    times = START_MS + 60_000 * np.arange(500)
    values = 10_000 + np.cumsum(np.random.default_rng(3).normal(0, 40, 500))
    read, back = unpack_curve(pack_curve(times, values, 10**6))
    assert read.tolist() == times.tolist()
    assert np.abs(back - values).max() <= 1e-7 * values.max()
    cents = np.round(values, 2)
    assert unpack_curve(pack_curve(times, cents, 10**6))[1].tolist() == cents.tolist()
    assert [len(each) for each in unpack_curve(pack_curve(times[:0], values[:0], 10))] == [0, 0]
    with pytest.raises(ValueError, match="the columns cannot be unpacked"):
        unpack_curve(b"no columns")
