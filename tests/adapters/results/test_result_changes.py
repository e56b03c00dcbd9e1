"""Stored results that are hidden, brought back, and removed with all that is stored of them."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select

from adapters.database import TABLES_OF_RESULTS, Database, backtest_desk, backtest_results
from adapters.desk import change_notes
from adapters.results import (
    CANCELLED,
    NoSuchResult,
    NotDeletable,
    ResultStore,
    UnknownResult,
    bring_back,
    hide_results,
    list_results,
    read_result,
    remove_hidden,
)
from engine import BacktestConfig
from tests.support.web_server import configuration

CONFIG = BacktestConfig.from_dict(configuration())


def ended(database: Database, label: str | None = None) -> int:
    run = ResultStore(database).begin(CONFIG, label=label)
    run.fail(CANCELLED)
    return run.run_id


def listed(database: Database) -> list[int]:
    return [row["id"] for row in list_results(database)]


def test_what_is_hidden_is_nowhere_until_it_is_brought_back(any_database: Database) -> None:
    first, second = ended(any_database, "one"), ended(any_database)
    hide_results(any_database, [first])
    assert listed(any_database) == [second]
    with pytest.raises(UnknownResult):
        read_result(any_database, first)
    assert remove_hidden(any_database) == []
    assert bring_back(any_database, [first, second, 77]) == [first]
    assert (listed(any_database), read_result(any_database, first).label) == ([second, first], "one")


def test_what_was_hidden_for_long_goes_with_every_row_of_it(any_database: Database) -> None:
    first, second = ended(any_database, "one"), ended(any_database, "two")
    for run_id in (first, second):
        assert change_notes(any_database, run_id, {"tags": ["a"], "note": "b", "starred": True})
    hide_results(any_database, [first])
    assert remove_hidden(any_database, 0) == [first]
    with any_database.reading() as connection:
        for table in TABLES_OF_RESULTS:
            if any_database.has_table(connection, table):
                key = table.c.id if table is backtest_results else table.c.backtest_id
                assert first not in connection.execute(select(key)).scalars().all(), table.name
        assert connection.execute(select(backtest_desk.c.backtest_id)).scalars().all() == [second]
    assert bring_back(any_database, [first]) == []


def test_running_ones_those_of_the_platform_and_unknown_ones_are_not_deleted(any_database: Database) -> None:
    first = ended(any_database)
    running = ResultStore(any_database).begin(CONFIG).run_id
    with any_database.writing() as connection:
        connection.execute(insert(backtest_results).values(backtest_type="program", config="{}", status="completed"))
    for run_ids, error in (([first, running], NotDeletable), ([first, 3], NotDeletable), ([first, 9], NoSuchResult)):
        with pytest.raises(error):
            hide_results(any_database, run_ids)
    assert listed(any_database) == [3, running, first]


def test_a_database_where_nothing_was_noted_has_nothing_hidden(any_database: Database) -> None:
    ended(any_database)
    with any_database.reading() as connection:
        assert not any_database.has_table(connection, backtest_desk)
    assert (remove_hidden(any_database, 0), bring_back(any_database, [1]), listed(any_database)) == ([], [], [1])
