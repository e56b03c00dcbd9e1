"""What led to something in a result, at a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import perpsim
import pytest

from adapters import create_database, open_database, synthetic_klines, write_klines
from engine import DataError

START_MS = 1_704_067_200_000
PROGRAM = """class Turns:
    def should_trade(self, data):
        return Decision("close" if data.positions else "buy", "BTC", target_portion_of_balance=0.5, leverage=1)
"""
FIELDS: dict[str, Any] = {"scheduled_interval": "15m", "trust": True, "progress": False}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[perpsim.BacktestResult, Path]:
    """A result with a journal, and the database that it is stored in with its market."""
    path = tmp_path_factory.mktemp("explain") / "market.db"
    klines = synthetic_klines("BTC", START_MS, 240, seed=5)
    database = open_database(f"sqlite:///{path}", create=True)
    create_database(database)
    write_klines(database, "hyperliquid", "BTC", "1m", klines)
    made = perpsim.backtest(path, PROGRAM, save=path, record_journal=True, **FIELDS)
    return made, path


def test_a_result_explains_itself_and_with_a_market_the_values_of_rows(kept: Any) -> None:
    result, path = kept
    alone = result.explain(trade=2)
    assert str(alone).startswith("Trade 2: long ")
    assert alone.to_dict() == perpsim.explain(result, trade=2).to_dict()
    with_market = result.explain(trade=2, market=perpsim.load(path))
    assert "had open" not in str(alone)
    assert "had open" in str(with_market)
    assert result.explain(trade=-1).subject == f"trade {len(result.trades)}"
    assert result.explain(order=1).subject == "order 1"
    assert result.explain(at="2024-01-01T00:20:00Z").summary == "nothing happened"


def test_a_stored_one_and_a_journal_tell_the_same(kept: Any, tmp_path: Path) -> None:
    result, path = kept
    result.journal.write(tmp_path / "run.jsonl")
    market = perpsim.load(path)
    told = perpsim.explain(result, trade=3, market=market).to_dict()
    assert perpsim.explain(tmp_path / "run.jsonl", trade=3, market=market).to_dict() == told
    with perpsim.open(path) as workspace:
        for database in (path, f"sqlite:///{path}", workspace, workspace.database):
            assert perpsim.explain(1, trade=3, database=database, trust=True).to_dict() == told


def test_what_cannot_be_explained_is_refused_with_the_way_out(kept: Any) -> None:
    result, path = kept
    bare = perpsim.backtest(path, PROGRAM, save=path, **FIELDS)
    assert perpsim.results(path)[1].explain(trade=1).to_dict()["journal_head"] == result.journal_head
    with pytest.raises(DataError, match="has no journal: run it with record_journal=True"):
        bare.explain(trade=1)
    with pytest.raises(DataError, match=r"perpsim\.explain\(its id, database=URL\)"):
        perpsim.results(path)[2].explain(trade=1)
    with pytest.raises(DataError, match="database: name the one that result 1 is stored in"):
        perpsim.explain(1, trade=1)
    with pytest.raises(DataError, match="is neither a result, nor the path of a journal, nor the id"):
        perpsim.explain(None, trade=1)  # type: ignore[arg-type]
    with pytest.raises(DataError, match="nothing was given: say what to explain"):
        result.explain()
    with pytest.raises(DataError, match="is no MarketHistory"):
        result.explain(trade=1, market=3)
