"""Two runs as somebody names them: by id, by file, as a result or a journal in memory; and what sets them apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine import BacktestResult, ConfigurationError, DataError
from engine.journal import Journal, journal_file_lines
from engine.plain_values import shown

from ..database import Database
from .journal_of import NamedJournal, is_journal, is_result_json, journal_of_file, journal_of_result, journal_of_stored
from .run_difference import WITHIN_MS, RunDifference, difference_of
from .venue_fills import read_fills
from .venue_layout import VenueReading

#: A stored result by its id, a file (a journal, or fills of a venue), a result or a journal in memory.
Named = int | Path | BacktestResult | Journal
#: Some of the titles of the closed trades that `perpsim run --trades` writes; the first line is no longer than this.
_TRADE_TITLES = {"opened_at", "closed_at", "entry_price", "exit_reason", "gross_pnl"}
_TITLE_BYTES = 1 << 12


@dataclass(frozen=True)
class RunsAsked:
    """Where runs that are named by an id are stored, on what `market` they are run again (None: the same database),
    whether their programs are trusted, how far apart fills may be, and how files of fills are read.
    """

    database: Database | None = None
    market: Database | None = None
    trust: bool = False
    within_ms: int = WITHIN_MS
    reading: VenueReading = field(default_factory=VenueReading)

    def difference(self, first: Named, second: Named) -> RunDifference:
        """Say what sets two runs apart. Raises `ConfigurationError` and `DataError` for what cannot be compared."""
        found = [self._journal(each, which) for each, which in ((first, "A"), (second, "B"))]
        files = [each for each in found if isinstance(each, Path)]
        self._require_files(files)
        known = _symbols([each for each in found if isinstance(each, NamedJournal)])
        runs = [read_fills(each, self.reading, known) if isinstance(each, Path) else each for each in found]
        return difference_of(runs[0], runs[1], self.within_ms)

    def _journal(self, named: Named, which: str) -> NamedJournal | Path:
        if isinstance(named, Path):
            return journal_of_file(named) if is_journal(named) else _fills_file(named)
        if isinstance(named, BacktestResult):
            return journal_of_result(named, f"result {which}")
        if isinstance(named, Journal):
            return NamedJournal(f"journal {which}", named)
        if self.database is None:
            raise ConfigurationError([f"database: {shown(named)} is the id of a stored result: say where it is stored"])
        return journal_of_stored(self.database, named, self.market, self.trust)

    def _require_files(self, files: Sequence[Path]) -> None:
        """Raise `ConfigurationError` where what is said of files of fills has none, or several."""
        if not files and self.reading != VenueReading():
            raise ConfigurationError(["what is said of a venue's file has no file: A and B are journals; leave it out"])
        if len(files) > 1 and self.reading.funding:
            raise ConfigurationError(["funding: A and B are files of fills, and whose payments these are is not known"])


def _fills_file(path: Path) -> Path:
    """Return the path of a file that may be one of fills. Raises `DataError` for what `perpsim run` writes beside a
    journal, with what to give in place of it.
    """
    kind = "a result" if is_result_json(path) else "the closed trades of a run" if _is_trades_csv(path) else None
    if kind is None:
        return path
    raise DataError(
        f"{path} is {kind}, which perpsim run writes, and no journal: diff needs what perpsim run --journal FILE "
        "writes, or the id of a stored result"
    )


def _is_trades_csv(path: Path) -> bool:
    line = next(journal_file_lines(path, _TITLE_BYTES), b"")
    return {*line.strip().decode(errors="replace").split(",")} >= _TRADE_TITLES


def _symbols(journals: Sequence[NamedJournal]) -> tuple[str, ...]:
    return tuple(symbol for each in journals for symbol in next(each.records())["symbols"])
