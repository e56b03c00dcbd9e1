"""A run that is in memory and stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from adapters import Database, create_database, load_market, open_database
from adapters.results import ResultStore
from engine import BacktestConfig, BacktestResult, MarketHistory
from processes import ProgramBacktestEngine, trusted_executor
from tests.support.eventful_run import EVENTFUL, add_funding
from tests.support.web_server import configuration, make_market


class StoredTwice(NamedTuple):
    """One run: its result in memory, and where it is stored."""

    result: BacktestResult
    market: MarketHistory
    database: Database
    run_id: int
    path: Path


def eventful_twice(folder: Path, **fields: Any) -> StoredTwice:
    """Run the eventful program on a market in a folder and store it there, quiet triggers too."""
    path = add_funding(make_market(folder))
    database = open_database(f"sqlite:///{path}")
    create_database(database)
    config = BacktestConfig.from_dict(configuration(**{**EVENTFUL, **fields}))
    market = load_market(database, config)
    engine = ProgramBacktestEngine(market, executor_for=trusted_executor)
    with ResultStore(database).saving(config, all_triggers=True) as saved:
        result = engine.run(config, prepare=saved.watch, record_queries=True)
        saved.complete(result)
    return StoredTwice(result, market, database, saved.run_id, Path(path))
