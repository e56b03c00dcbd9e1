"""The journals of stored results: all of their lines come back, on either database, and nothing else changes."""

from __future__ import annotations

import copy
import pickle
import zlib
from dataclasses import dataclass
from functools import cache

import pytest

from adapters import Database, create_database
from adapters.database import backtest_journals
from adapters.results import ResultStore, delete_results, read_result, restored_result, stored_journal
from engine import BacktestConfig, BacktestResult, DataError, Decision, MarketData, MarketHistory, Simulation
from engine.journal import Journal, Recording, replay
from processes import ProgramBacktestEngine
from tests.support.databases import Raw
from tests.support.klines import START_MS, random_klines


class Turns:
    def should_trade(self, data: MarketData) -> Decision:
        return Decision("close" if data.positions else "buy", "BTC", target_portion_of_balance=0.5, leverage=1)


CONFIG = BacktestConfig(
    strategy=Turns,
    symbols=["BTC"],
    start_time=START_MS + 10 * 60_000,
    end_time=START_MS + 800 * 60_000,
    scheduled_interval=60,
)


@dataclass
class Ran:
    """A finished run, with a journal and without."""

    simulation: Simulation
    result: BacktestResult

    def store(self, database: Database, journal: bool = True) -> int:
        """Store it, as a run that keeps its journal, or not; return its id."""
        with ResultStore(database).saving(CONFIG, journal=journal) as saved:
            saved.watch(self.simulation)
            saved.complete(self.result)
        return saved.run_id


@cache
def ran(recorded: bool = True) -> Ran:
    engine, seen = ProgramBacktestEngine(MarketHistory.from_klines({"BTC": random_klines(820)})), []
    result = engine.run(CONFIG, prepare=seen.append, record_journal=recorded)
    return Ran(seen[0], result)


def test_a_journal_comes_back_line_by_line(any_database: Database, raw: Raw) -> None:
    create_database(any_database)
    run_id, result = ran().store(any_database), ran().result
    assert result.journal is not None
    ((parts, longest),) = raw.execute("select count(*), max(part) from backtest_journals where backtest_id = 1")
    assert parts == longest + 1 > 3
    found = stored_journal(any_database, run_id, result.journal_head)
    assert found is not None
    assert found.lines == result.journal.lines
    assert replay(found).head == found.head == result.journal_head
    restored = restored_result(any_database, run_id)
    assert restored.journal is not None
    for each in (restored, copy.deepcopy(restored), pickle.loads(pickle.dumps(restored))):
        assert each.journal.lines == result.journal.lines
        assert each.journal_head == result.journal_head
    delete_results(any_database, [run_id])
    assert raw.execute("select count(*) from backtest_journals") == [(0,)]


def test_without_a_journal_no_table_and_no_row_is_made(any_database: Database, raw: Raw) -> None:
    create_database(any_database)
    raw.execute("drop table backtest_journals")  # as of a version that had none
    for journal, recorded in ((False, False), (False, True)):
        run_id = ran(recorded).store(any_database, journal)
        assert stored_journal(any_database, run_id, None) is None
        assert restored_result(any_database, run_id).journal is None
        assert read_result(any_database, run_id).trades
    with any_database.reading() as connection:
        assert not any_database.has_table(connection, backtest_journals)
    delete_results(any_database, [1])
    run_id = ran().store(any_database)  # which makes the table
    assert restored_result(any_database, run_id).journal_head == ran().result.journal_head


def test_what_is_stored_besides_is_the_same_with_and_without(any_database: Database) -> None:
    create_database(any_database)
    one, other = ran().store(any_database), ran().store(any_database, journal=False)
    first, second = read_result(any_database, one), read_result(any_database, other)
    for each in (first.figures, second.figures):
        each.pop("execution_time_ms")
    assert (first.figures, first.trades, first.curve) == (second.figures, second.trades, second.curve)


def test_lines_that_were_changed_are_refused(any_database: Database, raw: Raw) -> None:
    create_database(any_database)
    run_id, result = ran().store(any_database), ran().result
    raw.execute("delete from backtest_journals where part = 1")
    with pytest.raises(
        DataError, match=rf"the journal of result {run_id} was changed since it was stored: its head is "
    ):
        stored_journal(any_database, run_id, result.journal_head)
    with any_database.writing() as connection:
        broken = backtest_journals.c.part == 0
        connection.execute(backtest_journals.update().where(broken).values(lines=b"no packed lines"))
    with pytest.raises(DataError, match="the journal that is kept is damaged: its lines cannot be unpacked"):
        stored_journal(any_database, run_id, result.journal_head)


def test_a_journal_is_packed_to_an_eighth() -> None:
    result = ran().result
    assert result.journal is not None
    packed = [*result.journal.packed()]
    lines = result.journal.lines
    assert 8 * sum(map(len, packed)) < sum(map(len, lines))
    assert Journal(Recording.kept(packed), None).lines == lines
    assert [zlib.decompress(each).count(b"\n") + 1 for each in packed[:-1]] == [
        len(part)
        for part in result.recording.parts()  # type: ignore[union-attr]
    ]
