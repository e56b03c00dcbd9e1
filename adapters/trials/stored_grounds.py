"""Jobs on the market of a database, here and on other machines that reach it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine import BacktestConfig, ConfigurationError, DataError
from engine.config import SETTINGS
from engine.instants import instant_ms

from .. import signals  # a name of it is imported when it is used: workers that are sent their markets take none
from ..database import Database, open_database
from ..market import load_market
from .trial import Trial
from .trial_job import Ground, Job

#: Fields of a configuration that say what a run takes place on, and when a call at a notebook wakes its program.
GROUND_FIELDS = ("exchange", "symbols", "base_period", "start_time", "end_time", "signal_pool_ids", "wake_on")
#: What a market does not depend on, and a program that stands in its place.
_OF_PROGRAMS = ("strategy", "code", "params", "language")
_NO_PROGRAM = "class Nothing:\n    def should_trade(self, data):\n        return None\n"
#: Stands for the password in the names of databases.
_HIDDEN = ":***@"


def ground_name(fields: Mapping[str, Any]) -> str:
    """Return the name of the ground that a trial with these fields runs on: "" where none of them changes it, else what
    they are, as JSON.
    """
    found = {name: fields[name] for name in GROUND_FIELDS if name in fields}
    times = {name: instant_ms(value) for name, value in found.items() if name.endswith("_time")}
    return json.dumps({**found, **times}, separators=(",", ":"), sort_keys=True) if found else ""


def ground_fields(name: str) -> dict[str, Any]:
    """Return the fields that lead to the ground of a name."""
    fields: dict[str, Any] = json.loads(name) if name else {}
    return fields


def ground_key(config: BacktestConfig) -> tuple[Any, ...]:
    """Return what configurations with the same market and the same pools have in common."""
    return (config.exchange, config.symbols, config.base_period, config.start_ms, config.end_ms, config.signal_pool_ids)


def stored_job(
    database: Database,
    config: BacktestConfig,
    *,
    trust: bool = False,
    curve_points: int = 0,
    keep_trades: bool = False,
    programs: Mapping[str, Any] | None = None,
    varied: Iterable[Mapping[str, Any]] = ({},),
) -> Job:
    """Return the job of a configuration on what is stored, as ``perpsim run`` loads it; `ConfigurationError` and
    `DataError` as there.

    `varied` are the fields of trials to come: each distinct ground that they lead to is loaded, once. One that cannot
    be loaded while another can is an error of its trials.
    """
    names = dict.fromkeys(map(ground_name, varied))
    grounds, failed = _grounds(database, config, {name: ground_fields(name) for name in names})
    missing = {name: str(error) for name, error in failed.items()}
    return Job(
        config,
        grounds,
        trust,
        curve_points,
        keep_trades,
        public_url(database),
        programs=programs or {},
        missing=missing,
    )


def _grounds(
    database: Database, config: BacktestConfig, fields: Mapping[str, Mapping[str, Any]]
) -> tuple[dict[str, Ground], dict[str, Exception]]:
    """Return the grounds of these fields by their names, and why there is none; that of all is raised."""
    loaded: dict[tuple[Any, ...], Ground] = {}
    grounds: dict[str, Ground] = {}
    failed: dict[str, Exception] = {}
    for name, changed in fields.items():
        try:
            grounds[name] = _ground(database, config, changed, loaded)
        except (ConfigurationError, DataError) as error:
            failed[name] = error
    if not grounds:
        raise next(iter(failed.values()))
    return grounds, failed


def _ground(
    database: Database, config: BacktestConfig, fields: Mapping[str, Any], loaded: dict[tuple[Any, ...], Ground]
) -> Ground:
    """Return the ground of a configuration with these fields, from `loaded` where it is there."""
    changed = Job(config, {}).config_of(Trial(0, fields))
    key = ground_key(changed)
    if key not in loaded:
        pools = signals.load_pool_sources(database, changed)
        loaded[key] = Ground(load_market(database, changed), pools.sources, pools.warnings)
    return loaded[key]


def public_url(database: Database) -> str:
    """Return the URL of a database without its password; that of a file means the same in every folder."""
    return database.identity if database.name.startswith("sqlite:") else database.name


@dataclass(frozen=True)
class StoredGrounds:
    """Loads the grounds of a stored job where it is called: `fields` lead to each, by its name. It knows no password:
    that of ``PERPSIM_DATABASE`` there is used where it names the same database, else what PostgreSQL itself looks for
    (``PGPASSWORD``, ``~/.pgpass``).
    """

    url: str
    config: BacktestConfig
    fields: Mapping[str, Mapping[str, Any]]

    def __call__(self) -> Mapping[str, Ground]:
        """Return the grounds; `DataError` and `ConfigurationError` where they are not there."""
        grounds, failed = _grounds(self._opened(), self.config, self.fields)
        if failed:
            raise next(iter(failed.values()))
        return grounds

    def _opened(self) -> Database:
        own = os.environ.get("PERPSIM_DATABASE")
        if own and _HIDDEN in self.url:
            database = open_database(own, read_only=True)
            if public_url(database) == self.url:
                return database
        return open_database(self.url.replace(_HIDDEN, "@"), read_only=True)


def grounds_elsewhere(job: Job) -> StoredGrounds | None:
    """Return what loads the grounds of a job elsewhere, None for a job whose market is not stored."""
    if job.database is None:
        return None
    fields = {name: {**ground_fields(name), **_of_market(ground.fields)} for name, ground in job.grounds.items()}
    return StoredGrounds(job.database, without_program(job.config), fields)


def without_program(config: BacktestConfig) -> BacktestConfig:
    """Return a configuration that says of a market what this one does, with a program that does nothing: it is small,
    and can be sent anywhere.
    """
    given = {name: getattr(config, name) for name in SETTINGS if config.gives(name)}
    return BacktestConfig.from_dict({**_of_market(given), "code": _NO_PROGRAM})


def _of_market(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in _OF_PROGRAMS}
