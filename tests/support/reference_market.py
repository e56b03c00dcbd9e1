"""The ten-day reference market and the platform's answers on it, as fixtures (tests/conftest.py registers them)."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import (
    PERIOD_MS,
    BookRows,
    FlowHistory,
    KlineColumns,
    MarketHistory,
    SignalDefinition,
    SignalPool,
    SymbolHistory,
    TimedValues,
    TradeRows,
    parse_condition,
)

DAYS = 10
REFERENCE_START = 1_748_736_000_000


@pytest.fixture(scope="session")
def reference_database(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file as the platform fills it."""
    path = tmp_path_factory.mktemp("reference") / "reference.sqlite"
    script = shared / "reference" / "make_reference_db.py"
    subprocess.run([sys.executable, str(script), str(DAYS), str(path)], check=True, timeout=300)
    return path


@pytest.fixture(scope="session", name="expected")
def reference_expected(shared: Path) -> Any:
    """The platform's answers."""
    return json.loads((shared / "reference" / "expected.json").read_text("utf-8"))


@pytest.fixture(scope="session")
def reference_market(reference_database: Path) -> MarketHistory:
    """Both symbols, read past our own loaders."""
    db = sqlite3.connect(reference_database)
    try:
        return MarketHistory([_symbol(db, symbol) for symbol in ("BTC", "ETH")])
    finally:
        db.close()


@pytest.fixture(scope="session")
def reference_signals(reference_database: Path) -> tuple[list[SignalDefinition], list[SignalPool]]:
    """The stored signals and pools, read past our own store."""
    db = sqlite3.connect(reference_database)
    try:
        rows = db.execute("select id, signal_name, trigger_condition from signal_definitions").fetchall()
        signals = {row[0]: SignalDefinition(row[0], row[1], parse_condition(row[2])) for row in rows}
        rows = db.execute("select id, pool_name, signal_ids, symbols, logic from signal_pools").fetchall()
        pools = [
            SignalPool(i, name, tuple(signals[each] for each in json.loads(ids)), tuple(json.loads(symbols)), logic)
            for i, name, ids, symbols, logic in rows
        ]
    finally:
        db.close()
    return list(signals.values()), pools


def _symbol(db: sqlite3.Connection, symbol: str) -> SymbolHistory:
    trades = _columns(
        db, "taker_buy_volume, taker_sell_volume, taker_buy_notional, taker_sell_notional, vwap, high_price, low_price",
        "market_trades_aggregated", symbol,
    )  # fmt: skip
    book = _columns(db, "bid_depth_5, ask_depth_5, spread", "market_orderbook_snapshots", symbol)
    times, interest, funding, mark, oracle = _columns(
        db, "open_interest, funding_rate, mark_price, oracle_price", "market_asset_metrics", symbol
    )
    values = [TimedValues.present(times, column) for column in (mark, interest, funding, oracle)]
    flow = FlowHistory(TradeRows(*trades), BookRows(*book), *values)
    series = [_klines(db, symbol, period) for period in ("1m", "5m", "15m", "1h", "4h", "1d")]
    return SymbolHistory(symbol, series[0], series[1:], flow)


def _klines(db: sqlite3.Connection, symbol: str, period: str) -> KlineColumns:
    times, *rest = _columns(
        db,
        "open_price, high_price, low_price, close_price, volume",
        "crypto_klines",
        symbol,
        f"and period = '{period}'",
    )
    return KlineColumns(PERIOD_MS[period], times * 1000, *rest)


def _columns(db: sqlite3.Connection, names: str, table: str, symbol: str, more: str = "") -> list[Any]:
    rows = db.execute(
        f"select timestamp, {names} from {table} where symbol = ? {more} order by timestamp", (symbol,)
    ).fetchall()
    times, *rest = zip(*rows, strict=True)
    return [np.array(times, np.int64), *(np.array([np.nan if v is None else v for v in c], float) for c in rest)]
