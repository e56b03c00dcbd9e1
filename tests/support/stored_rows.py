"""Everything that a database holds, but for numbers and times that differ from one writing to the next."""

from __future__ import annotations

from typing import Any

from sqlalchemy import MetaData, create_engine, make_url
from sqlalchemy.pool import NullPool

from tests.support.databases import raw_database

#: The rows of each table.
Rows = dict[str, list[tuple[Any, ...]]]

#: Given by the database or by the clock.
_OF_THE_MOMENT = {"id", "created_at", "updated_at", "completed_at", "execution_time_ms"}


def stored_rows(url: str) -> Rows:
    """Return the rows of each table, sorted, without what the moment of writing decides."""
    driver = "sqlite" if url.startswith("sqlite") else "postgresql+psycopg2"
    engine = create_engine(make_url(url).set(drivername=driver), poolclass=NullPool)
    with engine.connect() as connection:
        metadata = MetaData()
        metadata.reflect(connection)
        return {
            name: sorted(
                (
                    tuple(value for key, value in row.items() if key not in _OF_THE_MOMENT)
                    for row in connection.execute(table.select()).mappings()
                ),
                key=repr,
            )
            for name, table in metadata.tables.items()
        }


def saved_triggers(url: str) -> int:
    """Return how many triggers of runs are stored."""
    with raw_database(url) as raw:
        return int(raw.execute("select count(*) from backtest_trigger_logs")[0][0])


def counts(rows: Rows) -> dict[str, int]:
    """Return the number of rows of each table."""
    return {name: len(found) for name, found in rows.items()}
