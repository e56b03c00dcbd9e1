"""Whether a database can store something, known before there is something to store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from adapters import create_database, open_database
from adapters.database import STUDY_TABLES, perp_studies
from adapters.results import add_tables, require_storable
from engine import DataError
from tests.support.databases import raw_database

NAMES = [table.name for table in STUDY_TABLES]


def test_what_can_be_stored_is_tried_and_leaves_no_trace(any_database_url: str) -> None:
    database = open_database(any_database_url, create=True)
    for _ in range(2):
        require_storable(database, STUDY_TABLES)
        assert create_database(database, dry_run=True, only=STUDY_TABLES) == (NAMES, [])
    add_tables(database, STUDY_TABLES)
    require_storable(database, STUDY_TABLES)
    with database.reading() as connection:
        assert connection.execute(perp_studies.select()).all() == []
    row = {
        "kind": "sweep",
        "status": "running",
        "config": "{}",
        "plan": "{}",
        "done": 0,
        "failed": 0,
        "duration_s": 0.0,
    }
    with database.writing() as connection:
        assert connection.execute(perp_studies.insert().values(row)).inserted_primary_key == (1,)


def test_a_table_that_is_another_is_refused(any_database_url: str) -> None:
    database = open_database(any_database_url, create=True)
    with raw_database(any_database_url) as raw:
        raw.execute("create table perp_trials (id integer)")
    with pytest.raises(DataError, match="perp_trials"):
        require_storable(database, STUDY_TABLES)


@pytest.fixture
def reader(postgresql_url: str) -> Iterator[str]:
    """The URL of a user who may read all tables, and make none."""
    create_database(open_database(postgresql_url), only=[perp_studies])
    with raw_database(postgresql_url) as raw:
        raw.execute("create role perpsim_teller login password 'word'")
        raw.execute("grant select on all tables in schema public to perpsim_teller")
        try:
            yield make_url(postgresql_url).set(username="perpsim_teller", password="word").render_as_string(False)
        finally:
            raw.execute("drop owned by perpsim_teller")
            raw.execute("drop role perpsim_teller")


def test_a_user_who_may_only_read_is_told_before(postgresql_url: str, reader: str) -> None:
    database = open_database(reader)
    with pytest.raises(DataError, match="needs the tables perp_trials: perpsim database create adds them"):
        require_storable(database, STUDY_TABLES)
    add_tables(open_database(postgresql_url), STUDY_TABLES)
    with raw_database(postgresql_url) as raw:
        raw.execute("grant select on all tables in schema public to perpsim_teller")
        with pytest.raises(DataError, match="permission denied for table perp_studies"):
            require_storable(database, STUDY_TABLES)
        raw.execute("grant insert on all tables in schema public to perpsim_teller")
        with pytest.raises(DataError, match="permission denied for table perp_studies"):
            require_storable(database, STUDY_TABLES)
        raw.execute("grant update on all tables in schema public to perpsim_teller")
    require_storable(database, STUDY_TABLES)


def test_a_file_that_cannot_be_written_is_told_before(tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    create_database(open_database(path, create=True))
    with pytest.raises(DataError, match="cannot be written"):
        require_storable(open_database(path, read_only=True), STUDY_TABLES)
