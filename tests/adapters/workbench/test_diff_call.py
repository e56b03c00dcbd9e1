"""perpsim.diff: results, journals, ids and files, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import perpsim
import pytest

from adapters import create_database, open_database
from engine import ConfigurationError, DataError
from tests.support.command_files import fill_market, write_run
from tests.support.commands import perpsim as command
from tests.support.journals import recorded
from tests.support.runs import buy, close, klines, market, run_script

MARKET = market(X=klines(100, 100, 101, 102, 103, 104, 103, 102))
DECISIONS = {1: buy(), 4: close("X", 1.0)}


def test_results_journals_and_files_of_one_run_are_the_same(tmp_path: Path) -> None:
    result, path = recorded(MARKET, DECISIONS, 7).result, tmp_path / "run.jsonl"
    result.journal.write(path)
    for other in (result, result.journal, path, str(path)):
        assert perpsim.diff(result, other).is_same
    worse = recorded(MARKET, DECISIONS, 7, slippage_percent=0.1).result
    found = perpsim.diff(result, worse, within="30s")
    assert found.names == ("result A", "result B")
    assert found.within_ms == 30_000
    assert float(found.split.gap) == pytest.approx(worse.total_pnl - result.total_pnl)


def test_an_id_is_run_again_from_its_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'market.db'}"
    create_database(open_database(url, create=True))
    fill_market(url)
    path = tmp_path / "run.jsonl"
    words = ("--database", url, "--trust", "--save", "--quiet", "--journal", path)
    assert command("run", write_run(tmp_path), *words).exit_code == 0
    with perpsim.open(url) as opened:
        assert perpsim.diff(1, path, database=opened, trust=True).is_same
    assert perpsim.diff(path, 1, database=url, trust=True).is_same
    assert perpsim.diff(perpsim.results(url)[1], path).is_same  # it is stored with its journal
    assert command("run", tmp_path / "run.toml", "--database", url, "--trust", "--save", "--quiet").exit_code == 0
    with pytest.raises(DataError, match="result A has no journal: run it with record_journal=True; of a stored one"):
        perpsim.diff(perpsim.results(url)[2], path)


def test_what_cannot_be_compared_is_refused_with_the_way_out(tmp_path: Path) -> None:
    result = recorded(MARKET, DECISIONS, 7).result
    for wrong, problem in (
        ((result, 1), "database: 1 is the id of a stored result: say where it is stored"),
        ((result, tmp_path / "none.csv"), "none.csv is no file: give a journal, or a file of a venue's fills"),
        ((result, None), "None is neither a result nor a journal, an id, or the path of a file"),
    ):
        with pytest.raises(ConfigurationError, match=problem):
            perpsim.diff(*wrong)
    with pytest.raises(ConfigurationError, match="within: "):
        perpsim.diff(result, result, within="soon")
    with pytest.raises(DataError, match="run it with record_journal=True"):
        perpsim.diff(result, run_script(MARKET, DECISIONS, 7)[2])
