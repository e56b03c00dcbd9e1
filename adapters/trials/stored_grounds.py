"""Jobs on the market of a database, here and on other machines that reach it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from engine import BacktestConfig
from engine.config import SETTINGS

from ..database import Database, open_database
from ..market import load_market
from ..signals import load_pool_sources
from .trial_job import Ground, Job

#: What a market does not depend on, and a program that stands in its place.
_OF_PROGRAMS = ("strategy", "code", "params", "language")
_NO_PROGRAM = "class Nothing:\n    def should_trade(self, data):\n        return None\n"
#: Stands for the password in the names of databases.
_HIDDEN = ":***@"


def stored_job(
    database: Database, config: BacktestConfig, *, trust: bool = False, curve_points: int = 0, keep_trades: bool = False
) -> Job:
    """Return the job of a configuration on what is stored, as ``perpsim run`` loads it; `ConfigurationError` and
    `DataError` as there.
    """
    return Job(config, _grounds(database, config), trust, curve_points, keep_trades, _url(database))


def _grounds(database: Database, config: BacktestConfig) -> Mapping[str, Ground]:
    pools = load_pool_sources(database, config)
    return {"": Ground(load_market(database, config), pools.sources, pools.warnings)}


def _url(database: Database) -> str:
    """Return the URL of a database without its password; that of a file means the same in every folder."""
    return database.identity if database.name.startswith("sqlite:") else database.name


@dataclass(frozen=True)
class StoredGrounds:
    """Loads the grounds of a stored job where it is called. It knows no password: that of ``PERPSIM_DATABASE`` there is
    used where it names the same database, else what PostgreSQL itself looks for (``PGPASSWORD``, ``~/.pgpass``).
    """

    url: str
    config: BacktestConfig

    def __call__(self) -> Mapping[str, Ground]:
        """Return the grounds; `DataError` and `ConfigurationError` where they are not there."""
        return _grounds(self._opened(), self.config)

    def _opened(self) -> Database:
        own = os.environ.get("PERPSIM_DATABASE")
        if own and _HIDDEN in self.url:
            database = open_database(own, read_only=True)
            if _url(database) == self.url:
                return database
        return open_database(self.url.replace(_HIDDEN, "@"), read_only=True)


def grounds_elsewhere(job: Job) -> StoredGrounds | None:
    """Return what loads the grounds of a job elsewhere, None for a job whose market is not stored."""
    if job.database is None:
        return None
    fields = {name: getattr(job.config, name) for name in SETTINGS if job.config.gives(name)}
    market = {name: value for name, value in fields.items() if name not in _OF_PROGRAMS}
    return StoredGrounds(job.database, BacktestConfig.from_dict({**market, "code": _NO_PROGRAM}))
