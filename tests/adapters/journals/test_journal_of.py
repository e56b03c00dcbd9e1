"""The journal of whatever somebody names."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters import create_database, open_database
from adapters.database import backtest_details
from adapters.journals import is_journal, journal_of_file, journal_of_result, journal_of_stored
from engine import ConfigurationError, DataError
from tests.support.command_files import fill_market, write_run
from tests.support.commands import perpsim
from tests.support.journals import recorded
from tests.support.runs import buy, klines, market, run_script


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A market, the stored result 1 of a run, and its journal."""
    made = tmp_path_factory.mktemp("journal_of")
    path, url = write_run(made), f"sqlite:///{made / 'market.db'}"
    create_database(open_database(url, create=True))
    fill_market(url)
    words = ("--trust", "--save", "--quiet", "--journal", made / "run.jsonl")
    assert perpsim("run", path, "--database", url, *words).exit_code == 0
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
        stored = connection.execute(backtest_details.select()).mappings().one()["result"]
        changed = stored.replace(digest, "0" * 32).replace('"engine_version":"0.1.0"', '"engine_version":"0.0.9"')
        changed = changed.replace('"engine_version": "0.1.0"', '"engine_version": "0.0.9"')
        connection.execute(backtest_details.update().values(result=changed))
    (remark,) = journal_of_stored(database, 1, trust=True).remarks
    assert remark == (
        f"result 1 is not what its run gives now (digest {'0' * 32} of perpsim 0.0.9, now {digest} of perpsim 0.1.0): "
        "all of this is of the run as it is now"
    )


def test_what_cannot_be_run_again_is_refused_with_the_way_out(folder: Path, tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{folder / 'market.db'}")
    with pytest.raises(DataError, match="has no result 9; stored: 1 to 1"):
        journal_of_stored(database, 9)
    path = tmp_path / "market.db"
    path.write_bytes((folder / "market.db").read_bytes())
    other = open_database(f"sqlite:///{path}")
    with other.writing() as connection:
        connection.exec_driver_sql("UPDATE backtest_results SET config = json_remove(config, '$.code')")
    with pytest.raises(ConfigurationError, match=r"result 1 is of a program that is not kept: run it again with --jou"):
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
