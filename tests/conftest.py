"""Fixtures that several test files need, and how the tests run.

The whole suite runs in several processes at once (pytest-xdist), a part that is asked for by name in this one, so that
benchmarks are measured alone and a debugger finds its terminal; `-n` says otherwise. Tests that share something
expensive, as a server, are a group (`xdist_group`) that stays in one process.
"""

from __future__ import annotations

import itertools
import os
import re
import signal
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from adapters import Database, open_database
from tests.support.databases import EmptyDatabases, Raw, postgresql_server, raw_database

pytest_plugins = ["tests.support.reference_market"]

ROOT = Path(__file__).parents[1]

#: Each process imports everything and has its own PostgreSQL server: more do not pay.
MOST_PROCESSES = 8


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """In how many processes the tests run; 0: in this one."""
    return min(os.cpu_count() or 1, MOST_PROCESSES) if config.args == ["tests"] else 0


@cache
def group_of(path: str) -> str | None:
    """The group of the tests in a file, which its `pytestmark` names; None where each is sent anywhere."""
    found = re.search(r'^pytestmark = .*xdist_group\("([^"]+)"\)', (ROOT / path).read_text("utf-8"), re.MULTILINE)
    return found and found[1]


class GroupScheduling(LoadScopeScheduling):
    """Sends each test to whichever process is free, and a group to one: pytest 9.2 does not know the groups of
    pytest-xdist 3.8, which adds them to the ids of tests.
    """

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid.partition("::")[0]) or nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> GroupScheduling:
    return GroupScheduling(config, log)


def pytest_configure(config: pytest.Config) -> None:
    """Let the commands that tests start be interruptible and keep what they compile, wherever the tests run."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # hundreds of processes would compile everything again
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background of a shell
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Draw the same examples in every run, however slow the machine; `--hypothesis-profile=default` draws others."""
    runs_them = session.config.getoption("dist") == "no"
    if runs_them and session.config.getoption("--hypothesis-profile") is None:
        from hypothesis import settings

        settings.load_profile("ci")


@pytest.fixture(scope="session")
def caches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folders for the caches of all tests, one after another."""
    parent = tmp_path_factory.mktemp("caches")
    return (parent / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def private_cache(caches: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep every test away from the user's own cache and database, and from the other tests' cache."""
    directory = next(caches)
    directory.mkdir()
    monkeypatch.setenv("PERPSIM_CACHE_DIR", str(directory))
    monkeypatch.delenv("PERPSIM_DATABASE", raising=False)
    return directory


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the stamps of SQLite files as proof at once: file systems of tests count in small steps."""
    monkeypatch.setattr("adapters.database.sqlite_state.SETTLED_S", 0.0)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared reference material, beside the repository or where PERPSIM_SHARED says."""
    chosen = os.environ.get("PERPSIM_SHARED")
    directory = Path(chosen) if chosen else ROOT.parent / "shared"
    if not directory.is_dir():
        pytest.skip(f"the shared reference material is not in {directory}")
    return directory


@pytest.fixture(scope="session")
def shared_data(shared: Path) -> Path:
    """The folder of real market data."""
    directory = shared / "data"
    if not directory.is_dir():
        pytest.skip(f"the real market data is not in {directory}")
    return directory


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the benchmarks out unless they are asked for by name."""
    asked = any("benchmarks" in str(argument) for argument in config.invocation_params.args)
    return True if collection_path.name == "benchmarks" and not asked else None


@pytest.fixture(scope="session")
def empty_databases() -> Iterator[EmptyDatabases]:
    """Empty databases on a PostgreSQL server."""
    with postgresql_server() as server:
        databases = EmptyDatabases(server)
        yield databases
        databases.drop()


@pytest.fixture
def postgresql_url(empty_databases: EmptyDatabases) -> Iterator[str]:
    """The URL of a PostgreSQL database of this test's own."""
    with empty_databases.one() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def any_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of this test's own, once of each kind (the SQLite file is not there yet)."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'market.db'}"
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture
def any_database(any_database_url: str) -> Database:
    """An empty database of each kind."""
    return open_database(any_database_url, create=True)


@pytest.fixture
def raw(any_database: Database, any_database_url: str) -> Iterator[Raw]:
    """The same database past our own code."""
    with raw_database(any_database_url) as connection:
        yield connection
