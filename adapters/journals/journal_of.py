"""The journal of what somebody names: a file, a result in memory, a stored result, which is run again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine import BacktestResult, DataError
from engine.journal import Journal, checked_records

from ..database import Database
from ..ensembles import stored_config_of
from ..results import StoredResult, read_result
from ..trials import Trial, TrialRunner, stored_job

#: The first line of a journal is no longer than this: it names symbols, steps and models.
_HEAD_BYTES = 1 << 16


@dataclass(frozen=True)
class NamedJournal:
    """A journal and what it is called: "run.jsonl", "result 3"; `remarks` are for the user."""

    name: str
    journal: Journal
    remarks: tuple[str, ...] = ()

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield each line as a dict, its hash too. Raises `DataError` with the name, where it is damaged, and how."""
        try:
            yield from checked_records(self.journal)
        except DataError as error:
            raise DataError(f"{self.name}: {error}") from error


def is_journal(path: Path) -> bool:
    """Whether a file is meant to be a journal, whole or damaged: its first line is an object of one."""
    with path.open("rb") as file:
        line = file.readline(_HEAD_BYTES)
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
    return NamedJournal(name, result.journal)


def journal_of_stored(
    database: Database, run_id: int, market: Database | None = None, trust: bool = False
) -> NamedJournal:
    """Return the journal of a stored result: it is run again from its configuration, in a sandbox unless `trust` says
    otherwise, on what `market` holds (default: the same database). A remark says where that comes to something else
    than was stored.

    Raises `DataError` where there is no such result, or no figures of it, and `ConfigurationError` where its program is
    not stored.
    """
    name, stored = f"result {run_id}", read_result(database, run_id)
    if not stored.figures:
        why = f": {stored.error}" if stored.error else ""
        raise DataError(f"{database.name}: {name} has no figures, its status is {stored.status}{why}")
    way_out = "run it again with --journal FILE (record_journal=True in Python), and name that file"
    config = stored_config_of(database, run_id, way_out)
    job = replace(stored_job(database if market is None else market, config, trust=trust), record_journal=True)
    with TrialRunner(job) as runner:
        result = runner.result(Trial(0))
    if result.interrupted:
        raise KeyboardInterrupt
    return replace(journal_of_result(result, name), remarks=_unlike(stored, result, name))


def _unlike(stored: StoredResult, again: BacktestResult, name: str) -> tuple[str, ...]:
    """Return what to remark where a stored result is not what its run gives now."""
    identity = again.identity()
    was, now = stored.figures.get("digest"), identity["digest"]
    if was is None:
        return (f"{name} was stored without a digest: whether its run gives the same now is not known",)
    if was == now:
        return ()
    versions = [each or "unknown" for each in (stored.figures.get("engine_version"), identity["engine_version"])]
    return (
        f"{name} is not what its run gives now (digest {was} of perpsim {versions[0]}, now {now} of perpsim "
        f"{versions[1]}): all of this is of the run as it is now",
    )
