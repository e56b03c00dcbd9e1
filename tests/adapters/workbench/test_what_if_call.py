"""`perpsim.what_if` and `perpsim.each_decision`."""

from __future__ import annotations

import pickle
from pathlib import Path

import perpsim
import pytest

from engine import BacktestResult, ConfigurationError, DataError, MarketHistory
from tests.support.branches import TURNS
from tests.support.runs import MINUTE, START, buy, market, walk

AT = START + 29 * MINUTE


class Buys:
    """Buys whenever it holds nothing."""

    def should_trade(self, data):  # type: ignore[no-untyped-def]
        return None if data.positions else buy(take_profit_price=data.get_price("X") * 1.001)


@pytest.fixture(scope="module")
def history() -> MarketHistory:
    return market(X=walk(60, seed=3))


@pytest.fixture(scope="module")
def result(history: MarketHistory) -> BacktestResult:
    return perpsim.backtest(history, TURNS, trust=True, progress=False)


def test_a_result_of_source_text_needs_its_data_alone(history: MarketHistory, result: BacktestResult) -> None:
    found = perpsim.what_if(result, history, at=AT, changes={"slippage_percent": 1.0}, trust=True)
    assert found.remarks == ()
    assert found.base.digest == result.digest
    assert found.gained == found.branch.total_pnl - result.total_pnl < 0.0
    assert str(found).startswith("What if from 2024-01-01 00:29:00 UTC on slippage_percent = 1.0?\n")
    assert repr(found) == str(found)
    assert pickle.loads(pickle.dumps(found.branch)).journal_head == found.branch.journal_head
    assert perpsim.what_if(result, history, at=AT, trust=True).gained == 0.0


def test_a_class_is_given_again(history: MarketHistory) -> None:
    own = perpsim.backtest(history, Buys, progress=False, record_journal=True)
    with pytest.raises(DataError, match="strategy: the result is of the class Buys: give that, too"):
        perpsim.what_if(own, history, at=AT)
    found = perpsim.what_if(own, history, strategy=Buys, at="2024-01-01T00:29:00Z", decision="hold")
    assert (found.remarks, found.base.journal_head) == ((), own.journal_head)


def test_each_decision_has_a_worth(history: MarketHistory, result: BacktestResult) -> None:
    found = perpsim.each_decision(result, history, trust=True)
    assert [each.at_ms for each in found.worths] == [
        each.timestamp for each in result.fill_records if each.purpose == "entry"
    ]
    assert len(str(found).splitlines()) == len(found.worths) + 6


def test_a_stored_result_is_one_too(history: MarketHistory, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'kept.db'}"
    with perpsim.open(url, create=True):
        kept = perpsim.backtest(history, TURNS, trust=True, progress=False, save=perpsim.open(url))
    found = perpsim.what_if(perpsim.results(url).newest, history, at=AT, decision="close X", trust=True)
    assert (found.remarks, found.base.digest) == ((), kept.digest)


def test_another_market_is_told(result: BacktestResult) -> None:
    (remark,) = perpsim.what_if(result, market(X=walk(60, seed=4)), at=AT, trust=True).remarks
    assert "the result is not what its run gives now" in remark


def test_faults_begin_at_the_instant(history: MarketHistory, result: BacktestResult) -> None:
    for given in ("outage:20m", perpsim.faults.outage(duration="20m"), [{"kind": "outage", "duration": "20m"}]):
        found = perpsim.what_if(result, history, at=AT, faults=given, trust=True)
        (told,) = [each for each in found.branch.warnings if each.startswith("fault ")]
        assert told == "fault outage: once, 20m in all; orders refused: 2"
        assert found.branch.journal is not None
        assert found.branch.journal.upto(AT - 1) == found.base.journal.upto(AT - 1)  # type: ignore[union-attr]
    with pytest.raises(ConfigurationError, match="fault: there is no such kind as 'outrage'"):
        perpsim.what_if(result, history, at=AT, faults="outrage", trust=True)


def test_a_result_whose_fault_is_ones_own_is_refused_with_the_way_out(history: MarketHistory) -> None:
    def mine(sim, fault):  # type: ignore[no-untyped-def]
        yield fault.over()

    own = perpsim.backtest(history, Buys, faults=[perpsim.faults.own(mine, "mine")], progress=False)
    with pytest.raises(DataError, match=r"of mine, a fault of one's own, a result keeps no more .* prepare= when you"):
        perpsim.what_if(own, history, strategy=Buys, at=AT)


def test_what_is_no_result_or_no_time_is_refused(history: MarketHistory, result: BacktestResult) -> None:
    with pytest.raises(ConfigurationError, match="result: 3 is no result: backtest"):
        perpsim.what_if(3, history, at=AT)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="at: "):
        perpsim.what_if(result, history, at="soon", trust=True)
