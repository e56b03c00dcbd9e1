"""A full disk, a closed stream or a reader who has left at standard output costs no work and shows no traceback."""

from __future__ import annotations

import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from adapters import open_database, write_klines
from adapters.database import stored_series
from tests.conftest import ROOT
from tests.support.klines import random_klines

PERPSIM = f"'{sys.executable}' -m adapters"
COMMANDS = ["--version", "--help", "fields", "fields --help", "database create {db}", "inspect --database {db}"]
CLOSED = ["| true", ">&-", "2>&-", ">&- 2>&-", "<&-"]
#: Each command and each way once; all pairs are in the soak.
FEW = [*zip(CLOSED, COMMANDS, strict=False), (">&-", COMMANDS[-1])]
PAIRS = [
    pytest.param(where, words, marks=[] if (where, words) in FEW else pytest.mark.soak)
    for where, words in product(CLOSED, COMMANDS)
]
full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")


def shell(line: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(line, shell=True, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("streams") / "market.db"
    write_klines(open_database(path, create=True), "binance", "BTC", "1m", random_klines(60))
    return path


@full
@pytest.mark.parametrize("words", ["--help", "fields", "inspect --database {db}"])
def test_output_that_cannot_be_written_is_one_sentence_at_the_end(words: str, db: Path) -> None:
    done = shell(f"{PERPSIM} {words.format(db=db)} > /dev/full")
    assert (done.returncode, done.stderr) == (1, "Error: standard output cannot be written: No space left on device\n")


@pytest.mark.parametrize(("where", "words"), PAIRS)
def test_a_closed_stream_or_a_reader_who_left_is_no_failure(where: str, words: str, db: Path) -> None:
    done = shell(f"{PERPSIM} {words.format(db=db)} {where}")
    assert (done.returncode, done.stderr) == (0, "")


@full
@pytest.mark.parametrize("where", ["> /dev/full", "| true", ">&- 2>&-", "> /dev/full 2>&1"])
def test_the_work_of_a_command_that_cannot_print_is_done(where: str, tmp_path: Path) -> None:
    path = tmp_path / "market.db"
    shell(f"{PERPSIM} synth --database {path} --symbol BTC --symbol ETH --days 2 {where}")
    assert [each.symbol for each in stored_series(open_database(path))] == ["BTC", "ETH"]
