"""Every command is asked to end while it works: it does so at once, with one line, and leaves nothing half done."""

from __future__ import annotations

import itertools
import json
import random
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest

from adapters.runs import ENDINGS
from tests.support.command_files import fill_market
from tests.support.databases import EmptyDatabases, raw_database
from tests.support.every_command import ENDLESS, EVERY_COMMAND, ONCE, commands_of_the_parser, fill_names
from tests.support.frozen_server import frozen
from tests.support.stored_rows import Rows, counts, stored_rows
from tests.support.venue_server import TestVenue, running_venue
from tests.support.warm_commands import Ended, WarmCommands
from tests.support.web_server import SLOW, Server

pytest.importorskip("ccxt", reason="ccxt is in perpsim[download]")
pytest.importorskip("uvicorn", reason="uvicorn is in perpsim[web]")
pytestmark = pytest.mark.xdist_group("campaigns")

#: With which signals in turn, and how often.
ASKED = [
    pytest.param((signal.SIGTERM, signal.SIGHUP), 1, id="small"),
    pytest.param(ENDINGS, 60, id="whole", marks=pytest.mark.soak),
]
MORE_ROUNDS = 5
SEED = 12
INTERRUPTED = 130
#: What an interrupted command says; one of many runs says how many of them are done.
INTERRUPTED_LINE = re.compile(r"Interrupted(\.|: [\d,]+ of [\d,]+ (runs?|trials?) (is|are) done(; .*)?)\n")
#: About a second, and what a busy machine needs; much less than any patience.
PROMPTLY_S = 10.0
SERVED_S = 0.8
#: How a process ends that has not begun its command yet, or has done it.
OUTSIDE = (*(-number for number in ENDINGS), 1)
WITH_DATABASE = [name for name, words in EVERY_COMMAND.items() if "{market}" in words or "{new}" in words]
#: They store in several transactions, of which some may be done.
STEPWISE = {"download", "synth"}


@pytest.fixture
def venue() -> Iterator[TestVenue]:
    with running_venue(TestVenue()) as running:
        yield running


def words_of(name: str, names: dict[str, object], new: str) -> list[str]:
    return [word.format(**names, new=new) for word in EVERY_COMMAND[name].split()]


def assert_ended_in_one_line(name: str, ended: Ended, asked_after_s: float, is_frozen: bool = False) -> None:
    assert ended.took_s < asked_after_s + PROMPTLY_S, (name, ended)
    if ended.status in OUTSIDE and ended.stderr.strip() in ("", "Aborted!"):
        return
    assert ended.status == INTERRUPTED or (ended.status == 0 and name != ENDLESS), (name, ended)
    lines = [line for line in ended.stderr.splitlines(keepends=True) if not INTERRUPTED_LINE.fullmatch(line)]
    unsaved = is_frozen and name == "run" and len(lines) == 1 and lines[0].startswith("Error: the run is not stored")
    assert not lines or unsaved, (name, ended)
    assert ended.stderr.count("Interrupted") <= 1, (name, ended)


def assert_files_are_whole(folder: Path) -> None:
    for each in folder.iterdir():
        content = each.read_bytes()
        assert content.endswith((b"\n", b"</html>", b"IEND\xaeB`\x82")), each
        assert each.suffix != ".json" or json.loads(content)
        each.unlink()


def test_no_command_is_left_out() -> None:
    assert sorted(commands_of_the_parser()) == sorted((*EVERY_COMMAND, *ONCE))


@pytest.mark.parametrize(("numbers", "rounds"), ASKED)
def test_every_command_ends_at_a_signal_and_leaves_nothing_half_done(
    warm: WarmCommands, venue: TestVenue, tmp_path: Path, numbers: Sequence[signal.Signals], rounds: int
) -> None:
    names = fill_names(tmp_path, warm, f"sqlite:///{tmp_path / 'market.db'}", venue.url)
    out, chance, seen = tmp_path / "out", random.Random(SEED), Counter[str]()
    turns = itertools.cycle(numbers)
    for name in EVERY_COMMAND:
        took_s, whole = SERVED_S, None
        if name != ENDLESS:
            url = f"sqlite:///{tmp_path / 'whole.db'}"
            took_s = warm.done(*words_of(name, names, url)).took_s
            assert not running_in(names["market"]), name
            whole = take_rows(tmp_path / "whole.db")
            assert_files_are_whole(out)
        for attempt in range(rounds + MORE_ROUNDS):
            if attempt >= rounds and (name != "run" or seen["run, ended"]):
                break  # a run may be done sooner than it was at first: one at least is to be reached
            moment = chance.uniform(0.1, 1.0 if attempt < rounds else 0.6) * took_s
            url = f"sqlite:///{tmp_path / 'new.db'}"
            number = next(turns)
            ended = warm.run(*words_of(name, names, url), kill_after_s=moment, kill_with=number)
            assert_ended_in_one_line(name, ended, moment)
            assert_files_are_whole(out)
            left = beginnings(tmp_path / "new.db")
            rows = take_rows(tmp_path / "new.db")
            assert not running_in(names["market"]), (name, ended)
            done = rows in (None, whole) or (name in STEPWISE and ended.status != 0 and rows)
            assert done, (name, number, moment, took_s, ended, left, rows and counts(rows))
            seen[f"{name}, {'ended' if ended.status else 'done before'}"] += 1
    print(f"{rounds} signals for each of {len(EVERY_COMMAND)} commands: {dict(seen)}")
    assert seen["run, ended"]


def running_in(url: object) -> list[object]:
    with raw_database(str(url)) as raw:
        return raw.execute("select id from backtest_results where status = 'running'")


def beginnings(path: Path) -> dict[str, tuple[int, bytes]]:
    """How large a new database is, and what is beside it, and how they begin: to be told of one that should not be."""
    found = {each.name: each.read_bytes() for each in path.parent.glob(f"{path.name}*")}
    return {name: (len(content), content[:200]) for name, content in found.items()}


def take_rows(path: Path) -> Rows | None:
    """What a new database holds, which is removed; None when there is none, and nothing but it is there."""
    if not path.exists():
        return None
    rows = stored_rows(f"sqlite:///{path}")
    path.unlink()
    assert not list(path.parent.glob(f"{path.name}*"))
    return rows


@pytest.mark.parametrize(
    ("rounds", "commands"),
    [
        pytest.param(1, ["database create", "import", "results", "run", "serve", "signals add"], id="small"),
        pytest.param(25, WITH_DATABASE, id="whole", marks=pytest.mark.soak),
    ],
)
def test_every_command_ends_at_ctrl_c_while_the_server_is_frozen(
    warm: WarmCommands,
    empty_databases: EmptyDatabases,
    venue: TestVenue,
    tmp_path: Path,
    rounds: int,
    commands: list[str],
) -> None:
    chance, seen = random.Random(SEED), Counter[str]()
    with empty_databases.one() as market, raw_database(market) as raw:
        names = fill_names(tmp_path, warm, market, venue.url)
        for name in commands:
            took_s = SERVED_S
            if name != ENDLESS:
                with empty_databases.one() as new:
                    took_s = warm.done(*words_of(name, names, new)).took_s
            for _ in range(rounds):
                moment = chance.random() * took_s
                with empty_databases.one() as new, ExitStack() as thawed:
                    freeze = threading.Timer(moment, thawed.enter_context, [frozen(raw)])
                    freeze.start()
                    asked_after_s = moment + 0.3
                    ended = warm.run(*words_of(name, names, new), kill_after_s=asked_after_s, kill_with=signal.SIGINT)
                    freeze.join()
                assert_ended_in_one_line(name, ended, asked_after_s, is_frozen=True)
                assert_files_are_whole(tmp_path / "out")
                seen[f"{name}, {'ended' if ended.status else 'done before'}"] += 1
    print(f"{rounds} frozen servers for each of {len(commands)} commands: {dict(seen)}")
    assert seen["serve, ended"] == rounds


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_server_whose_requests_and_runs_wait_for_a_frozen_database_ends_at_once(
    postgresql_url: str, tmp_path: Path, number: int
) -> None:
    fill_market(postgresql_url)
    server = Server(tmp_path / "market.db", "--runs", "1", url=postgresql_url)
    hours = {"start_time": "2024-01-01T02:00:00Z", "end_time": "2024-01-01T12:00:00Z", "exchange": "binance"}
    for _ in range(2):  # one that runs, one that waits
        running = server.start(code=SLOW, symbols=["BTC"], **hours)

    def ask(path: str) -> None:
        with suppress(httpx.HTTPError):
            httpx.get(f"{server.url}{path}", timeout=60, trust_env=False)

    paths = ("/api/backtests", f"/api/backtests/{running}", "/api/symbols", "/api/pools")
    asking = [threading.Thread(target=ask, args=[path]) for path in paths]
    with raw_database(postgresql_url) as raw, frozen(raw):
        for each in asking:
            each.start()
        time.sleep(0.5)
        began = time.monotonic()
        server.process.send_signal(number)
        assert server.process.wait(60) == INTERRUPTED
        took_s = time.monotonic() - began
        for each in asking:
            each.join(60)
    server.close()
    print(f"ended after {took_s:.2f} s")
    assert took_s < PROMPTLY_S
    assert "Traceback" not in server.log.read_text(), server.log.read_text()
