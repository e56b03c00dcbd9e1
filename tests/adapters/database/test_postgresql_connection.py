"""A server that does not answer: Ctrl-C is heard within a second, and patience ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import pytest
from sqlalchemy import make_url, text

from adapters import open_database, write_klines
from adapters.database.postgresql_connection import CONNECTION_DEFAULTS
from engine import DataError
from tests.conftest import ROOT
from tests.support.databases import Raw, raw_database
from tests.support.frozen_server import frozen
from tests.support.klines import random_klines
from tests.support.patience import until

#: A second, as promised, and what a busy machine needs to end a process.
PROMPTLY_S = 5.0
SERIES = ("x", "BTC", "1m")

#: Writes or reads for ever, until the server does not answer any more.
BUSY = """
import sys
from adapters.commands import main
from adapters import open_database, write_klines, read_klines
from adapters.runs import interruptible
from engine import PerpsimError
from sqlalchemy import text
from tests.support.klines import random_klines

def work():
    url, kind = sys.argv[1:]
    database = open_database(url)
    print("works", flush=True)
    while True:
        if kind == "write":
            write_klines(database, "x", "BTC", "1m", random_klines(20_000, seed=1))
            write_klines(database, "x", "BTC", "1m", random_klines(20_000, seed=2))
        elif kind == "read":
            read_klines(database, "x", "BTC", "1m")
        else:
            with database.reading() as connection:
                connection.execute(text("select pg_sleep(3600)"))

with interruptible():
    try:
        work()
    except KeyboardInterrupt:
        sys.exit(130)
    except PerpsimError as error:
        sys.exit(str(error))
"""


@pytest.fixture
def raw(postgresql_url: str) -> Iterator[Raw]:
    with raw_database(postgresql_url) as connection:
        yield connection


def with_query(url: str, **settings: str) -> str:
    return make_url(url).update_query_dict(settings).render_as_string(hide_password=False)


def ended_s(process: subprocess.Popen[str], number: int) -> float:
    began = time.monotonic()
    process.send_signal(number)
    process.wait(60)
    return time.monotonic() - began


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("kind", ["write", "read", "query"])
def test_ctrl_c_is_heard_while_the_server_is_frozen(postgresql_url: str, raw: Raw, kind: str, number: int) -> None:
    write_klines(open_database(postgresql_url), *SERIES, random_klines(20_000))
    process = subprocess.Popen(
        [sys.executable, "-c", BUSY, postgresql_url, kind],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "works\n"
        time.sleep(0.3)
        with frozen(raw):
            time.sleep(0.3)
            assert process.poll() is None
            assert ended_s(process, number) < PROMPTLY_S
        assert process.returncode == 130, process.communicate()[1]
    finally:
        process.kill()
        process.communicate()
    assert len(open_database(postgresql_url).name) > 0  # the server is well again


def test_ctrl_c_is_heard_in_what_a_new_connection_asks_first(
    postgresql_url: str, raw: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    with frozen(raw):
        pass  # it is one of this machine and user
    connect = psycopg2.connect

    def connect_and_stop(*arguments: Any, **named: Any) -> Any:
        """Connect, and let the server's end of the connection stop for twenty seconds, and Ctrl-C come meanwhile."""
        made = connect(*arguments, **named)
        end = made.info.backend_pid
        os.kill(end, signal.SIGSTOP)
        threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
        going_on.append(threading.Timer(20, os.kill, (end, signal.SIGCONT)))
        going_on[-1].start()
        return made

    going_on: list[threading.Timer] = []
    began = time.monotonic()
    with monkeypatch.context() as patched:
        patched.setattr(psycopg2, "connect", connect_and_stop)
        with pytest.raises(KeyboardInterrupt):
            open_database(postgresql_url)
    took_s = time.monotonic() - began
    going_on[0].cancel()
    os.kill(going_on[0].args[0], signal.SIGCONT)
    assert took_s < 15.0


def test_a_slow_query_of_a_healthy_server_is_left_by_ctrl_c(postgresql_url: str, raw: Raw) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", BUSY, postgresql_url, "query"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "works\n"
        until(
            lambda: raw.execute(
                "select pid from pg_stat_activity"
                " where query like '%pg_sleep(3600)%' and state = 'active' and pid <> pg_backend_pid()"
            )
        )
        assert ended_s(process, signal.SIGINT) < PROMPTLY_S
        assert process.returncode == 130


@contextmanager
def black_hole() -> Iterator[int]:
    """A port where connections are taken and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_ctrl_c_is_heard_while_connecting() -> None:
    with black_hole() as port:
        process = subprocess.Popen(
            [sys.executable, "-m", "adapters", "inspect", "--database", f"postgresql://u@127.0.0.1:{port}/d"],
            cwd=ROOT, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        with process:
            time.sleep(1.5)
            assert ended_s(process, signal.SIGINT) < PROMPTLY_S
            assert process.returncode == 130


def test_a_server_that_says_nothing_is_given_up_after_the_connect_timeout_of_the_url() -> None:
    with black_hole() as port:
        began = time.monotonic()
        with pytest.raises(DataError, match="no PostgreSQL server answers there"):
            open_database(f"postgresql://u@127.0.0.1:{port}/d?connect_timeout=2")
        assert time.monotonic() - began < 5.0


def test_a_server_that_stays_frozen_is_given_up_in_the_end(postgresql_url: str, raw: Raw) -> None:
    database = open_database(with_query(postgresql_url, server_patience="0.5"))

    def ask_the_frozen() -> None:
        with database.reading() as connection:
            connection.execute(text("select 1"))
            with frozen(raw):
                connection.execute(text("select 2"))

    with pytest.raises(DataError, match="the server went away"):
        ask_the_frozen()


@pytest.mark.parametrize("given", ["0", "-1", "nan", "inf", "soon", "9" * 5_000])
def test_a_patience_that_is_no_time_is_one_short_sentence(postgresql_url: str, given: str) -> None:
    with pytest.raises(DataError, match=r"server_patience is '.*: give one number of seconds above 0") as refused:
        open_database(with_query(postgresql_url, server_patience=given))
    assert len(str(refused.value)) < 400


def test_a_patience_that_is_given_twice_is_refused(postgresql_url: str) -> None:
    with pytest.raises(DataError, match=r"server_patience is .*: give one number"):
        open_database(f"{with_query(postgresql_url, server_patience='5')}&server_patience=6")


def test_dead_connections_are_noticed_and_the_url_says_when(postgresql_url: str) -> None:
    def parameters(url: str) -> dict[str, str]:
        with open_database(url).reading() as connection:
            found: dict[str, str] = connection.connection.dbapi_connection.info.dsn_parameters  # type: ignore[union-attr]
            return found

    found = parameters(postgresql_url)
    assert {name: found[name] for name in CONNECTION_DEFAULTS} == {n: str(v) for n, v in CONNECTION_DEFAULTS.items()}
    found = parameters(with_query(postgresql_url, tcp_user_timeout="5000", keepalives_idle="7"))
    assert (found["tcp_user_timeout"], found["keepalives_idle"], found["keepalives_count"]) == ("5000", "7", "3")


def test_threads_that_read_are_left_too(postgresql_url: str, raw: Raw) -> None:
    """What is cut is every call that was going on at the signal, not that of the main thread only."""
    code = BUSY.replace(
        "    work()\n",
        "    thread = __import__('threading').Thread(target=work); "
        "hold = open_database(sys.argv[1]).reading(); hold.__enter__(); thread.start(); "
        "[thread.join(0.05) for _ in range(10**6)]\n",
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, postgresql_url, "query"],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "works\n"
        time.sleep(0.3)
        with frozen(raw):
            assert ended_s(process, signal.SIGINT) < PROMPTLY_S


def test_no_thread_of_a_connection_is_left_but_the_watcher(postgresql_url: str) -> None:
    for _ in range(5):
        open_database(postgresql_url)
    names = [thread.name for thread in threading.enumerate() if "perpsim deaf" in thread.name]
    assert names == ["perpsim deaf calls"]
