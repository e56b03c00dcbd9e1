"""The tables of the stored data, as SQLAlchemy Core knows them.

Names and units are the platform's: `crypto_klines.timestamp` is the open of the kline in seconds, every other
`timestamp` is in ms. On SQLite the columns have the platform's NUMERIC affinity, which keeps a bound double bit for
bit; tables that perpsim creates on PostgreSQL hold DOUBLE PRECISION, so that both databases give the same bits. JSON
is held as text.
"""

from __future__ import annotations

from sqlalchemy import (
    DECIMAL,
    BigInteger,
    Boolean,
    Column,
    Double,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
    true,
)
from sqlalchemy.sql import expression
from sqlalchemy.types import TIMESTAMP, TypeEngine

#: The two values that mark the rows that count; importers write them.
MAINNET = "mainnet"
CRYPTO = "CRYPTO"

metadata = MetaData()


def _decimal(precision: int, scale: int) -> TypeEngine[float]:
    return DECIMAL(precision, scale, asdecimal=False).with_variant(Double(), "postgresql")


def _real() -> TypeEngine[float]:
    return Float().with_variant(Double(), "postgresql")


def _seconds() -> TypeEngine[int]:
    return BigInteger().with_variant(Integer(), "sqlite")


def _now(name: str) -> Column[object]:
    return Column(name, TIMESTAMP, server_default=func.current_timestamp())


def _amount(name: str, precision: int = 24, scale: int = 8) -> Column[float]:
    return Column(name, _decimal(precision, scale), nullable=False, server_default=text("0"))


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=text("0"))


def _deleted() -> tuple[Column[bool], Column[object]]:
    return (
        Column("is_deleted", Boolean, nullable=False, server_default=expression.false()),
        Column("deleted_at", TIMESTAMP),
    )


def _timed_table(name: str, *columns: Column[float] | Column[int] | Column[str]) -> Table:
    """Return a table with one row for each exchange, symbol and timestamp in ms."""
    return Table(
        name,
        metadata,
        Column("id", Integer, primary_key=True),
        Column("exchange", String(20), nullable=False),
        Column("symbol", String(20), nullable=False),
        Column("timestamp", BigInteger, nullable=False),
        *columns,
        _now("created_at"),
        UniqueConstraint("exchange", "symbol", "timestamp"),
    )


crypto_klines = Table(
    "crypto_klines",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("exchange", String(20), nullable=False),
    Column("symbol", String(20), nullable=False),
    Column("market", String(10), nullable=False),
    Column("period", String(10), nullable=False),
    Column("timestamp", _seconds(), nullable=False),
    Column("datetime_str", String(50), nullable=False),
    Column("environment", String(20), nullable=False),
    Column("open_price", _decimal(18, 6)),
    Column("high_price", _decimal(18, 6)),
    Column("low_price", _decimal(18, 6)),
    Column("close_price", _decimal(18, 6)),
    Column("volume", _decimal(18, 2)),
    Column("amount", _decimal(18, 2)),
    Column("change", _decimal(18, 6)),
    Column("percent", _decimal(10, 4)),
    _now("created_at"),
    UniqueConstraint("exchange", "symbol", "market", "period", "timestamp", "environment"),
)

#: What was traded in the 15 seconds that end at `timestamp`.
market_trades_aggregated = _timed_table(
    "market_trades_aggregated",
    _amount("taker_buy_volume"),
    _amount("taker_sell_volume"),
    _count("taker_buy_count"),
    _count("taker_sell_count"),
    _amount("taker_buy_notional", scale=6),
    _amount("taker_sell_notional", scale=6),
    Column("vwap", _decimal(18, 6)),
    Column("high_price", _decimal(18, 6)),
    Column("low_price", _decimal(18, 6)),
    _amount("large_buy_notional", scale=6),
    _amount("large_sell_notional", scale=6),
    _count("large_buy_count"),
    _count("large_sell_count"),
)

#: What an exchange publishes of an asset; each value may stand in a row of its own.
market_asset_metrics = _timed_table(
    "market_asset_metrics",
    Column("open_interest", _decimal(24, 8)),
    Column("funding_rate", _decimal(18, 8)),
    Column("mark_price", _decimal(18, 6)),
    Column("oracle_price", _decimal(18, 6)),
    Column("mid_price", _decimal(18, 6)),
    Column("premium", _decimal(18, 8)),
    Column("day_notional_volume", _decimal(24, 6)),
)

market_orderbook_snapshots = _timed_table(
    "market_orderbook_snapshots",
    Column("best_bid", _decimal(18, 6)),
    Column("best_ask", _decimal(18, 6)),
    Column("spread", _decimal(18, 6)),
    _amount("bid_depth_5"),
    _amount("ask_depth_5"),
    _amount("bid_depth_10"),
    _amount("ask_depth_10"),
    _count("bid_orders_count"),
    _count("ask_orders_count"),
    Column("raw_levels", Text),
)

#: Funding payments of a venue, hours apart; the mark price is the one that the payment was worked out with.
perp_funding = _timed_table(
    "perp_funding", Column("funding_rate", _decimal(18, 8)), Column("mark_price", _decimal(18, 6))
)

signal_definitions = Table(
    "signal_definitions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("signal_name", String(100), nullable=False),
    Column("description", Text),
    Column("trigger_condition", Text, nullable=False),
    Column("enabled", Boolean, server_default=true()),
    Column("exchange", String(20), nullable=False, server_default="hyperliquid"),
    *_deleted(),
    _now("created_at"),
    _now("updated_at"),
)

signal_pools = Table(
    "signal_pools",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("pool_name", String(100), nullable=False),
    Column("signal_ids", Text, nullable=False, server_default="[]"),
    Column("symbols", Text, nullable=False, server_default="[]"),
    Column("logic", String(10), server_default="OR"),
    Column("enabled", Boolean, server_default=true()),
    Column("exchange", String(20), nullable=False, server_default="hyperliquid"),
    Column("source_type", String(30), nullable=False, server_default="market_signals"),
    Column("source_config", Text, nullable=False, server_default="{}"),
    *_deleted(),
    _now("created_at"),
)

market_regime_configs = Table(
    "market_regime_configs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(100), nullable=False),
    Column("is_default", Boolean, server_default=expression.false()),
    Column("rolling_window", Integer, server_default=text("48")),
    *(
        Column(name, _real())
        for name in (
            "breakout_cvd_z breakout_oi_z breakout_price_atr breakout_taker_high breakout_taker_low absorption_cvd_z "
            "absorption_price_atr trap_cvd_z trap_oi_z exhaustion_cvd_z exhaustion_rsi_high exhaustion_rsi_low "
            "stop_hunt_range_atr stop_hunt_close_atr noise_cvd_z breakout_body_ratio continuation_cvd_divisor"
        ).split()
    ),
    _now("created_at"),
    _now("updated_at"),
)

#: One row for each stored run; `status` is "running", "completed" or "error".
backtest_results = Table(
    "backtest_results",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("backtest_type", String(20), nullable=False, server_default="program"),
    Column("config", Text),
    Column("start_time", TIMESTAMP),
    Column("end_time", TIMESTAMP),
    *(
        Column(name, _real())
        for name in "initial_balance final_equity total_pnl total_pnl_percent max_drawdown max_drawdown_percent".split()
    ),
    *(Column(name, Integer) for name in "total_triggers total_trades winning_trades losing_trades".split()),
    *(Column(name, _real()) for name in "win_rate profit_factor sharpe_ratio".split()),
    Column("equity_curve", Text),
    Column("execution_time_ms", Integer),
    Column("status", String(20), server_default="running"),
    Column("error_message", Text),
    Column("exchange", String(20)),
    _now("created_at"),
    Column("completed_at", TIMESTAMP),
)

#: One row for each trigger of a stored run.
backtest_trigger_logs = Table(
    "backtest_trigger_logs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("backtest_id", Integer, ForeignKey("backtest_results.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("trigger_index", Integer, nullable=False),
    Column("trigger_type", String(20)),
    Column("trigger_time", TIMESTAMP),
    Column("symbol", String(20)),
    Column("decision_type", String(20), server_default="program"),
    Column("decision_action", String(20)),
    Column("decision_symbol", String(20)),
    Column("decision_side", String(10)),
    Column("decision_size", _real()),
    Column("decision_reason", Text),
    *(
        Column(name, _real())
        for name in "entry_price exit_price pnl fee unrealized_pnl realized_pnl equity_before equity_after".split()
    ),
    *(
        Column(name, Text)
        for name in "decision_input decision_output data_queries execution_logs execution_error".split()
    ),
    _now("created_at"),
)
