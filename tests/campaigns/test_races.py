"""Commands that write at the same time: all is stored that one after another would store, and each ends well."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from adapters import open_database, read_klines
from adapters.signals import SignalStore
from tests.support.command_files import SIGNALS
from tests.support.kline_text import lines, text
from tests.support.klines import random_klines
from tests.support.warm_commands import Ended, Order, WarmCommands

pytestmark = pytest.mark.xdist_group("campaigns")

RACES = [pytest.param(3, id="small"), pytest.param(100, id="whole", marks=pytest.mark.soak)]
WRITERS = 4
SEED = 12


def assert_all_ended_well(ended: list[Ended]) -> None:
    for each in ended:
        assert (each.status, each.stderr) == (0, ""), each


@pytest.mark.parametrize("races", RACES)
def test_signals_added_by_four_at_once_are_there_once_each(
    warm: WarmCommands, any_database_url: str, tmp_path: Path, races: int
) -> None:
    outcomes = Counter[str]()
    for race in range(races):
        files = [tmp_path / f"{number}.toml" for number in range(WRITERS)]
        for number, file in enumerate(files):
            own = SIGNALS.replace("surge", f"surge {race}").replace("dip", f"dip {race}")
            file.write_text(own.replace("entries", f"entries {race}-{number}"))
        orders = [Order(("signals", "add", str(file), "--database", any_database_url)) for file in files]
        ended = warm.at_once(orders)
        assert_all_ended_well(ended)
        outcomes.update(line.rpartition(" ")[2] for each in ended for line in each.stdout.splitlines())
    print(f"{races} races of {WRITERS} writers of signals: {dict(outcomes)}")
    store = SignalStore(open_database(any_database_url))
    signals, pools = ([each.name for each in kept.values()] for kept in (store.signals, store.pools))
    assert sorted(signals) == sorted(f"{what} {race}" for race in range(races) for what in ("dip", "surge"))
    assert sorted(pools) == sorted(f"entries {race}-{number}" for race in range(races) for number in range(WRITERS))
    assert outcomes == {"added": races * (2 + WRITERS), "unchanged": races * 2 * (WRITERS - 1)}


@pytest.mark.parametrize("races", RACES)
def test_overlapping_files_imported_by_four_at_once_are_stored_whole(
    warm: WarmCommands, any_database_url: str, tmp_path: Path, races: int
) -> None:
    """Each importer is one transaction: of two that overlap, one has the last word on all of what they share."""
    chance, last_words = random.Random(SEED), Counter[int]()
    klines = [random_klines(2_000, seed) for seed in range(WRITERS)]
    parts = [(400 * number, 400 * number + 800) for number in range(WRITERS)]
    files = [tmp_path / f"{number}.csv" for number in range(WRITERS)]
    for file, own, part in zip(files, klines, parts, strict=True):
        file.write_text(text(lines(own.slice(*part))))
    end = ("--exchange", "x", "--symbol", "BTC", "--period", "1m", "--database", any_database_url)
    for _ in range(races):
        chance.shuffle(files)
        assert_all_ended_well(warm.at_once([Order(("import", str(file), *end)) for file in files]))
        found = read_klines(open_database(any_database_url), "x", "BTC", "1m")
        assert len(found) == parts[-1][1]
        for start in range(0, len(found), 400):
            shared = [n for n, (first, stop) in enumerate(parts) if first <= start < stop]
            here = slice(start, start + 400)
            (writer,) = (n for n in shared if (klines[n].close[here] == found.close[here]).all())
            last_words[writer] += 1
    print(f"{races} races of {WRITERS} importers; who had the last word on how many parts: {dict(last_words)}")
