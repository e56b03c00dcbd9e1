"""A job on the market of a database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from engine import BacktestConfig, ConfigurationError, DataError
from engine.instants import instant_ms

from ..database import Database
from ..market import load_market
from ..signals import load_pool_sources
from .trial import Trial
from .trial_job import Ground, Job

#: Fields of a configuration that say what of a database a run takes place on.
GROUND_FIELDS = ("exchange", "symbols", "base_period", "start_time", "end_time", "signal_pool_ids")


def ground_name(fields: Mapping[str, Any]) -> str:
    """Return the name of the ground that a trial with these fields runs on: "" where none of them changes it."""
    found = {name: fields[name] for name in GROUND_FIELDS if name in fields}
    times = {name: instant_ms(value) for name, value in found.items() if name.endswith("_time")}
    return json.dumps({**found, **times}, separators=(",", ":"), sort_keys=True) if found else ""


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
    bare = Job(config, {}, trust, curve_points, keep_trades, programs or {})
    loaded: dict[tuple[Any, ...], Ground] = {}
    grounds: dict[str, Ground] = {}
    failed: dict[str, Exception] = {}
    for name, changed in {ground_name(fields): fields for fields in varied}.items():
        found = _ground(database, bare, changed, loaded)
        if isinstance(found, Exception):
            failed[name] = found
        else:
            grounds[name] = found
    if not grounds:
        raise next(iter(failed.values()))
    missing = {name: str(error) for name, error in failed.items()}
    return Job(config, grounds, trust, curve_points, keep_trades, programs or {}, missing)


def _ground(
    database: Database, job: Job, fields: Mapping[str, Any], loaded: dict[tuple[Any, ...], Ground]
) -> Ground | Exception:
    """Return the ground of a trial with these fields, from `loaded` where it is there, or why there is none."""
    try:
        config = job.config_of(Trial(0, {name: fields[name] for name in GROUND_FIELDS if name in fields}))
        key = tuple(getattr(config, name) for name in GROUND_FIELDS[:3])
        key += config.start_ms, config.end_ms, config.signal_pool_ids
        if key not in loaded:
            pools = load_pool_sources(database, config)
            loaded[key] = Ground(load_market(database, config), pools.sources, pools.warnings)
        return loaded[key]
    except (ConfigurationError, DataError) as error:
        return error
