"""The results that a database keeps, at a notebook."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from adapters import backtest, create_database, open_database, synthetic_klines
from adapters.results import LISTED, UnknownResult
from adapters.workbench import StoredResults, results
from engine import DataError, Decision, MarketData

START_MS = 1_704_067_200_000


class Turns:
    """Buys, and sells again at the next call."""

    def should_trade(self, data: MarketData) -> Decision:
        return Decision("close" if data.positions else "buy", "BTC", target_portion_of_balance=0.5, leverage=1)


def kept(url: str, runs: int) -> StoredResults:
    create_database(open_database(url, create=True))
    klines = {"BTC": synthetic_klines("BTC", START_MS, 240, seed=5)}
    for number in range(runs):
        backtest(klines, Turns, scheduled_interval="15m", params={"number": number}, save=url)
    return results(url)


def test_they_are_had_by_id_newest_first(any_database_url: str) -> None:
    found = kept(any_database_url, 3)
    assert (len(found), [*found]) == (3, [3, 2, 1])
    assert [result.config["params"]["number"] for result in found.values()] == [2, 1, 0]
    assert found.newest.config["params"] == {"number": 2}
    assert (2 in found, 9 in found, "2" in found) == (True, False, False)
    assert list(found.frame.index) == [3, 2, 1]
    assert {*LISTED, "status", "symbols"} <= {*found.frame.columns}
    assert found.frame.loc[2, "symbols"] == "BTC"
    assert found.frame.loc[2, "start_time"] == pd.Timestamp(START_MS, unit="ms", tz="UTC")
    assert found[np.int64(2)].config["params"] == {"number": 1}
    assert repr(found).startswith(f"3 results in {open_database(any_database_url).name}\n")
    assert found._repr_html_().count("<tr") == 5  # two of the head, one for each result


def test_an_unknown_id_says_which_there_are(any_database_url: str) -> None:
    found = kept(any_database_url, 0)
    assert repr(found).startswith("0 results in ")
    assert found._repr_html_().count("<tr") == 2
    with pytest.raises(UnknownResult, match="holds no result yet"):
        _ = found.newest
    with pytest.raises(UnknownResult, match="has no result 1; there is none yet"):
        found[1]
    found = kept(any_database_url, 2)
    with pytest.raises(KeyError) as raised:
        found[7]
    assert str(raised.value).endswith("has no result 7; stored: 1 to 2")
    assert found.get(7) is None
    with pytest.raises(UnknownResult, match="'1' is no id of a result: ids are whole numbers"):
        found["1"]  # type: ignore[index]


def test_a_database_without_results_says_how_to_get_some(any_database_url: str) -> None:
    open_database(any_database_url, create=True)
    with pytest.raises(DataError, match="no run has been saved there"):
        results(any_database_url)
