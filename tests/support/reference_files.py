"""The reference market as files and databases."""

from __future__ import annotations

import runpy
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Boolean, create_engine, make_url

from adapters.database.schema import metadata


def reference_file(shared: Path, directory: Path, days: int) -> Path:
    """Write some days of the reference market to an SQLite file."""
    path = directory / "reference.db"
    runpy.run_path(str(shared / "reference" / "make_reference_db.py"))["main"](days, str(path))
    return path


def copy_tables(source: Path, url: str) -> None:
    """Copy all tables of an SQLite file into a PostgreSQL database that has them, empty."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg2"))
    with closing(sqlite3.connect(source)) as file, engine.begin() as connection:
        for (name,) in file.execute("select name from sqlite_master where type = 'table'").fetchall():
            table = metadata.tables[name]
            names = [column.name for column in table.columns if column.name not in ("id", "created_at", "updated_at")]
            truth = [isinstance(table.c[column].type, Boolean) for column in names]
            rows = [
                [bool(cell) if is_truth else cell for cell, is_truth in zip(row, truth, strict=True)]
                for row in file.execute(f"select {', '.join(names)} from {name}")
            ]
            connection.execute(table.insert(), [dict(zip(names, row, strict=True)) for row in rows])
    engine.dispose()
