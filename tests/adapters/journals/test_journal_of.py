"""The journal of whatever somebody names."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters import create_database, open_database
from adapters.database import backtest_details
from adapters.journals import (
    is_journal,
    is_result_json,
    journal_of_file,
    journal_of_json,
    journal_of_result,
    journal_of_stored,
)
from engine import ConfigurationError, DataError
from tests.support.command_files import fill_market, write_run
from tests.support.commands import perpsim
from tests.support.journals import recorded
from tests.support.runs import buy, klines, market, run_script


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A market, the stored results 1, without its journal, and 2, with it, of one run, and the journal as a file."""
    made = tmp_path_factory.mktemp("journal_of")
    path, url = write_run(made), f"sqlite:///{made / 'market.db'}"
    create_database(open_database(url, create=True))
    fill_market(url)
    words = ("--trust", "--save", "--quiet", "--json", made / "run.json")
    assert perpsim("run", path, "--database", url, *words).exit_code == 0
    assert perpsim("run", path, "--database", url, *words, "--journal", made / "run.jsonl").exit_code == 0
    return made


def test_a_stored_result_is_run_again_and_has_the_journal_of_its_run(folder: Path) -> None:
    database = open_database(f"sqlite:///{folder / 'market.db'}")
    found, read = journal_of_stored(database, 1, trust=True), journal_of_file(folder / "run.jsonl")
    assert found.journal.lines == read.journal.lines
    assert (found.name, found.remarks) == ("result 1", ())
    assert is_journal(folder / "run.jsonl")
    assert not is_journal(folder / "run.toml")


def test_a_digest_that_differs_is_told_with_both_versions(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "market.db").write_bytes((folder / "market.db").read_bytes())
    database = open_database(f"sqlite:///{tmp_path / 'market.db'}")
    now = journal_of_stored(database, 1, trust=True)
    digest = [*now.records()][-1]["digest"]
    with database.writing() as connection:
        stored = connection.execute(backtest_details.select()).mappings().first()["result"]
        changed = stored.replace(digest, "0" * 32).replace('"engine_version":"0.1.0"', '"engine_version":"0.0.9"')
        changed = changed.replace('"engine_version": "0.1.0"', '"engine_version": "0.0.9"')
        connection.execute(backtest_details.update().values(result=changed))
    (remark,) = journal_of_stored(database, 1, trust=True).remarks
    assert remark == (
        f"result 1 is not what its run gives now (digest {'0' * 32} of perpsim 0.0.9, now {digest} of perpsim 0.1.0), "
        "as the data or perpsim have changed since (what was imported since counts, also what the run never reads): "
        "all of this is of the run as it is now"
    )


def test_what_cannot_be_run_again_is_refused_with_the_way_out(folder: Path, tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{folder / 'market.db'}")
    with pytest.raises(DataError, match="has no result 9; stored: 1 to 2"):
        journal_of_stored(database, 9)
    path = tmp_path / "market.db"
    path.write_bytes((folder / "market.db").read_bytes())
    other = open_database(f"sqlite:///{path}")
    with other.writing() as connection:
        connection.exec_driver_sql("UPDATE backtest_results SET config = json_remove(config, '$.code')")
    with pytest.raises(
        ConfigurationError, match=r"result 1 is of a program that is not kept: run it again with --save --jou"
    ):
        journal_of_stored(other, 1)


def test_a_result_in_memory_has_its_own(tmp_path: Path) -> None:
    history = market(X=klines(100, 100, 100, 100))
    told = recorded(history, {1: buy()}, 3)
    found = journal_of_result(told.result)
    assert [*found.records()][1:-1] == told.records[1:-1]
    with pytest.raises(DataError, match="the result has no journal: run it with record_journal=True; of a stored one"):
        journal_of_result(run_script(history, {1: buy()}, 3)[2])


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    told = recorded(market(X=klines(100, 100, 100, 100)), {1: buy()}, 3)
    path = tmp_path / "run.jsonl"
    path.write_bytes(b"".join(told.result.journal or ()).replace(b'"price":100.0', b'"price":100.5', 1))
    with pytest.raises(DataError, match=f"{path}: line 5, field price: byte "):
        [*journal_of_file(path).records()]


def test_a_journal_that_is_stored_is_read_and_nothing_is_run(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "market.db"
    path.write_bytes((folder / "market.db").read_bytes())
    database = open_database(f"sqlite:///{path}")
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE backtest_results SET config = json_remove(config, '$.code')")
    found = journal_of_stored(database, 2)
    assert found.journal.lines == journal_of_file(folder / "run.jsonl").journal.lines
    assert found.remarks == ()


def test_the_json_of_a_result_is_run_again(folder: Path, tmp_path: Path) -> None:
    database, path = open_database(f"sqlite:///{folder / 'market.db'}"), folder / "run.json"
    found = journal_of_json(path, database, trust=True)
    assert found.journal.lines == journal_of_file(folder / "run.jsonl").journal.lines
    assert is_result_json(path)
    for other in (folder / "run.jsonl", folder / "run.toml"):
        assert not is_result_json(other)
    (tmp_path / "other.json").write_text("[1, 2]")
    with pytest.raises(DataError, match=r"other\.json is not the JSON of a result: perpsim run --json FILE writes one"):
        journal_of_json(tmp_path / "other.json", database)


def test_rows_have_the_values_that_a_database_holds(folder: Path, tmp_path: Path) -> None:
    named = journal_of_file(folder / "run.jsonl")
    assert named.market is None
    market = named.on_rows_of(open_database(f"sqlite:///{folder / 'market.db'}")).market
    assert market is not None
    assert list(market.symbols) == next(named.journal.records())["symbols"]
    assert named.on_rows_of(None) == named
    create_database(empty := open_database(f"sqlite:///{tmp_path / 'empty.db'}", create=True))
    without = named.on_rows_of(empty)
    assert without.market is None
    (remark,) = without.remarks
    assert remark.startswith("values of rows are not told: symbols: ")


def test_without_its_klines_a_run_is_not_made_again(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "market.db"
    path.write_bytes((folder / "market.db").read_bytes())
    database = open_database(f"sqlite:///{path}")
    with database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM crypto_klines")
    with pytest.raises(DataError, match="result 1 has no journal with it, and cannot be run again for one: "):
        journal_of_stored(database, 1)
