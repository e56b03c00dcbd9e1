"""From a configuration and a database to the signal sources that the run needs."""

from __future__ import annotations

from typing import NamedTuple

from engine import BacktestConfig
from processes import PoolSource

from ..database import Database
from .signal_store import load_pools


class PoolSources(NamedTuple):
    """The sources of a run's signal pools, in the order of its `signal_pool_ids`, and what of them is not run."""

    sources: tuple[PoolSource, ...]
    warnings: tuple[str, ...]


def load_pool_sources(database: Database, config: BacktestConfig) -> PoolSources:
    """Return what `ProgramBacktestEngine` takes beside the market; `ConfigurationError` as `load_pools` has it."""
    if not config.signal_pool_ids:
        return PoolSources((), ())
    pools, warnings = load_pools(database, config.signal_pool_ids, config.symbols, config.exchange)
    return PoolSources(tuple(map(PoolSource, pools)), tuple(warnings))
