from __future__ import annotations

import pickle

import pandas as pd
import pytest

from adapters.report import with_prices
from adapters.report.prices.kept_prices import MOST_BYTES
from engine import DataError, MarketHistory
from tests.adapters.report.prices.test_packed_klines import read_klines
from tests.support.klines import START_MS, random_klines
from tests.support.runs import MINUTE, Hold, run


def test_a_result_keeps_the_prices_of_its_run_and_no_more() -> None:
    history = MarketHistory.from_klines({"X": random_klines(600), "Y": random_klines(600, seed=2)})
    result = run(history, Hold(), 300)
    assert result.prices == {}
    kept = with_prices(result, history)
    assert list(kept.prices) == ["X", "Y"]
    period, times, rows = read_klines(kept.prices["X"][0])
    assert (period, times) == (MINUTE, [*range(START_MS, START_MS + 300 * MINUTE, MINUTE)])
    assert len(rows) == 300
    assert kept.to_dict(timing=False) == result.to_dict(timing=False)
    assert kept.figures() == result.figures()
    assert pickle.loads(pickle.dumps(kept.prices)) == kept.prices


def test_results_of_one_market_share_them_and_another_range_has_its_own() -> None:
    history = MarketHistory.from_klines({"X": random_klines(600)})
    first, second, shorter = (with_prices(run(history, Hold(), minutes), history) for minutes in (300, 300, 200))
    assert first.prices is second.prices
    assert len(read_klines(shorter.prices["X"][0])[1]) == 200


def test_prices_of_many_symbols_stay_as_small() -> None:
    history = MarketHistory.from_klines({f"S{each}": random_klines(40_000, seed=each) for each in range(12)})
    kept = with_prices(run(history, Hold(), 39_000), history)
    assert sum(len(level) for levels in kept.prices.values() for level in levels[:1]) <= MOST_BYTES
    assert {read_klines(levels[0])[0] for levels in kept.prices.values()} == {MINUTE}


def test_what_is_no_market_is_told() -> None:
    result = run(MarketHistory.from_klines({"X": random_klines(60)}), Hold(), 60)
    with pytest.raises(DataError, match=r"a DataFrame is no MarketHistory: MarketHistory.from_frames\(df\) makes"):
        result.plot(pd.DataFrame())._repr_html_()  # type: ignore[arg-type]
