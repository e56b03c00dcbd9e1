"""What sets two runs apart, in one call, as at a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from engine import BacktestResult, ConfigurationError
from engine.durations import parse_length
from engine.journal import Journal
from engine.plain_values import shown

from ..database import Database, open_database
from ..journals import RunDifference, RunsAsked, VenueReading
from .workspace import Workspace


def diff(
    a: BacktestResult | Journal | int | str | Path,
    b: BacktestResult | Journal | int | str | Path,
    *,
    database: str | Path | Database | Workspace | None = None,
    within: str | timedelta = "1m",
    trust: bool = False,
    time_zone: str | None = None,
    time_format: str | None = None,
    fee_assets: Mapping[str, float] | None = None,
    columns: Mapping[str, str] | None = None,
    funding: str | Path | Sequence[str | Path] = (),
    once: bool = False,
) -> RunDifference:
    """Say what sets the run `b` apart from the run `a`: the first message that differs and what followed from it, the
    gap in net PnL by price, fee, funding, missed and extra fills (USD, adding up exactly), and the fills side by side.

    Each is a result with a journal (``record_journal=True``), a journal, the file of one, the id of a result that is
    stored in `database` (it is run again, in a sandbox unless `trust`), or a file of the fills of a real account. Fills
    no further apart than `within` are one and the same.

    What is said of a venue's file: `time_zone` and `time_format` of its times, what one of other `fee_assets` is worth
    (``{"BNB": 600}``), the titles of its `columns` by field, files of `funding` payments; `once` takes rows that are
    alike in everything once.

    What comes back shows itself; `split` has the exact fractions, `frame` the fills, `to_dict` and `to_json` all of it.
    Raises `ConfigurationError` and `DataError` for what cannot be compared.
    """
    try:
        within_ms = parse_length(within)
    except ValueError as error:
        raise ConfigurationError([f"within: {error}"]) from None
    files = [funding] if isinstance(funding, (str, Path)) else funding
    reading = VenueReading(
        time_zone, time_format, dict(fee_assets or {}), dict(columns or {}), tuple(map(_file, files)), once
    )
    opened = database.database if isinstance(database, Workspace) else database
    kept = open_database(opened, read_only=True) if isinstance(opened, (str, Path)) else opened
    return RunsAsked(kept, None, trust, within_ms, reading).difference(_named(a), _named(b))


def _named(given: Any) -> BacktestResult | Journal | int | Path:
    if isinstance(given, (str, Path)):
        return _file(given)
    if isinstance(given, (BacktestResult, Journal)) or type(given) is int:
        return given
    raise ConfigurationError([f"{shown(given)} is neither a result nor a journal, an id, or the path of a file"])


def _file(given: str | Path) -> Path:
    path = Path(given)
    if not path.is_file():
        raise ConfigurationError([f"{path} is no file: give a journal, or a file of a venue's fills"])
    return path
