"""A disk that becomes full: one sentence, no part of a file, and a database with exactly what it had.

Once with a file system that has no room left (mounted where that is allowed), once with files that may not grow.
"""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest

from tests.support.command_files import fill_market, write_files
from tests.support.stored_rows import stored_rows
from tests.support.venue_server import TestVenue, running_venue
from tests.support.warm_commands import Ended, WarmCommands, warm_commands

pytest.importorskip("ccxt", reason="ccxt is in perpsim[download]")
pytestmark = pytest.mark.xdist_group("campaigns")

FULL, GROWN = "no room on the disk", "no larger files"
NEW, OLD = "new files", "files that are there"
#: Which kind of disk has what, and how often each command is tried on it; all pairs are in the soak.
DISKS = [
    pytest.param(FULL, NEW, 1, id=f"{FULL}, {NEW}, small"),
    pytest.param(GROWN, OLD, 3, id=f"{GROWN}, {OLD}, small"),  # of files that are there many are large enough
    *(
        pytest.param(kind, old, 60, id=f"{kind}, {old}, whole", marks=pytest.mark.soak)
        for kind, old in product((FULL, GROWN), (NEW, OLD))
    ),
]
SEED = 12
ROOM = 8_000_000
BALLAST = "ballast"
MOUNT = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
MOUNTED = f'mount -t tmpfs -o size={ROOM} none "$0" && exec "$@"'

RUN = "run {files}/run.toml --trust --quiet --database {market}"
COMMANDS = {
    "import": "import {files}/klines.csv --exchange binance --symbol ETH --database sqlite:///{disk}/market.db",
    "synth": "synth --days 2 --symbol ETH --database sqlite:///{disk}/market.db",
    "download": "download --venue binanceusdm --symbol BTC/USDT:USDT --as ETH --url {venue} --start 2024-01-01 "
    "--end 2024-01-01T16:00 --exchange binance --database sqlite:///{disk}/market.db",
    "signals add": "signals add {files}/signals.toml --database sqlite:///{disk}/market.db",
    "database create": "database create sqlite:///{disk}/market.db",
    "run --results": f"{RUN} --results sqlite:///{{disk}}/market.db",
    "run --json": f"{RUN} --no-timing --json {{disk}}/result.json",
    "run --trades": f"{RUN} --trades {{disk}}/trades.csv",
    "run --equity-csv": f"{RUN} --equity-csv {{disk}}/equity.csv",
    "run --plot": f"{RUN} --plot {{disk}}/equity.png",
    "report": "report 1 --html {disk}/report.html --database {market}",
}
#: What they write tells of its moment: only its being there is compared.
MOMENTARY = {"run --results", "run --plot", "report"}
#: They store in several transactions, of which some may be done.
STEPWISE = {"download", "run --results"}


@dataclass
class Disk:
    """A folder of which there is less and less room; `seen` is the folder from here."""

    warm: WarmCommands
    folder: Path
    seen: Path
    limits_files: bool

    def run(self, words: list[str], room: int) -> Ended:
        """Run a command with room for so many bytes; afterwards there is room again."""
        if self.limits_files:
            return self.warm.run(*words, largest_file=room)
        there = os.statvfs(self.seen)
        with (self.seen / BALLAST).open("wb") as ballast:
            ballast.write(bytes(max(0, there.f_bavail * there.f_frsize - room)))
        try:
            return self.warm.run(*words)
        finally:
            (self.seen / BALLAST).unlink()

    def needed(self) -> int:
        """How many bytes the files need, or the largest of them."""
        sizes = [each.stat().st_size for each in self.seen.iterdir()]
        return max(sizes) if self.limits_files else sum(sizes)

    def content(self) -> dict[str, object]:
        """What is in each file; of a database the rows, in a sound file; logs with nothing in them are its own."""
        return {
            each.name: self.rows(each) if each.suffix == ".db" else each.read_bytes()
            for each in sorted(self.seen.iterdir())
            if not each.name.endswith((".db-wal", ".db-shm"))
        }

    def rows(self, path: Path) -> object:
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
        return stored_rows(f"sqlite:///{path}")

    def empty(self) -> None:
        for each in self.seen.iterdir():
            each.unlink()


@contextmanager
def mounted(folder: Path) -> Iterator[Disk]:
    """A small file system that nobody but the commands has mounted."""
    before = [*MOUNT, MOUNTED, str(folder)]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*before, "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("no file system can be mounted here")
    with warm_commands(*before) as warm:
        warm.done("fields", "symbols")  # it is mounted when a command has run
        yield Disk(warm, folder, Path(f"/proc/{warm.process.pid}/root{folder}"), False)


@pytest.fixture
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    if request.param == GROWN:
        yield Disk(request.getfixturevalue("warm"), folder, folder, True)
        return
    with mounted(folder) as made:
        yield made


@pytest.fixture
def venue() -> Iterator[TestVenue]:
    with running_venue(TestVenue()) as running:
        yield running


@pytest.mark.parametrize("half", ["stored", "written"])
@pytest.mark.parametrize(("disk", "old", "tries"), DISKS, indirect=["disk"])
def test_a_full_disk_is_one_sentence_and_leaves_what_was_there(
    disk: Disk, venue: TestVenue, tmp_path: Path, old: str, tries: int, half: str
) -> None:
    commands = {name: words for name, words in COMMANDS.items() if ("sqlite:///{disk}" in words) == (half == "stored")}
    files, chance, seen = tmp_path / "files", random.Random(SEED), Counter[str]()
    files.mkdir()
    market = fill_market(f"sqlite:///{write_files(files) / 'market.db'}")
    filled = Path(shutil.copy(market.removeprefix("sqlite:///"), tmp_path / "filled.db"))
    names = {"files": files, "market": market, "disk": disk.folder, "venue": venue.url}
    if half == "written":
        disk.warm.done(*f"{RUN} --save".format(**names).split())
    for name, template in commands.items():
        words = template.format(**names).split()
        given = filled if old == OLD or name == "run --results" else None
        prepare(disk, words, given)
        before = disk.content()
        disk.warm.done(*words)
        whole, needed = disk.content(), disk.needed()
        for _ in range(tries):
            prepare(disk, words, given)
            ended = disk.run(words, int(chance.random() * needed))
            found = disk.content()
            if ended.status == 0:
                assert found.keys() == whole.keys(), name
                assert found == whole or name in MOMENTARY, name
            else:
                assert ended.status == 1, ended
                assert ended.stderr.startswith("Error: "), ended
                assert ended.stderr.count("\n") == 1, ended
                assert found == before or (name in STEPWISE and found.keys() == whole.keys()), (name, ended)
            seen[f"{name}, {'written' if ended.status == 0 else 'refused'}"] += 1
    print(f"{tries} full disks for each of {len(commands)} commands: {dict(seen)}")
    assert sum(count for what, count in seen.items() if "refused" in what) > tries * len(commands) / 4


@pytest.mark.parametrize(
    ("disk", "rooms"), [(FULL, range(0, 48_000, 6_000)), (GROWN, (0, 345, 2_000))], indirect=["disk"]
)
def test_of_a_new_database_that_finds_no_room_nothing_is_left_however_far_it_came(
    disk: Disk, tmp_path: Path, rooms: Sequence[int]
) -> None:
    files = tmp_path / "files"
    files.mkdir()
    words = COMMANDS["signals add"].format(files=write_files(files), disk=disk.folder).split()
    for room in rooms:
        ended = disk.run(words, room)
        assert (ended.status, ended.stderr.count("\n")) == (1, 1), (room, ended)
        assert ("no space is left on the disk\n" in ended.stderr) != ("(ulimit -f)\n" in ended.stderr), (room, ended)
        assert list(disk.seen.iterdir()) == [], room


def prepare(disk: Disk, words: list[str], filled: Path | None) -> None:
    """Empty the disk; where a database is given, let there be what a command writes over or adds to."""
    disk.empty()
    (name,) = (Path(word).name for word in words if str(disk.folder) in word)
    if name.endswith(".db") and filled is not None:
        shutil.copy(filled, disk.seen / name)
    elif filled is not None:
        (disk.seen / name).write_text("of old")
