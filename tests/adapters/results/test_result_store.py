"""A run that is being stored while its database fails: what is kept, and that nothing is stored twice."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from adapters import create_database, open_database
from adapters.database import RESULT_TABLES
from adapters.results import ResultStore, StoredRun
from adapters.results.result_store import CHUNK
from engine import BacktestConfig, BacktestResult, DataError, MarketData, MarketHistory, Simulation
from processes import ProgramBacktestEngine, trusted_executor
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


def run(saved: StoredRun, raw: Raw, fails_after: int, config: BacktestConfig = CONFIG) -> BacktestResult:
    """Run, with a log that cannot be written from the first report after so many triggers on."""
    is_gone = False

    def on_report(simulation: Simulation) -> None:
        nonlocal is_gone
        if not is_gone and len(simulation.trigger_log) > fails_after:
            raw.execute("alter table backtest_trigger_logs rename to elsewhere")
            is_gone = True
        saved.save_triggers()

    market = MarketHistory.from_klines({"BTC": random_klines(MINUTES + 20)})
    engine = ProgramBacktestEngine(market, executor_for=trusted_executor)
    return engine.run(config, on_report, saved.watch, record_queries=True)


def test_what_a_database_did_not_take_is_kept_and_written_at_the_end(raw: Raw, any_database_url: str) -> None:
    saved = ResultStore(open_database(any_database_url)).begin(CONFIG, all_triggers=True)
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


SELDOM = """
class Seldom:
    def should_trade(self, data):
        data.get_price("BTC")
        if data.timestamp % 7_000 == 0:
            log("one in seven")
"""


@pytest.mark.parametrize(("all_triggers", "step"), [(False, 7), (True, 1)])
def test_quiet_triggers_take_no_row_and_a_broken_log_goes_on_behind_its_last_one(
    raw: Raw, any_database_url: str, all_triggers: bool, step: int
) -> None:
    config = replace(CONFIG, strategy=None, code=SELDOM)
    saved = ResultStore(open_database(any_database_url)).begin(config, all_triggers=all_triggers)
    result = run(saved, raw, fails_after=CHUNK + 500, config=config)
    with pytest.raises(DataError, match="backtest_trigger_logs"):
        saved.complete(result)
    raw.execute("alter table elsewhere rename to backtest_trigger_logs")
    ((early,),) = raw.execute("select count(*) from backtest_trigger_logs")
    assert CHUNK // 7 <= early < 3_600 // step
    saved.complete(result)
    stored = [place for (place,) in raw.execute("select trigger_index from backtest_trigger_logs order by id")]
    logged = [place for place in range(3_600) if (CONFIG.start_ms + (place + 1) * 1_000) % 7_000 == 0]
    assert stored == ([*range(3_600)] if all_triggers else logged)
    assert raw.execute("select total_triggers from backtest_results") == [(3_600,)]
    assert (result.total_triggers, result.quiet_triggers) == (3_600, 3_600 - len(logged))


def test_a_market_database_gets_the_tables_when_the_first_run_is_begun(any_database_url: str) -> None:
    database = open_database(any_database_url, create=True)
    store = ResultStore(database)
    with raw_database(any_database_url) as connection:
        assert tables(connection) == set()
        assert store.begin(CONFIG, label="the first").run_id == 1
        assert tables(connection) == {table.name for table in RESULT_TABLES}
        assert connection.execute("select backtest_id, label from backtest_labels") == [(1, "the first")]


def tables(connection: Raw) -> set[str]:
    names = [table.name for table in RESULT_TABLES]
    return {name for name in names if _is_there(connection, name)}


def _is_there(connection: Raw, name: str) -> bool:
    try:
        connection.execute(f"select 1 from {name}")
    except DBAPIError:
        return False
    return True


def test_who_may_not_make_tables_is_told_what_to_run(postgresql_url: str) -> None:
    with raw_database(postgresql_url) as connection:
        connection.execute("drop role if exists perpsim_reader")
        connection.execute("create role perpsim_reader login")
        try:
            url = make_url(postgresql_url).set(username="perpsim_reader").render_as_string(hide_password=False)
            with pytest.raises(DataError) as refused:
                ResultStore(open_database(url)).begin(CONFIG)
        finally:
            connection.execute("drop role perpsim_reader")
    assert "permission denied" in str(refused.value)
    assert "needs the tables backtest_results, backtest_trigger_logs, backtest_details" in str(refused.value)
    assert str(refused.value).endswith("perpsim database create adds them, run by a user who may make tables there")


def test_a_file_that_cannot_be_written_is_told_alike(tmp_path: Path) -> None:
    path = tmp_path / "market.db"
    open_database(path, create=True)
    with pytest.raises(DataError, match="cannot be written; what is to be stored needs the tables backtest_results, "):
        ResultStore(open_database(path, read_only=True)).begin(CONFIG)
