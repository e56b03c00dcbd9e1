"""Known prices: one rule for one instant and for many, and parts of them that tell the same."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import FlowHistory, KlineColumns, SymbolHistory, TimedValues
from tests.support.runs import MINUTE, START, klines, walk

STALE = 40_000


def history(seed: int, holes: float = 0.3, marks: bool = True) -> SymbolHistory:
    random = np.random.default_rng(seed)
    times = START + np.unique(random.integers(0, 60, 25)) * 31_000
    flow = FlowHistory(mark_price=TimedValues(times, 100.0 + random.random(len(times)))) if marks else None
    return SymbolHistory("X", walk(60, seed, holes=holes), flow=flow)


TIMES = np.arange(START - 2 * MINUTE, START + 65 * MINUTE, 7_001)


@pytest.mark.parametrize("marks", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_the_price_of_an_instant_is_the_one_that_margin_is_judged_at(seed, marks):
    one = history(seed, marks=marks)
    known = one.margin_spans(STALE).prices
    expected = [one.margin_price(int(time), STALE) or 0.0 for time in TIMES]
    assert [known.at(int(time)) for time in TIMES] == expected
    assert known.at_times(TIMES).tolist() == expected


def test_without_klines_no_price_is_known():
    known = SymbolHistory("X", klines()).margin_spans(STALE).prices
    assert known.at(START) == 0.0
    assert known.at_times(np.array([START, START + 1])).tolist() == [0.0, 0.0]
    assert pickle.loads(pickle.dumps(known)).at(START) == 0.0


@given(
    st.integers(0, 50),
    st.booleans(),
    st.lists(st.tuples(st.integers(-1, 62), st.integers(0, 9)), min_size=1, max_size=4),
)
def test_a_part_tells_the_same_prices_in_its_ranges_and_so_does_its_pickle(seed, marks, ranges):
    known = history(seed, marks=marks).margin_spans(STALE).prices
    since = START + np.sort([first for first, _ in ranges]) * MINUTE + 13_000
    until = since + np.array([length for _, length in ranges]) * MINUTE
    part = known.within(since, until)
    for each in (part, pickle.loads(pickle.dumps(part)), pickle.loads(pickle.dumps(known))):
        for begin, end in zip(since.tolist(), until.tolist(), strict=True):
            times = np.arange(begin, end + 1, 1_999)
            assert each.at_times(times).tobytes() == known.at_times(times).tobytes()
            assert each.at(end) == known.at(end)


def test_the_pickle_of_a_part_has_little_beside_its_prices():
    minutes = 100_000
    close = np.linspace(100.0, 200.0, minutes)
    base = KlineColumns(MINUTE, START + MINUTE * np.arange(minutes), close, close, close, close, close)
    known = SymbolHistory("X", base).margin_spans(STALE).prices
    whole = len(pickle.dumps(known))
    part = known.within(np.array([START + 50 * MINUTE]), np.array([START + 1_050 * MINUTE]))
    assert whole < 8 * minutes + 2_000
    assert len(pickle.dumps(part)) < 8 * 1_001 + 2_000
