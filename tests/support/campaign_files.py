"""What the commands of the campaigns read: files of klines and of signals, a configuration and its program."""

from __future__ import annotations

from pathlib import Path

from adapters import create_database, open_database, write_klines
from tests.support.kline_text import lines, text
from tests.support.klines import random_klines

SIGNALS = """
[[signal]]
name = "CVD surge"
condition = { metric = "cvd", operator = "abs_gt", threshold = 1600000, time_window = "5m" }
[[signal]]
name = "CVD high"
condition = { metric = "cvd", operator = ">", threshold = 1000000, time_window = "5m" }
[[pool]]
name = "Surges"
signals = ["CVD surge", "CVD high"]
symbols = ["BTC"]
logic = "OR"
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
start_time = 2024-01-01T02:00:00Z
end_time = 2024-01-01T12:00:00Z
scheduled_interval = "15m"
"""
KLINES = 2_000


def write_files(folder: Path) -> Path:
    """Write them all into a folder."""
    (folder / "klines.csv").write_text(text(lines(random_klines(KLINES))))
    (folder / "signals.toml").write_text(SIGNALS)
    (folder / "program.py").write_text(PROGRAM)
    (folder / "run.toml").write_text(CONFIG)
    return folder


def fill_market(url: str) -> str:
    """Make a database of all tables with the klines that the configuration needs."""
    database = open_database(url, create=True)
    create_database(database)
    write_klines(database, "binance", "BTC", "1m", random_klines(KLINES))
    return url
