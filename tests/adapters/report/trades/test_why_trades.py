"""What a page says of trades."""

from __future__ import annotations

import json
import zlib

import pytest

from adapters.report.html_page import page_html
from adapters.report.memory_description import describe_result
from adapters.report.trades import why_trades
from engine import BacktestResult
from tests.support.journals import recorded
from tests.support.runs import buy, close, klines, market, run_script

HISTORY = market(X=klines(*[100, 100, (100, 103, 99, 102), 101, 100, (100, 110, 100, 110), 105] * 6))
ANSWERS = {minute: buy() if minute % 4 == 1 else close() for minute in range(1, 40, 2)}


def traded() -> BacktestResult:
    return recorded(HISTORY, ANSWERS, 41).result


def test_every_trade_is_told_as_the_result_tells_it() -> None:
    result = traded()
    described = describe_result(result, HISTORY)
    assert [*described.explained] == [*range(len(result.trades))]
    first = result.explain(trade=1, market=HISTORY)
    assert described.explained[0]["summary"] == first.summary
    texts = [step["text"] for section in described.explained[0]["sections"] for step in section["steps"]]
    assert texts == [step.text for section in first.sections for step in section.steps]
    assert not any("are explained" in each for each in described.remarks)


def test_without_a_journal_the_page_has_none() -> None:
    result = run_script(HISTORY, ANSWERS, 41)[2]
    described = describe_result(result, HISTORY)
    assert described.explained == {}
    assert 'id="explained"' not in page_html(described)
    assert 'id="explained"' in page_html(describe_result(traded(), HISTORY))


def test_of_more_trades_those_are_told_that_made_or_lost_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(why_trades, "MOST_EXPLAINED", 3)
    result = traded()
    described = describe_result(result)
    most = sorted(range(len(result.trades)), key=lambda place: -abs(result.trades[place].pnl))[:3]
    assert [*described.explained] == sorted(most)
    assert f"Of {len(result.trades)} trades the 3 that made or lost most are explained." in described.remarks


def test_what_stands_in_the_page_stays_small() -> None:
    described = describe_result(traded(), HISTORY)
    packed = len(zlib.compress(json.dumps(described.explained).encode()))
    assert packed < 400 * len(described.explained)
