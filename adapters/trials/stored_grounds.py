"""A job on the market of a database."""

from __future__ import annotations

from engine import BacktestConfig

from ..database import Database
from ..market import load_market
from ..signals import load_pool_sources
from .trial_job import Ground, Job


def stored_job(
    database: Database, config: BacktestConfig, *, trust: bool = False, curve_points: int = 0, keep_trades: bool = False
) -> Job:
    """Return the job of a configuration on what is stored, as ``perpsim run`` loads it; `ConfigurationError` and
    `DataError` as there.
    """
    pools = load_pool_sources(database, config)
    ground = Ground(load_market(database, config), pools.sources, pools.warnings)
    return Job(config, {"": ground}, trust, curve_points, keep_trades)
