"""Whether the signal pools of a run are there, enabled, and can be run on its symbols."""

from __future__ import annotations

from collections.abc import Iterator

from engine import BacktestConfig, ConfigurationError

from ..database import Database, signal_pools
from ..signals import load_pools
from .data_finding import Finding

_FIELD = "signal_pool_ids"


def pool_findings(database: Database, config: BacktestConfig) -> Iterator[Finding]:
    """Yield every problem of the pools, and what of them would be left out."""
    if not config.signal_pool_ids:
        return
    with database.reading() as connection:
        are_there = database.has_table(connection, signal_pools)
    if not are_there:
        yield Finding(_FIELD, "no signal pools are stored: make one first, or choose none", True)
        return
    try:
        _, warnings = load_pools(database, config.signal_pool_ids, config.symbols, config.exchange)
    except ConfigurationError as error:
        for each in error.problems:
            yield Finding(_FIELD, _said(database, each), True)
    else:
        for each in warnings:
            yield Finding(_FIELD, _said(database, each))


def _said(database: Database, text: str) -> str:
    """Return a message without what the database is called, which is not for everybody."""
    return text.removeprefix(f"{_FIELD}: ").replace(database.name, "the database")
