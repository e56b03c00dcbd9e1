"""perpsim's own tables beside the platform's result tables: what those have no column for."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, Table, Text, UniqueConstraint

from .schema import backtest_results, backtest_trigger_logs, metadata

_OWNER = "backtest_results.id"

#: Everything of a result but its curve, trades and trigger log, as JSON.
backtest_details = Table(
    "backtest_details",
    metadata,
    Column("backtest_id", Integer, ForeignKey(_OWNER, ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("result", Text, nullable=False),
)

#: The trade records of a result, one JSON object each.
backtest_trades = Table(
    "backtest_trades",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("backtest_id", Integer, ForeignKey(_OWNER, ondelete="CASCADE"), nullable=False, index=True),
    Column("trade_index", Integer, nullable=False),
    Column("trade", Text, nullable=False),
    UniqueConstraint("backtest_id", "trade_index"),
)

#: The tables that a stored result takes, parents first.
RESULT_TABLES = (backtest_results, backtest_trigger_logs, backtest_details, backtest_trades)
