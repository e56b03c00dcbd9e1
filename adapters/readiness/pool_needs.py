"""Whether the signal pools of a run are there, enabled, and can be run on its symbols."""

from __future__ import annotations

from engine import BacktestConfig, ConfigurationError
from engine.signals import SignalPool

from ..database import Database, signal_pools
from ..signals import load_pools
from .data_finding import Finding

_FIELD = "signal_pool_ids"


def pool_findings(database: Database, config: BacktestConfig) -> tuple[list[SignalPool], list[Finding]]:
    """Return the pools that would be run, and every problem of them and what of them would be left out."""
    if not config.signal_pool_ids:
        return [], []
    with database.reading() as connection:
        are_there = database.has_table(connection, signal_pools)
    if not are_there:
        return [], [Finding(_FIELD, "no signal pools are stored: make one first, or choose none", True)]
    try:
        pools, warnings = load_pools(database, config.signal_pool_ids, config.symbols, config.exchange)
    except ConfigurationError as error:
        return [], [Finding(_FIELD, _said(database, each), True) for each in error.problems]
    return pools, [Finding(_FIELD, _said(database, each)) for each in warnings]


def _said(database: Database, text: str) -> str:
    """Return a message without what the database is called, which is not for everybody."""
    return text.removeprefix(f"{_FIELD}: ").replace(database.name, "the database")
