"""The journals of stored results: written with them where their runs kept one, read back, checked."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select

from engine import DataError
from engine.journal import Journal, Recording

from ..database import Database, backtest_journals


def write_journal_rows(connection: Connection, run_id: int, packed: Sequence[bytes]) -> None:
    """Write the lines of a journal, as its `packed` gives them, one part a row."""
    rows = [{"backtest_id": run_id, "part": part, "lines": lines} for part, lines in enumerate(packed)]
    if rows:
        connection.execute(insert(backtest_journals), rows)


def stored_recording(database: Database, run_id: int) -> Recording | None:
    """Return what the journal of a stored result is made of, None where none is stored."""
    with database.reading() as connection:
        if not database.has_table(connection, backtest_journals):
            return None
        c = backtest_journals.c
        found = select(c.lines).where(c.backtest_id == run_id).order_by(c.part)
        parts = [bytes(each) for each in connection.execute(found).scalars()]
    return Recording.kept(parts) if parts else None


def stored_journal(database: Database, run_id: int, head: str | None) -> Journal | None:
    """Return the journal of a stored result, None where none is stored. Raises `DataError` where its lines have another
    `head` than the result says: somebody has changed them.
    """
    recording = stored_recording(database, run_id)
    if recording is None:
        return None
    journal = Journal(recording, None)
    if journal.head != head:
        raise DataError(
            f"{database.name}: the journal of result {run_id} was changed since it was stored: its head is "
            f"{journal.head}, and the result says {head}"
        )
    return journal
