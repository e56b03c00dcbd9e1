"""What commands read: files of klines and of signals, a configuration and its program, a database with a market."""

from __future__ import annotations

from pathlib import Path

from adapters import create_database, open_database, write_klines
from engine import KlineColumns
from tests.support.kline_text import lines, text
from tests.support.klines import random_klines

SIGNALS = """
[[signal]]
name = "surge"
description = "much is bought"
condition = { metric = "cvd", operator = ">", threshold = 1600000.0, time_window = "5m" }

[[signal]]
name = "dip"
enabled = false
condition = { metric = "indicator:RSI14", operator = "<", threshold = 30, time_window = "1h" }

[[pool]]
name = "entries"
signals = ["surge", "dip"]
symbols = ["BTC"]
logic = "and"
"""
PROGRAM = """
class TurnRound:
    def should_trade(self, data):
        held = data.positions.get("BTC")
        side = "sell" if held and held.side == "long" else "buy"
        return Decision(side, "BTC", target_portion_of_balance=0.5, leverage=2)
"""
CONFIG = """
strategy = "program.py"
symbols = ["BTC"]
exchange = "binance"
start_time = {start}:00Z
end_time = {end}:00Z
scheduled_interval = "15m"
"""
KLINES = 2_000


def write_run(
    folder: Path, program: str = PROGRAM, start: str = "2024-01-01T02:00", end: str = "2024-01-01T12:00"
) -> Path:
    """Write a program and a configuration that runs it from one time to another (UTC); return the latter."""
    (folder / "program.py").write_text(program)
    path = folder / "run.toml"
    path.write_text(CONFIG.format(start=start, end=end))
    return path


def write_files(folder: Path) -> Path:
    """Write them all into a folder."""
    (folder / "klines.csv").write_text(text(lines(random_klines(KLINES))))
    (folder / "signals.toml").write_text(SIGNALS)
    write_run(folder)
    return folder


def fill_market(url: str, klines: KlineColumns | None = None) -> str:
    """Make a database of all tables with the klines that the configuration needs, or with these."""
    database = open_database(url, create=True)
    create_database(database)
    write_klines(database, "binance", "BTC", "1m", random_klines(KLINES) if klines is None else klines)
    return url


_POOLS = """
[[signal]]
name = "low"
condition = {{ metric = "indicator:RSI14", operator = "<", threshold = {low}, time_window = "5m" }}

[[signal]]
name = "high"
condition = {{ metric = "indicator:RSI14", operator = ">", threshold = {high}, time_window = "5m" }}

[[pool]]
name = "dips"
signals = ["low"]
symbols = ["BTC"]

[[pool]]
name = "peaks"
signals = ["high"]
symbols = ["BTC"]
"""


def pools_file(low: float, high: float) -> str:
    """The text of signals on an index of BTC below and above levels, and of the pools `dips` (1) and `peaks` (2)."""
    return _POOLS.format(low=low, high=high)
