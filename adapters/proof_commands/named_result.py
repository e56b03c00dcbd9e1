"""The result that a command is asked about, as a user names it, to be run again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import click

from engine import BacktestConfig, DataError

from .. import results  # a name of them is imported when it is used
from ..configuration import read_config_file, read_text
from ..database import Database, open_database
from ..ensembles import config_to_run, stored_config_of
from ..terminal import IdOrFileType
from ..trials import Job, stored_job

LATEST = "latest"
_WAY_OUT = "in Python give the data and the class: perpsim.what_if(result, data, strategy=...)"
_TAKEN = "name the id of a stored result, latest, a file of perpsim run --json, or a CONFIG.toml"


class ResultNameType(click.ParamType[int | Path | str]):
    """A stored result by its id, or the latest one; the JSON of one; a configuration."""

    name = "result"

    def convert(
        self, value: str | int | Path, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | Path | str:
        """Return the id, "latest" or the file, or fail with what is wrong."""
        return LATEST if value == LATEST else IdOrFileType().convert(value, param, ctx)


class NamedRun(NamedTuple):
    """The job of a result, and the digest that it had; None where that is not known."""

    job: Job
    digest: str | None


def named_run(named: int | Path | str, market_url: str, results_url: str | None, trust: bool) -> NamedRun:
    """Return the run of a result on the market of a database. Raises `DataError` and `ConfigurationError` for what is
    no result, or cannot be run again.
    """
    market = open_database(market_url, read_only=True)
    kept = market if results_url is None else open_database(results_url, read_only=True)
    config, digest = _of_file(named) if isinstance(named, Path) else _of_stored(kept, named)
    return NamedRun(stored_job(market, config, trust=trust), digest)


def _of_stored(kept: Database, named: int | str) -> tuple[BacktestConfig, str | None]:
    run_id = _latest(kept) if isinstance(named, str) else named
    known = results.restored_result(kept, run_id)
    return stored_config_of(kept, run_id, _WAY_OUT), known.digest


def _latest(kept: Database) -> int:
    newest = results.list_results(kept, 1)
    if not newest:
        raise DataError(f"{kept.name} holds no result yet: perpsim run --save stores one")
    return int(newest[0]["id"])


def _of_file(path: Path) -> tuple[BacktestConfig, str | None]:
    if path.suffix == ".toml":
        return read_config_file(path).config, None
    found = _read(path)
    return config_to_run(found["config"], str(path), _WAY_OUT), found.get("digest")


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(read_text(path))
    except ValueError as error:
        raise DataError(f"{path} is no result: it is no JSON ({error}); {_TAKEN}") from error
    if not isinstance(found, dict) or not isinstance(found.get("config"), dict):
        raise DataError(f"{path} is no result: it has no config; {_TAKEN}")
    return found
