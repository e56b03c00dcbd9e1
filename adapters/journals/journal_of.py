"""The journal of what somebody names: a file, a result in memory, a stored result, which is run again for it where none
is stored.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine import BacktestResult, ConfigurationError, DataError, MarketHistory
from engine.journal import Journal, checked_records, journal_file_lines

from ..database import Database
from ..ensembles import config_to_run
from ..market import market_of_journal
from ..results import read_result, stored_journal
from ..trials import Trial, TrialRunner, stored_job

_WAY_OUT = "run it again with --save --journal FILE (record_journal=True in Python), which stores its journal"
#: The first line of a journal is no longer than this: it names symbols, steps and models.
_HEAD_BYTES = 1 << 16


@dataclass(frozen=True)
class NamedJournal:
    """A journal and what it is called: "run.jsonl", "result 3"; `remarks` are for the user, `market` has the values of
    the rows that it names, where they were looked up, `config` the fields of the run's configuration where they are
    known, of which a journal has a digest alone.
    """

    name: str
    journal: Journal
    remarks: tuple[str, ...] = ()
    market: MarketHistory | None = None
    config: Mapping[str, Any] | None = None

    def on_rows_of(self, database: Database | None) -> NamedJournal:
        """Return it with the market whose rows it names: that of its run while that is at hand, or else what is stored
        in a database. Where that is not there a remark says so: rows are told without their values then.
        """
        market, why = self.journal.market, None
        if market is None and database is not None:
            try:
                market = market_of_journal(database, self.journal)
            except (ConfigurationError, DataError) as error:
                why = f"values of rows are not told: {error}"
        return replace(self, market=market, remarks=(*self.remarks, *filter(None, [why])))

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield each line as a dict, its hash too. Raises `DataError` with the name, where it is damaged, and how."""
        try:
            yield from checked_records(self.journal)
        except DataError as error:
            raise DataError(f"{self.name}: {error}") from error


def is_journal(path: Path) -> bool:
    """Whether a file is meant to be a journal, whole or damaged: its first line is an object of one."""
    line = next(journal_file_lines(path, _HEAD_BYTES), b"")
    return line.startswith(b"{") and b'"~hash"' in line and b'"message"' in line


def journal_of_file(path: Path) -> NamedJournal:
    """Return the journal of a file of ``perpsim run --journal``, which is checked as its records are read."""
    return NamedJournal(str(path), Journal.read(path))


def journal_of_result(result: BacktestResult, name: str = "the result") -> NamedJournal:
    """Return the journal of a result in memory. Raises `DataError` where none was recorded, with what to do."""
    if result.journal is None:
        raise DataError(
            f"{name} has no journal: run it with record_journal=True; of a stored one give the id and its database"
        )
    return NamedJournal(name, result.journal, config=result.config)


def journal_of_stored(
    database: Database, run_id: int, market: Database | None = None, trust: bool = False
) -> NamedJournal:
    """Return the journal of a stored result: the one that is stored with it, or else that of its run, which is made
    again from its configuration, in a sandbox unless `trust` says otherwise, on what `market` holds (default: the same
    database). A remark says where that comes to something else than was stored.

    Raises `DataError` where there is no such result, or no figures of it, where a journal was changed since it was
    stored, and where one can be made of no market; `ConfigurationError` where its program is not stored.
    """
    name, stored = f"result {run_id}", read_result(database, run_id)
    if not stored.figures:
        why = f": {stored.error}" if stored.error else ""
        raise DataError(f"{database.name}: {name} has no figures, its status is {stored.status}{why}")
    kept = stored_journal(database, run_id, stored.figures.get("journal_head"))
    if kept is not None:
        return NamedJournal(name, kept, config=stored.config)
    return _journal_again(name, stored.config, stored.figures, database if market is None else market, trust)


def is_result_json(path: Path) -> bool:
    """Whether a file is the JSON of a result, whole: of ``perpsim run``, or of ``perpsim results``."""
    return _result_json(path) is not None


def journal_of_json(path: Path, market: Database, trust: bool = False) -> NamedJournal:
    """Return the journal of the result in a file of ``perpsim run --json``, whose run is made again on what `market`
    holds, see `journal_of_stored`. Raises `DataError` for any other file.
    """
    found = _result_json(path)
    if found is None:
        raise DataError(f"{path} is not the JSON of a result: perpsim run --json FILE writes one")
    return _journal_again(str(path), found["config"], found, market, trust)


def _result_json(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_bytes())
    except ValueError:
        return None
    is_one = isinstance(found, dict) and isinstance(found.get("config"), dict) and "digest" in found
    return found if is_one else None


def _journal_again(
    name: str, stored: Mapping[str, Any], figures: Mapping[str, Any], market: Database, trust: bool
) -> NamedJournal:
    """Make a run again from its configuration, with a journal."""
    config = config_to_run(stored, name, _WAY_OUT)
    try:
        job = replace(stored_job(market, config, trust=trust), record_journal=True)
    except (ConfigurationError, DataError) as error:
        raise DataError(f"{name} has no journal with it, and cannot be run again for one: {error}") from error
    with TrialRunner(job) as runner:
        result = runner.result(Trial(0))
    if result.interrupted:
        raise KeyboardInterrupt
    return replace(journal_of_result(result, name), remarks=_unlike(figures, result, name))


def _unlike(figures: Mapping[str, Any], again: BacktestResult, name: str) -> tuple[str, ...]:
    """Return what to remark where a result is not what its run gives now."""
    identity = again.identity()
    was, now = figures.get("digest"), identity["digest"]
    if was is None:
        return (f"{name} was stored without a digest: whether its run gives the same now is not known",)
    if was == now:
        return ()
    versions = [each or "unknown" for each in (figures.get("engine_version"), identity["engine_version"])]
    return (
        f"{name} is not what its run gives now (digest {was} of perpsim {versions[0]}, now {now} of perpsim "
        f"{versions[1]}), as the data or perpsim have changed since (what was imported since counts, also "
        "what the run never reads): all of this is of the run as it is now",
    )
