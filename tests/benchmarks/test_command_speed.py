"""What whole commands cost: processor time of the process and of those that it has started, the interpreter's start
and all imports included. What is imported was compiled before, as it is when what was installed has run once. Run
``python -m pytest tests/benchmarks``; prints, and never fails by time.

A month of 1m klines is asked every hour. The pools are woken by the flow of two symbols in 30 days. A year is 525,600
klines of one symbol. PostgreSQL runs with fsync, as a server does; its own processor time is not in the client's.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from adapters import TableRows, create_database, open_database, synthetic_flow_history, synthetic_klines, write_klines
from adapters import write_rows as write_flow
from adapters.database import market_asset_metrics, market_orderbook_snapshots, market_trades_aggregated
from engine import FlowHistory, KlineColumns
from tests.conftest import ROOT
from tests.support.commands import perpsim
from tests.support.databases import raw_database
from tests.support.kline_text import lines, text
from tests.support.klines import random_klines

START = 1_704_067_200_000
DAY = 86_400_000
DAYS = 32
YEAR = 525_600
ROUNDS = 3
#: So long after it was written a file's stamps are proof, and the cache is used.
SETTLED_S = 3.5

PROGRAM = """
class Dips:
    def should_trade(self, data):
        rsi = data.get_indicator("BTC", "RSI14", "1h")
        if "BTC" in data.positions or not rsi or rsi["value"] > 30:
            return None
        price = data.get_price("BTC")
        return Decision("buy", "BTC", target_portion_of_balance=0.3, leverage=2,
                        take_profit_price=price * 1.02, stop_loss_price=price * 0.99)
"""
WOKEN = """
class Woken:
    def should_trade(self, data):
        if data.trigger_type == "signal":
            self.last = data.trigger_market_regime.regime, data.get_flow(data.trigger_symbol, "CVD", "1h")
"""
CONFIG = """
strategy = "{program}"
symbols = {symbols}
exchange = "x"
start_time = {start}
end_time = {end}
scheduled_interval = "1h"
signal_pool_ids = {pools}
"""
SIGNALS = """
[[signal]]
name = "takers"
[signal.condition]
metric = "taker_volume"
direction = "any"
ratio_threshold = 2.0
volume_threshold = 3e6
time_window = "5m"
[[signal]]
name = "opening"
condition = {metric = "oi_delta", operator = ">", threshold = 0.08, time_window = "5m"}
[[pool]]
name = "pressure"
signals = ["takers", "opening"]
symbols = ["BTC", "ETH"]
logic = "and"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The markets and the configurations of all runs; the cache of nobody else."""
    place = tmp_path_factory.mktemp("commands")
    year = f"sqlite:///{place}/year.db"
    perpsim("synth", "--database", year, "--symbol", "BTC", "--days", 366, "--exchange", "x")
    flow = open_database(f"sqlite:///{place}/flow.db", create=True)
    create_database(flow)
    for symbol in ("BTC", "ETH"):
        klines = synthetic_klines(symbol, START, DAYS * 1440, 7)
        write_klines(flow, "x", symbol, "1m", klines)
        write_flow(flow, "x", symbol, rows_of(synthetic_flow_history(symbol, klines, 7)))
    (place / "signals.toml").write_text(SIGNALS)
    perpsim("signals", "add", place / "signals.toml", "--database", flow.name)
    (place / "dips.py").write_text(PROGRAM)
    (place / "woken.py").write_text(WOKEN)
    days = {"month": (31, 60, "dips.py", ["BTC"], []), "year": (1, 366, "dips.py", ["BTC"], [])}
    days["pools"] = (2, 32, "woken.py", ["BTC", "ETH"], [1])
    for name, (first, last, program, symbols, pools) in days.items():
        times = {"start": START + first * DAY, "end": START + last * DAY}
        (place / f"{name}.toml").write_text(CONFIG.format(program=program, symbols=symbols, pools=pools, **times))
    time.sleep(SETTLED_S)
    return place


def rows_of(flow: FlowHistory) -> list[TableRows]:
    """A made-up flow as the rows of the platform's tables."""
    trades, book = flow.trades, flow.book
    traded = {
        "taker_buy_volume": trades.buy_volume,
        "taker_sell_volume": trades.sell_volume,
        "taker_buy_notional": trades.buy_notional,
        "taker_sell_notional": trades.sell_notional,
        "vwap": trades.vwap,
        "high_price": trades.high,
        "low_price": trades.low,
        "taker_sell_count": np.ones(len(trades.low)),
    }
    parts = ("mark_price", "open_interest", "funding_rate", "oracle_price")
    figures = {name: getattr(flow, name).rows.value for name in parts}
    depths = {"bid_depth_5": book.bid_depth, "ask_depth_5": book.ask_depth, "spread": book.spread}
    return [
        TableRows(market_trades_aggregated, trades.timestamp_ms, traded),
        TableRows(market_orderbook_snapshots, book.timestamp_ms, depths),
        TableRows(market_asset_metrics, flow.mark_price.rows.timestamp_ms, figures),
    ]


@pytest.fixture(autouse=True)
def kept_cache(private_cache: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One cache for all of them."""
    monkeypatch.setenv("PERPSIM_CACHE_DIR", str(folder / "cache"))
    monkeypatch.delenv("PYTHONHASHSEED", raising=False)
    return folder / "cache"


def cost(folder: Path, *words: object, before: Callable[[], object] = lambda: None) -> tuple[float, float]:
    """Run a command a few times, after one that does not count; return the least processor time and time, in s."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    costs = []
    for _ in range(1 + ROUNDS):
        before()
        used, began = spent_s(), time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "adapters", *map(str, words)],
            cwd=folder, check=True, stdout=subprocess.DEVNULL, env=environment,
        )  # fmt: skip
        costs.append((spent_s() - used, time.perf_counter() - began))
    return min(cpu for cpu, _ in costs[1:]), min(wall for _, wall in costs[1:])


def spent_s() -> float:
    """The processor time of all processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def told(capfd: pytest.CaptureFixture[str], what: str, cpu: float, wall: float, goal: str) -> None:
    with capfd.disabled():
        print(f"\n    {what:<48} {cpu:7.3f} s of processors {wall:7.3f} s by the clock  (goal {goal})", end="")


@pytest.mark.parametrize("where", ["--trust", ""], ids=["trusted", "jailed"])
def test_a_month_on_a_warm_cache(folder: Path, where: str, capfd: pytest.CaptureFixture[str]) -> None:
    words = ["run", "month.toml", "--database", f"sqlite:///{folder}/year.db", *where.split()]
    told(capfd, f"run of a month, warm cache {where}", *cost(folder, *words), "0.55 s of processors")


@pytest.mark.parametrize("where", ["--trust", ""], ids=["trusted", "jailed"])
def test_pools_of_two_symbols(folder: Path, where: str, kept_cache: Path, capfd: pytest.CaptureFixture[str]) -> None:
    words = ["run", "pools.toml", "--database", f"sqlite:///{folder}/flow.db", *where.split()]
    cold = cost(folder, *words, before=lambda: shutil.rmtree(kept_cache, ignore_errors=True))
    told(capfd, f"run of 30 days of pools, cold cache {where}", *cold, "1.0 s of processors")
    told(capfd, f"the same, warm cache {where}", *cost(folder, *words), "none")


def test_the_equity_of_a_year(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    words = ["run", "year.toml", "--database", f"sqlite:///{folder}/year.db", "--trust", "--quiet"]
    without, with_file = cost(folder, *words), cost(folder, *words, "--equity-csv", folder / "equity.csv")
    more = [after - before for before, after in zip(without, with_file, strict=True)]
    told(capfd, "run of a year", *without, "none")
    told(capfd, "its equity as CSV, more", *more, "0.3 s of processors")


@pytest.fixture(scope="module")
def year_file(folder: Path) -> Path:
    klines: KlineColumns = random_klines(YEAR)
    (folder / "klines.csv").write_text(text(lines(klines)))
    return folder / "klines.csv"


@pytest.fixture
def durable_postgresql(postgresql_url: str) -> Iterator[str]:
    """A database whose server waits for its disk, as that of the other tests does not."""
    with raw_database(postgresql_url) as raw:
        for setting in ("on", "off"):
            raw.execute(f"alter system set fsync = {setting}")
            raw.execute("select pg_reload_conf()")
            if setting == "on":
                yield postgresql_url


def test_import_of_a_year_into_sqlite(folder: Path, year_file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    place = folder / "new.db"

    def remove() -> None:
        for each in folder.glob("new.db*"):
            each.unlink()

    words = ["import", year_file, "--database", f"sqlite:///{place}", "--exchange", "x", "--symbol", "BTC"]
    told(capfd, "import of a year, SQLite", *cost(folder, *words, before=remove), "3 s of processors")


def test_import_of_a_year_into_postgresql(
    folder: Path, year_file: Path, durable_postgresql: str, capfd: pytest.CaptureFixture[str]
) -> None:
    def empty() -> None:
        with raw_database(durable_postgresql) as raw:
            raw.execute("drop table if exists crypto_klines")

    words = ["import", year_file, "--database", durable_postgresql, "--exchange", "x", "--symbol", "BTC"]
    told(capfd, "import of a year, PostgreSQL", *cost(folder, *words, before=empty), "8 s by the clock")
