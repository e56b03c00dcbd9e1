"""A result shows the same whether it is in memory or stored."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from adapters.database import backtest_trigger_logs
from adapters.report import deflated_json
from adapters.report.described_result import DescribedResult
from adapters.report.memory_description import describe_result
from adapters.report.stored_description import describe_stored
from adapters.results import TriggerFilter
from engine import DataError, FlowHistory, MarketHistory, SymbolHistory, TimedValues
from engine.plain_values import plain
from tests.adapters.packing.test_packed_series import opened
from tests.support.runs import MINUTE, START, buy, run_script, walk
from tests.support.stored_runs import StoredTwice, eventful_twice


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> StoredTwice:
    return eventful_twice(tmp_path_factory.mktemp("twice"))


@pytest.fixture(scope="module")
def of_memory(twice: StoredTwice) -> DescribedResult:
    return describe_result(twice.result, twice.market)


@pytest.fixture(scope="module")
def of_database(twice: StoredTwice) -> DescribedResult:
    return describe_stored(twice.database, twice.run_id)


def test_figures_trades_lines_and_prices_are_the_same(of_memory: DescribedResult, of_database: DescribedResult) -> None:
    in_memory, stored = dict(of_memory.summary), dict(of_database.summary)
    assert in_memory["id"] is None
    assert {**in_memory, "id": stored["id"]} == {name: stored[name] for name in in_memory}
    assert of_memory.title == of_database.title
    assert of_memory.trade_columns() == of_database.trade_columns()
    assert of_memory.records == of_database.records
    assert dict(of_memory.prices) == dict(of_database.prices)
    (remark,) = set(of_database.remarks) - set(of_memory.remarks)
    assert remark.startswith(
        "What led to trades is not told: no journal is stored with it (perpsim run --save --journal"
    )
    lines = of_memory.trade_columns()["lines"]
    assert len(of_memory.trades) < len(lines["kind"])
    assert {"way", "target", "stop", "step"} == set(lines["kind"])


def test_every_trigger_is_the_same_and_of_the_same_kinds(
    of_memory: DescribedResult, of_database: DescribedResult, twice: StoredTwice
) -> None:
    ours, theirs = of_memory.triggers(), of_database.triggers()
    assert ours["kinds"] == theirs["kinds"]
    assert [_without_queries(each) for each in ours["items"]] == [_without_queries(each) for each in theirs["items"]]
    assert len(ours["items"]) == twice.result.total_triggers
    assert {kind for kind, found in ours["kinds"].items() if found} >= {"decisions", "fills"}


def _without_queries(trigger: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in trigger.items() if name != "queries"}


@pytest.mark.parametrize("kind", TriggerFilter)
def test_a_row_that_was_read_is_of_a_kind_as_the_database_says(kind: TriggerFilter, twice: StoredTwice) -> None:
    table = backtest_trigger_logs
    with twice.database.reading() as connection:
        wanted = select(table.c.trigger_index).where(kind.condition()).order_by(table.c.id)
        rows = connection.execute(select(table).order_by(table.c.id)).mappings().all()
        assert [row["trigger_index"] for row in rows if kind.holds(row)] == [*connection.execute(wanted).scalars()]


def test_in_memory_the_curve_has_every_minute(of_memory: DescribedResult, twice: StoredTwice) -> None:
    _, times, (differences,) = opened(of_memory.equity[0])
    assert times == twice.result.equity.timestamp_ms.tolist()
    assert len(differences) == len(twice.result.equity)


def test_without_a_market_and_prices_of_its_own_the_page_says_what_is_missing(twice: StoredTwice) -> None:
    described = describe_result(twice.result)
    assert not described.prices
    assert described.remarks[-1] == "The prices of BTC, ETH are not at hand: plot(market) draws them."


def test_a_trailing_stop_that_watched_marks_is_drawn_behind_them_or_said_to_be_unknown() -> None:
    klines, times = walk(400, 6, volatility=0.0005), START + MINUTE * np.arange(1, 401)
    marks = klines.close * (1.0 + 0.0004 * np.sin(np.arange(400)))
    flow = FlowHistory(mark_price=TimedValues(times, marks))
    market = MarketHistory([SymbolHistory("X", klines, flow=flow)])
    script = {10: lambda data: buy(trailing_stop_percent=0.8)}
    _, _, result = run_script(market, script, 300, trigger_price="mark")
    described = describe_result(result, market)
    steps = described.lines["kind"] == "step"
    first, *others = zip(
        described.lines["start"][steps].tolist(), described.lines["first"][steps].tolist(), strict=True
    )
    (trade,) = result.trades
    assert first == (trade.entry_timestamp, trade.entry_price * 0.992)
    assert len(others) > 3
    for at, level in others:
        seen = (times > trade.entry_timestamp) & (times <= at)
        assert level == pytest.approx(max(trade.entry_price, marks[seen].max()) * 0.992, rel=1e-12)
    assert described.marks_note == ""
    said = "1 of 1 trailing stops are not drawn: the prices that they followed are not at hand"
    for other in (None, MarketHistory([SymbolHistory("X", klines)]), MarketHistory([SymbolHistory("Y", klines)])):
        told = describe_result(result, other)
        assert (told.marks_note, "step" in told.lines["kind"]) == (said, False)


def test_a_database_without_the_klines_says_so(tmp_path: Path) -> None:
    stored = eventful_twice(tmp_path)
    with closing(sqlite3.connect(stored.path)) as connection, connection:
        connection.execute("DELETE FROM crypto_klines WHERE symbol = 'ETH'")
    described = describe_stored(stored.database, stored.run_id)
    assert list(described.prices) == ["BTC"]
    assert described.remarks[-1].startswith("The prices of ETH are not at hand: the database ")
    assert described.remarks[-1].endswith("the database has the result without its klines.")


def test_of_many_triggers_those_of_which_something_came_are_shown(
    twice: StoredTwice, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("memory_description", "stored_description"):
        monkeypatch.setattr(f"adapters.report.{module}.MOST_TRIGGERS", 20)
    ours, theirs = describe_result(twice.result), describe_stored(twice.database, twice.run_id)
    assert [row["trigger_index"] for row in ours.rows] == [row["trigger_index"] for row in theirs.rows]
    eventful = [each["index"] for each in twice.result.trigger_log.eventful()]
    assert [row["trigger_index"] for row in ours.rows] == eventful[:20]
    total = twice.result.total_triggers
    assert ours.remarks[0] == f"{total - 20:,} of {total:,} triggers are left out."


def test_triggers_that_say_much_are_fewer_and_the_page_says_so(
    twice: StoredTwice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.report.described_result.MOST_TRIGGER_BYTES", 15_000)
    described = describe_result(twice.result, twice.market)
    given, total = described.triggers(), twice.result.total_triggers
    shown = len(given["items"])
    assert 0 < shown < len(described.rows) == total
    assert [each["index"] for each in given["items"]] == [row["trigger_index"] for row in described.rows[:shown]]
    assert {index for kind in given["kinds"].values() for index in kind} <= {each["index"] for each in given["items"]}
    assert len(deflated_json(given)) < 30_000
    assert described.remarks[0] == f"{total - shown:,} of {total:,} triggers are left out."


def test_an_unknown_run_and_one_without_figures_are_refused(twice: StoredTwice) -> None:
    with pytest.raises(DataError, match="there is no back-test 99"):
        describe_stored(twice.database, 99)
    from adapters.results import ResultStore
    from engine import BacktestConfig

    config = BacktestConfig.from_dict({**twice.result.config})
    run = ResultStore(twice.database).begin(config)
    run.fail("made for a test")
    with pytest.raises(DataError, match=f"back-test {run.run_id} has no figures: its status is error"):
        describe_stored(twice.database, run.run_id)


def test_a_summary_is_plain(of_memory: DescribedResult) -> None:
    assert plain(of_memory.summary) == of_memory.summary
