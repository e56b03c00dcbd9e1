"""A database with stored signals for the tests of this folder."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import insert

from adapters import Database
from adapters.database import signal_definitions, signal_pools

CVD = {"metric": "cvd", "operator": ">", "threshold": 1, "time_window": "5m"}


@pytest.fixture
def store(any_database: Database) -> Database:
    """A database with four signals and no pool; signal 3 is disabled, signal 4 deleted."""
    with any_database.writing() as connection:
        any_database.create_tables(connection, [signal_definitions, signal_pools])
        for name, more in (("one", {}), ("two", {}), ("off", {"enabled": False}), ("gone", {"is_deleted": True})):
            row = {"signal_name": name, "trigger_condition": json.dumps(CVD), **more}
            connection.execute(insert(signal_definitions).values(row))
    return any_database
