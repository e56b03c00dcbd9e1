"""A run that is being stored while its database fails: what is kept, and that nothing is stored twice."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from adapters import create_database, open_database
from adapters.results import ResultStore, StoredRun
from adapters.results.result_store import CHUNK
from engine import BacktestConfig, BacktestResult, DataError, MarketData, MarketHistory, Simulation
from processes import ProgramBacktestEngine
from tests.support.databases import Raw, raw_database
from tests.support.klines import START_MS, random_klines
from tests.support.presses import at_a_context, pressing

MINUTES = 60
COUNTS = (
    "select (select count(*) from backtest_trigger_logs), (select count(distinct trigger_index) from "
    "backtest_trigger_logs), (select count(*) from backtest_details), (select status from backtest_results)"
)


class Waits:
    def should_trade(self, data: MarketData) -> None:
        return None


@pytest.fixture
def raw(any_database_url: str) -> Iterator[Raw]:
    create_database(open_database(any_database_url, create=True))
    with raw_database(any_database_url) as connection:
        yield connection


CONFIG = BacktestConfig(
    strategy=Waits,
    symbols=["BTC"],
    start_time=START_MS + 10 * 60_000,
    end_time=START_MS + (10 + MINUTES) * 60_000,
    scheduled_interval=1,
)


def run(saved: StoredRun, raw: Raw, fails_after: int) -> BacktestResult:
    """Run, with a log that cannot be written from the first report after so many triggers on."""
    is_gone = False

    def on_report(simulation: Simulation) -> None:
        nonlocal is_gone
        if not is_gone and len(simulation.trigger_log) > fails_after:
            raw.execute("alter table backtest_trigger_logs rename to elsewhere")
            is_gone = True
        saved.save_triggers()

    engine = ProgramBacktestEngine(MarketHistory.from_klines({"BTC": random_klines(MINUTES + 20)}))
    return engine.run(CONFIG, on_report, saved.watch, record_queries=True)


def test_what_a_database_did_not_take_is_kept_and_written_at_the_end(raw: Raw, any_database_url: str) -> None:
    saved = ResultStore(open_database(any_database_url)).begin(CONFIG)
    result = run(saved, raw, fails_after=CHUNK + 500)
    assert result.total_triggers == MINUTES * 60
    with pytest.raises(DataError, match="backtest_trigger_logs"):
        saved.complete(result)
    raw.execute("alter table elsewhere rename to backtest_trigger_logs")
    ((count, different, *rest),) = raw.execute(COUNTS)
    assert CHUNK <= count == different < 2 * CHUNK
    assert rest == [0, "running"]
    saved.complete(result)
    assert raw.execute(COUNTS) == [(3_600, 3_600, 1, "completed")]
    saved.complete(result)  # an answer that was lost: the caller cannot know
    assert raw.execute(COUNTS) == [(3_600, 3_600, 1, "completed")]


def test_a_failure_that_cannot_be_stored_does_not_hide_what_failed(
    raw: Raw, any_database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    store = ResultStore(open_database(any_database_url))
    with pytest.raises(DataError, match="the market is empty"), store.saving(CONFIG):  # noqa: PT012
        raw.execute("alter table backtest_results rename to elsewhere")
        raise DataError("the market is empty")
    assert "result 1 could not be marked as failed (the market is empty)" in caplog.text
    assert caplog.records[0].levelno == logging.WARNING


def test_ctrl_c_before_the_first_trigger_says_interrupted(raw: Raw, any_database_url: str) -> None:
    with pytest.raises(KeyboardInterrupt), ResultStore(open_database(any_database_url)).saving(CONFIG):
        raise KeyboardInterrupt
    assert raw.execute("select status, error_message from backtest_results") == [("error", "interrupted")]


def saved_and_pressed(number: int, url: str) -> bool:
    """Begin a run; tell whether Ctrl-C was heard before, as a context of the database began or was to end."""
    store = ResultStore(open_database(url))
    with pressing(at_a_context, number) as done:
        try:
            with store.saving(CONFIG) as saved:
                done()
                saved.fail("given up")
        except KeyboardInterrupt:
            return True
    return False


def test_ctrl_c_while_a_run_is_begun_waits_for_nothing_that_it_has_left_open(
    raw: Raw, any_database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    number = 1
    while saved_and_pressed(number, any_database_url):
        number += 1
    assert number > 4
    assert [each.message for each in caplog.records if each.name == "perpsim.results"] == []
    said = raw.execute("select distinct error_message from backtest_results order by 1")
    assert said == [("given up",), ("interrupted",)]
