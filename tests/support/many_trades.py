"""A stored result of very many trades, written straight into the tables: a run of them would take minutes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from adapters import open_database
from adapters.database import backtest_details, backtest_orders, backtest_results, backtest_trades, stored_json
from adapters.orders import packed_orders, write_order_rows
from adapters.results.needed_tables import add_tables

REASONS = ("tp", "sl", "decision", "delisting")
PRICE = 40_000.0


def store_many_trades(market: Path, of_run: int, count: int, with_orders: bool = True) -> int:
    """Store a result like that of a run, with so many trades in BTC, spread evenly over its range, one after another;
    return its id. One reason in four is none that is known; without orders it is as an older version stored it.
    """
    database = open_database(market)
    add_tables(database, [backtest_orders])
    with database.writing() as connection:
        row = dict(connection.execute(select(backtest_results).where(backtest_results.c.id == of_run)).mappings().one())
        row.pop("id")
        details = select(backtest_details.c.result).where(backtest_details.c.backtest_id == of_run)
        figures = stored_json(connection.execute(details).scalar_one())
        figures |= {"total_trades": count, "fills": 2 * count, "open_positions": [], "double_touches": []}
        step = (figures["end_time"] - figures["start_time"]) // count
        trades = made_trades(figures["start_time"], step, count)
        key = connection.execute(insert(backtest_results).values({**row, "total_trades": count})).inserted_primary_key
        assert key is not None
        run_id = int(key[0])
        of = {"backtest_id": run_id}
        connection.execute(insert(backtest_details).values(**of, result=json.dumps(figures)))
        rows = [{**of, "trade_index": place, "trade": json.dumps(trade)} for place, trade in enumerate(trades)]
        connection.execute(insert(backtest_trades), rows)
        if with_orders:
            write_order_rows(connection, run_id, packed_orders(made_orders(trades)))
    return run_id


def made_trades(start: int, step: int, count: int) -> list[dict[str, Any]]:
    """Trades one after another, each held for half of a step (ms)."""
    return [_trade(start + place * step, step // 2, place) for place in range(count)]


def _trade(at: int, held_ms: int, place: int) -> dict[str, Any]:
    pnl = 1.0 if place % 3 else -1.5
    return {
        "timestamp": at, "entry_timestamp": at, "exit_timestamp": at + held_ms, "symbol": "BTC", "side": "long",
        "operation": "buy", "entry_price": PRICE, "exit_price": PRICE + pnl, "size": 1.0, "leverage": 1.0,
        "exit_reason": REASONS[place % 4], "pnl": pnl, "gross_pnl": pnl, "pnl_percent": 0.0, "fee": 0.5,
        "funding": 0.25, "equity_after": 10_000.0, "reason": "made up", "pool_name": "", "trigger_type": "scheduled",
        "triggered_signals": [], "exit_trigger_type": "", "exit_pool_name": "", "exit_decision_reason": "", "tag": "",
    }  # fmt: skip


def made_orders(trades: list[dict[str, Any]]) -> dict[str, dict[str, list[Any]]]:
    """The fills of such trades, as they are stored."""
    fills: list[tuple[Any, ...]] = []
    for place, trade in enumerate(trades):
        of = "BTC", 1, 1.0, PRICE, 0.25, "entry", 2 * place + 1, place, place, None, "", False
        fills.append((trade["entry_timestamp"], *of))
        closing = (
            "BTC",
            -1,
            1.0,
            trade["exit_price"],
            0.25,
            trade["exit_reason"],
            2 * place + 2,
            place,
            place,
            place,
            "",
            False,
        )
        fills.append((trade["exit_timestamp"], *closing))
    names = "time symbol sign size price fee purpose order trigger position trade text at_open".split()
    empty = {
        "orders": "time what order symbol sign size price text trigger",
        "exits": "start end entry symbol sign take_profit stop_loss trailing_percent",
        "levels": "exit time level",
    }
    columns = {name: list(column) for name, column in zip(names, zip(*fills, strict=True), strict=True)}
    return {"fills": columns, **{what: {name: [] for name in of.split()} for what, of in empty.items()}}
