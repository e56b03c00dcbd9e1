"""What a certificate costs beside a run, both as whole commands in turns: figures to look at, never a test.

Goal: on two processors that do nothing else a certificate (24 cuts, 8 ties) takes at most 20 times as long as a run by
the clock. Processor time, of all processes, says the same of a machine that is busy: what two workers share evenly is
half of it.
"""

from __future__ import annotations

import resource
import statistics
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from adapters import create_database, open_database, synthetic_klines, write_klines
from tests.support.commands import process
from tests.support.sandboxes import jailed

from .conftest import AddRow
from .programs import END, MINUTES, START
from .test_sandbox_speed import W1

TITLE = "A certificate beside a run, as whole commands"
COLUMNS = ("", "run, wall", "certificate, wall", "wall x", "goal x", "run, CPU", "certificate, CPU", "CPU x")
GOAL = "20"
ROUNDS = 3
DAY = 86_400_000
CONFIG = """
strategy = "w1.py"
symbols = ["BTC"]
exchange = "x"
start_time = {start}
end_time = {end}
scheduled_interval = "{interval}"
"""


class Spent(NamedTuple):
    wall_s: float
    cpu_s: float


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The year of W1, with a month before it, in a database."""
    made = tmp_path_factory.mktemp("certificate")
    database = open_database(f"sqlite:///{made / 'year.db'}", create=True)
    create_database(database)
    before = 30 * 1440
    write_klines(database, "x", "BTC", "1m", synthetic_klines("BTC", START - before * 60_000, MINUTES + before, 7))
    (made / "w1.py").write_text(W1)
    return made


def spent(*words: object) -> Spent:
    """What a command takes, with all processes that it has started."""

    def cpu_s() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    before, began = cpu_s(), time.perf_counter()
    running = process(*words)
    said = running.communicate()
    assert running.returncode == 0, said
    return Spent(time.perf_counter() - began, cpu_s() - before)


@jailed
@pytest.mark.parametrize("trust", [(), ("--trust",)], ids=["jailed", "trusted"])
@pytest.mark.parametrize(
    ("name", "end", "interval", "rounds"),
    [("a year, hourly (W1)", END, "1h", ROUNDS), ("a month, hourly", START + 31 * DAY, "1h", ROUNDS),
     ("a month, every minute", START + 31 * DAY, "1m", 1)],
)  # fmt: skip
def test_a_certificate_beside_a_run(
    name: str, end: int, interval: str, rounds: int, trust: tuple[str, ...], folder: Path, add_row: AddRow
) -> None:
    config = folder / f"{end}-{interval}.toml"
    config.write_text(CONFIG.format(start=START, end=end, interval=interval))
    words = (config, "--database", f"sqlite:///{folder / 'year.db'}", "--quiet", *trust)
    spent("run", *words)
    run, certificate = [], []
    for _ in range(rounds):
        run.append(spent("run", *words))
        certificate.append(spent("certify", *words, "--workers", 2))
    wall, cpu = (
        [statistics.median(getattr(each, of) for each in kind) for kind in (run, certificate)]
        for of in ("wall_s", "cpu_s")
    )
    row = (f"{wall[0]:.2f} s", f"{wall[1]:.2f} s", f"{wall[1] / wall[0]:.1f}", GOAL)
    more = (f"{cpu[0]:.2f} s", f"{cpu[1]:.2f} s", f"{cpu[1] / cpu[0]:.1f}")
    add_row(TITLE, COLUMNS, (f"{name}, {'trusted' if trust else 'jailed'}", *row, *more))
