"""An importer of one's own: klines from the log lines of a trading machine, into a database that every command reads.

Touches 1 file: this one, with the reader and the line that writes what it has read.
"""

import re

import pytest

from adapters import load_market, open_database, write_klines
from engine import KlineColumns
from engine.errors import FileFormatError
from processes import ProgramBacktestEngine, trusted_executor
from tests.support.drills import BUY_ONCE, jailed
from tests.support.runs import MINUTE, START, config

LINE = re.compile(r"t=(\d+) o=([\d.]+) h=([\d.]+) l=([\d.]+) c=([\d.]+) v=([\d.]+)")


def read_log_file(path):
    """Return the 1m klines of a file of lines such as ``t=1704067200 o=1 h=2 l=1 c=2 v=3`` (seconds, coins)."""
    rows = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        found = LINE.fullmatch(line.strip())
        if found is None:
            raise FileFormatError(path.name, number, None, f"{line!r} is no kline")
        rows.append([float(each) for each in found.groups()])
    seconds, *prices = zip(*rows, strict=True)
    return KlineColumns(MINUTE, [int(each) * 1000 for each in seconds], *prices)


def lines(count):
    return "\n".join(
        f"t={START // 1000 + 60 * k} o={100 + k} h={101 + k} l={99 + k} c={100.5 + k} v=2" for k in range(count)
    )


@pytest.fixture
def market(tmp_path):
    log = tmp_path / "machine.log"
    log.write_text(lines(12))
    database = open_database(f"sqlite:///{tmp_path / 'market.db'}", create=True)
    write_klines(database, "machine", "X", "1m", read_log_file(log))
    return load_market(database, config(BUY_ONCE, 9, ("X",), exchange="machine"))


def test_a_run_trades_on_what_was_imported(market):
    engine = ProgramBacktestEngine(market, executor_for=trusted_executor)
    result = engine.run(config(BUY_ONCE, 9, ("X",), exchange="machine"))
    (held,) = result.open_positions
    assert (held["entry_price"], held["mark_price"]) == (100.5, 108.5)


def test_a_line_that_is_none_is_named(tmp_path):
    (tmp_path / "machine.log").write_text(lines(2) + "\nrestarted")
    with pytest.raises(FileFormatError, match=r"machine.log, row 3: 'restarted' is no kline"):
        read_log_file(tmp_path / "machine.log")


def test_jailed_it_runs_the_same(market):
    result = jailed(market, BUY_ONCE, 9, fields={"exchange": "machine"})
    assert [held["entry_price"] for held in result.open_positions] == [100.5]
