"""Commands killed at any moment leave whole transactions, and their repetition what one never killed leaves."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_files import fill_market, write_files
from tests.support.databases import EmptyDatabases, raw_database
from tests.support.patience import until
from tests.support.stored_rows import Rows, counts, stored_rows
from tests.support.venue_server import TestVenue, running_venue
from tests.support.warm_commands import WarmCommands

pytest.importorskip("ccxt", reason="ccxt is in perpsim[download]")
pytestmark = pytest.mark.xdist_group("campaigns")

KILLS = [pytest.param(2, id="small"), pytest.param(200, id="whole", marks=pytest.mark.soak)]
SEED = 12
PAGE = 500
#: The last moment of a kill as a share of what the command takes: some are to come too late.
BEYOND_THE_END = 1.15


def klines_in(rows: Rows) -> int:
    return counts(rows).get("crypto_klines", 0)


def all_rows_or_none(found: Rows, expected: Rows) -> bool:
    return not any(found.values()) or found == expected


def all_tables_or_none(found: Rows, expected: Rows) -> bool:
    return not found or found == expected


def whole_periods(found: Rows, expected: Rows) -> bool:
    """The klines of each period are one transaction."""
    return klines_in(found) in (0, 1440, 1440 + 24)


def whole_pages(found: Rows, expected: Rows) -> bool:
    return klines_in(found) in (*range(0, 1200, PAGE), 1200)


COMMANDS: dict[str, tuple[str, Callable[[Rows, Rows], bool]]] = {
    "import": ("import {files}/klines.csv --exchange binance --symbol BTC --database {url}", all_rows_or_none),
    "signals add": ("signals add {files}/signals.toml --database {url}", all_rows_or_none),
    "database create": ("database create {url}", all_tables_or_none),
    "synth": ("synth --days 1 --symbol BTC --period 1m --period 1h --database {url}", whole_periods),
    "download": (
        "download --venue binanceusdm --symbol BTC/USDT:USDT --url {venue} --start 2024-01-01 "
        "--end 2024-01-01T20:00 --database {url}",
        whole_pages,
    ),
}


class Places:
    """Empty databases of one kind, each with the folder that nothing but its file may be in."""

    def __init__(self, folder: Path, servers: EmptyDatabases | None) -> None:
        self.folder = folder
        self.servers = servers
        self.made = 0

    @contextmanager
    def one(self) -> Iterator[str]:
        if self.servers is not None:
            with self.servers.one() as url:
                yield url
            return
        self.made += 1
        place = self.folder / str(self.made)
        place.mkdir()
        yield f"sqlite:///{place / 'market.db'}"
        assert [each.name for each in place.iterdir()] == ["market.db"]


@pytest.fixture(params=["sqlite", "postgresql"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Places:
    servers = request.getfixturevalue("empty_databases") if request.param == "postgresql" else None
    return Places(tmp_path, servers)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    return write_files(folder)


@pytest.fixture
def venue() -> Iterator[TestVenue]:
    with running_venue(TestVenue()) as running:
        yield running


def moments(kills: int, took_s: float) -> list[float]:
    """Random moments spread over all of what a command takes, and a little beyond its end."""
    chance = random.Random(SEED)
    return [(number + chance.random()) / kills * BEYOND_THE_END * took_s for number in range(kills)]


def found_after(url: str) -> Rows:
    """What is stored after a kill; the database opens and is sound."""
    if url.startswith("postgresql"):
        with raw_database(url) as raw:
            others = "select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
            until(lambda: not raw.execute(others))  # what the killed one has begun is over
        return stored_rows(url)
    path = Path(url.removeprefix("sqlite:///"))
    if not path.exists():
        return {}
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
    return stored_rows(url)


def undisturbed(warm: WarmCommands, place: AbstractContextManager[str], command: Callable[[str], list[str]]) -> Any:
    """How long a command takes, and what it stores."""
    with place as url:
        took_s = warm.done(*command(url)).took_s
        return took_s, stored_rows(url)


@pytest.mark.parametrize("kills", KILLS)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_killed_command_leaves_nothing_half_written_and_its_repetition_the_same_rows(
    warm: WarmCommands, places: Places, files: Path, venue: TestVenue, name: str, kills: int
) -> None:
    template, is_whole = COMMANDS[name]

    def command(url: str) -> list[str]:
        return [word.format(files=files, url=url, venue=venue.url) for word in template.split()]

    first_s, expected = undisturbed(warm, places.one(), command)
    took_s = min(first_s, undisturbed(warm, places.one(), command)[0])
    seen = Counter[str]()
    for moment in moments(kills, took_s):
        with places.one() as url:
            ended = warm.run(*command(url), kill_after_s=moment)
            assert ended.killed or ended.status == 0, ended
            found = found_after(url)
            assert is_whole(found, expected), (moment, counts(found))
            warm.done(*command(url))
            assert stored_rows(url) == expected
            seen["killed" if ended.killed else "finished"] += 1
            seen["all stored" if found == expected else "part stored" if any(found.values()) else "nothing"] += 1
    print(f"{name}: {kills} kills within {took_s:.2f} s: {dict(seen)}")
    assert seen["killed"]


@dataclass(frozen=True)
class StoredRun:
    """A stored result: its status, its figures, and how much of it is in the other tables."""

    status: str
    figures: tuple[Any, ...]
    details: int
    trades: tuple[Any, ...]
    triggers: int


def runs_in(url: str) -> list[StoredRun]:
    figures = "total_triggers, total_trades, final_equity, equity_curve, error_message"
    with raw_database(url) as raw:
        found = raw.execute(f"select id, status, {figures} from backtest_results order by id")
        return [
            StoredRun(
                status,
                tuple(values) if status == "completed" else (),
                raw.execute("select count(*) from backtest_details where backtest_id = :id", id=row_id)[0][0],
                tuple(raw.execute("select trade from backtest_trades where backtest_id = :id order by 1", id=row_id)),
                raw.execute("select count(*) from backtest_trigger_logs where backtest_id = :id", id=row_id)[0][0],
            )
            for row_id, status, *values in found
        ]


@pytest.mark.parametrize(
    ("kills", "more"),
    [
        pytest.param(2, ["--trust"], id="small"),
        pytest.param(200, ["--trust"], id="whole", marks=pytest.mark.soak),
        pytest.param(200, [], id="whole, jailed", marks=pytest.mark.soak),
    ],
)
def test_a_killed_run_is_stored_as_a_whole_or_marked_and_its_repetition_is_the_same(
    warm: WarmCommands, places: Places, files: Path, kills: int, more: list[str]
) -> None:
    with places.one() as url:
        fill_market(url)
        words = ("run", files / "run.toml", "--database", url, "--save", *more)
        took_s = min(warm.done(*words).took_s for _ in range(2))
        whole = runs_in(url)[-1]
        assert whole.details == 1
        assert whole.triggers == 40
        seen = Counter[str]()
        for moment in moments(kills, took_s):
            known = len(runs_in(url))
            ended = warm.run(*words, kill_after_s=moment)
            assert ended.killed or ended.status == 0, ended
            found_after(url)
            for left in runs_in(url)[known:]:
                assert left == whole or (left.status == "running" and not left.details and not left.trades), left
                seen[left.status] += 1
            warm.done(*words)
            assert runs_in(url)[-1] == whole
            assert runs_in(url)[known:-1] in ([], [whole]) or runs_in(url)[known].status == "error"
            seen["killed" if ended.killed else "finished"] += 1
    print(f"run --save {' '.join(more)}: {kills} kills within {took_s:.2f} s: {dict(seen)}")
    assert seen["killed"]
