"""What a program asked at a trigger, with the answers: kept where something happened, asked again where nothing did."""

from __future__ import annotations

import gc
import tracemalloc
from typing import Any

import pytest

from engine import BacktestResult, Decision, MarketData, TriggerEvent
from engine.account import AccountState
from engine.plain_values import plain
from engine.program import RecordingProvider
from engine.program.recording_provider import MAX_QUERIES
from engine.triggers import TriggerRecord, TriggerRecords
from processes import ProgramBacktestEngine
from tests.support.runs import config
from tests.support.signal_markets import START as FLOW_START
from tests.support.signal_markets import market_of, random_market

MARKET = market_of(random_market(5, hours=2.0))
MINUTE = 60_000
STATE = AccountState(10_000.0, {})


class AsksAll:
    """Asks everything, keeps what it was answered, and does nothing; at every 50th trigger it buys."""

    def __init__(self) -> None:
        self.answers: list[list[Any]] = []
        self.first: MarketData | None = None

    def ask(self, data: Any) -> list[Any]:
        klines = data.get_klines("BTC", "5m", 3)
        return [
            {"count": len(klines), "last": klines[-1]._asdict()},
            data.get_price("BTC"),
            data.get_market_data("BTC"),
            *({"value": data.get_indicator("BTC", each, "1m")["value"]} for each in ("RSI14", "MA20")),
            dict(data.get_indicator("BTC", "MACD", "1m")),
            data.get_flow("BTC", "CVD", "5m"),
            data.get_regime("BTC", "5m").to_dict(),
            data.get_price_change("BTC", "15m"),
            data.get_price("NONE"),
        ]

    def should_trade(self, data: Any) -> Decision | None:
        self.answers.append(self.ask(data))
        if len(self.answers) % 50:
            return None
        return Decision("buy", "BTC", target_portion_of_balance=0.2, leverage=1)


class RemembersTheFirst(AsksAll):
    """Asks for what was known at its first trigger."""

    def ask(self, data: Any) -> list[Any]:
        self.first = self.first or data
        return [self.first.get_price("BTC")]


def run_recorded(strategy: Any) -> BacktestResult:
    times = {"start_time": FLOW_START, "end_time": FLOW_START + 110 * MINUTE}
    return ProgramBacktestEngine(MARKET).run(config(strategy, 0, ("BTC",), **times), record_queries=True)


@pytest.mark.parametrize("strategy", [AsksAll, RemembersTheFirst])
def test_the_log_of_a_run_has_of_every_trigger_what_was_answered(strategy: type[AsksAll]) -> None:
    program = strategy()
    result = run_recorded(program)
    told = [[query["answer"] for query in entry["queries"]] for entry in result.trigger_log]
    assert repr(told) == repr(plain(program.answers))
    assert len(told) == 110
    assert result.quiet_triggers == 108


def test_looking_at_the_log_counts_no_query_as_asked_or_unanswered() -> None:
    result = run_recorded(AsksAll())
    before = repr(result.unanswered_queries)
    assert "get_price('NONE')" in before
    assert len(list(result.trigger_log)) == 110
    assert repr(result.unanswered_queries) == before


def recorded(provider: RecordingProvider, minute: int) -> tuple[dict[str, Any], ...]:
    provider.set_current_time(FLOW_START + minute * MINUTE)
    for period in ("1m", "5m"):
        provider.get_market_data("BTC")
        provider.get_klines("BTC", period)
        provider.get_indicator("BTC", "RSI14", period)
        provider.get_regime("BTC", period)
    return provider.take_queries()


def record(minute: int, queries: tuple[dict[str, Any], ...]) -> TriggerRecord:
    trigger = TriggerEvent(FLOW_START + minute * MINUTE, "scheduled")
    return TriggerRecord(trigger, None, None, STATE, STATE, (), queries, None)


def test_a_quiet_trigger_takes_at_most_120_bytes_however_much_was_asked() -> None:
    provider, count = RecordingProvider(MARKET), 1_000
    log = TriggerRecords(provider)
    for minute in range(110):  # what is made of the market at the first query is not of the triggers
        log.append(record(minute, recorded(provider, minute)))
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(count):
            log.append(record(number % 110, recorded(provider, number % 110)))
        gc.collect()
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert log[-1].queries == recorded(provider, (count - 1) % 110)
    assert taken / count <= 120


TRUE = {"query": "get_price", "arguments": ["BTC"], "answer": 0.0}
REPORTS = [
    {**TRUE, "answer": 1e9},
    {**TRUE, "arguments": 5},
    {**TRUE, "arguments": [["BTC"]]},
    {**TRUE, "arguments": []},
    {"query": "get_klines", "arguments": ["BTC", "5m", "many"], "answer": None},
    {"query": "set_current_time", "arguments": [5], "answer": None},
    {"query": "__class__", "arguments": [], "answer": "text"},
    {"query": "...", "arguments": [], "answer": "12 more queries"},
]


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: f"{report['query']} {report['arguments']}")
def test_a_report_of_what_cannot_have_been_asked_is_kept_as_it_came(report: dict[str, Any]) -> None:
    log = TriggerRecords(RecordingProvider(MARKET))
    kept = [record(3, (report,)), record(4, (report, report)), record(3, (report,))]
    for each in kept:
        log.append(each)
    assert [repr(each) for each in log] == [repr(each) for each in kept]


def test_more_queries_than_are_kept_are_counted_at_a_quiet_trigger_too() -> None:
    provider = RecordingProvider(MARKET)
    provider.set_current_time(FLOW_START)
    for _ in range(MAX_QUERIES + 5):
        provider.get_price("BTC")
    queries = provider.take_queries()
    log = TriggerRecords(provider)
    log.append(record(0, queries))
    assert log[0].queries == queries
    assert (len(queries), queries[-1]["answer"]) == (MAX_QUERIES + 1, "5 more queries")
