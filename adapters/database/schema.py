"""The tables of the stored data, as SQLAlchemy Core knows them.

Names and units are the platform's: `crypto_klines.timestamp` is the open of the kline in seconds, every other
`timestamp` is in ms. On SQLite the columns have the platform's NUMERIC affinity, which keeps a bound double bit for
bit; tables that perpsim creates on PostgreSQL hold DOUBLE PRECISION, so that both databases give the same bits. JSON
is held as text.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    DECIMAL,
    BigInteger,
    Boolean,
    Column,
    Double,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    func,
    text,
    true,
)
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import TIMESTAMP, TypeEngine

from engine import DataError
from engine.plain_values import shown

from .interface import ABSENT, SECONDS, Database
from .needed_columns import BOOK, FEATURES, FUNDING, KLINES, MARK_KLINES, METRICS, REGIMES, TRADES

#: The two values that mark the rows that count; importers write them.
MAINNET = "mainnet"
CRYPTO = "CRYPTO"

#: What it means when the tables of signals or of results are not there.
_NO_SIGNALS = {ABSENT: ": no signals have been stored there; perpsim signals add stores some"}
_NO_RESULTS = {ABSENT: ": no run has been saved there; perpsim run --save saves one, and makes the tables"}
_NO_STUDIES = {ABSENT: ": no study has been saved there; perpsim sweep --save saves one, and makes the tables"}

metadata = MetaData()


class NoJson(DataError, ValueError):
    """What a JSON column holds is none."""


def stored_json(stored: Any) -> Any:
    """Return what a JSON column says, None for NULL: its text or, where the platform made the table on PostgreSQL, the
    value that it holds already. `NoJson` for a text that is none.
    """
    try:
        return json.loads(stored) if isinstance(stored, str) else stored
    except (ValueError, RecursionError) as error:
        raise NoJson(f"{error}: what the database holds there is no JSON: {shown(stored)}") from error


def _decimal(precision: int, scale: int) -> TypeEngine[float]:
    return DECIMAL(precision, scale, asdecimal=False).with_variant(Double(), "postgresql")


_PRICE, _RATE, _COINS, _USD = _decimal(18, 6), _decimal(18, 8), _decimal(24, 8), _decimal(24, 6)
_REAL = Float().with_variant(Double(), "postgresql")


def _columns(kind: TypeEngine[Any], names: str, **options: Any) -> list[Column[Any]]:
    return [Column(name, kind, **options) for name in names.split()]


def _amounts(kind: TypeEngine[Any], names: str) -> list[Column[Any]]:
    return _columns(kind, names, nullable=False, server_default=text("0"))


def _now(names: str) -> list[Column[Any]]:
    return _columns(TIMESTAMP(), names, server_default=func.current_timestamp())


def _of_run(**options: Any) -> Column[int]:
    return Column("backtest_id", Integer, ForeignKey("backtest_results.id", ondelete="CASCADE"), **options)


def _deleted() -> tuple[Column[bool], Column[object]]:
    return (Column("is_deleted", Boolean, nullable=False, server_default=false()), Column("deleted_at", TIMESTAMP))


def _table(name: str, *columns: SchemaItem, info: dict[str, Any] | None = None) -> Table:
    return Table(name, metadata, Column("id", Integer, primary_key=True), *columns, info=info or {})


def _timed_table(name: str, *columns: SchemaItem, info: dict[str, Any] | None = None) -> Table:
    """Return a table with one row for each exchange, symbol and timestamp in ms."""
    return _table(
        name,
        *_columns(String(20), "exchange symbol", nullable=False),
        Column("timestamp", BigInteger, nullable=False),
        *columns,
        *_now("created_at"),
        UniqueConstraint("exchange", "symbol", "timestamp"),
        info=info or {},
    )


crypto_klines = _table(
    KLINES,
    *_columns(String(20), "exchange symbol", nullable=False),
    *_columns(String(10), "market period", nullable=False),
    Column("timestamp", BigInteger().with_variant(Integer(), "sqlite"), nullable=False),
    Column("datetime_str", String(50), nullable=False),
    Column("environment", String(20), nullable=False),
    *_columns(_PRICE, "open_price high_price low_price close_price"),
    *_columns(_decimal(18, 2), "volume amount"),
    Column("change", _PRICE),
    Column("percent", _decimal(10, 4)),
    *_now("created_at"),
    UniqueConstraint("exchange", "symbol", "market", "period", "timestamp", "environment"),
)

#: What was traded in the 15 seconds that end at `timestamp`.
market_trades_aggregated = _timed_table(
    TRADES,
    *_amounts(_COINS, "taker_buy_volume taker_sell_volume"),
    *_amounts(Integer(), "taker_buy_count taker_sell_count"),
    *_amounts(_USD, "taker_buy_notional taker_sell_notional"),
    *_columns(_PRICE, "vwap high_price low_price"),
    *_amounts(_USD, "large_buy_notional large_sell_notional"),
    *_amounts(Integer(), "large_buy_count large_sell_count"),
)

#: What an exchange publishes of an asset; each value may stand in a row of its own.
market_asset_metrics = _timed_table(
    METRICS,
    Column("open_interest", _COINS),
    Column("funding_rate", _RATE),
    *_columns(_PRICE, "mark_price oracle_price mid_price"),
    Column("premium", _RATE),
    Column("day_notional_volume", _USD),
)

market_orderbook_snapshots = _timed_table(
    BOOK,
    *_columns(_PRICE, "best_bid best_ask spread"),
    *_amounts(_COINS, "bid_depth_5 ask_depth_5 bid_depth_10 ask_depth_10"),
    *_amounts(Integer(), "bid_orders_count ask_orders_count"),
    Column("raw_levels", Text),
)

#: Funding payments of a venue, hours apart; the mark price is the one that the payment was worked out with. In a
#: platform's database `timestamp` is in seconds: see `Database.timestamp_unit_ms`.
perp_funding = _timed_table(FUNDING, Column("funding_rate", _RATE), Column("mark_price", _PRICE), info={SECONDS: True})

#: perpsim's own: 1m klines of the mark price; `timestamp` is their open, in ms. Their closes are mark prices as well.
perp_mark_klines = _timed_table(
    MARK_KLINES, *_columns(_PRICE, "open_price high_price low_price close_price", nullable=False)
)

#: perpsim's own: data of one's own. A value is known from `timestamp` on, in ms; of symbol "*" it is for every symbol.
perp_features = _table(
    FEATURES,
    *_columns(String(20), "exchange symbol", nullable=False),
    Column("feature", String(80), nullable=False),
    Column("timestamp", BigInteger, nullable=False),
    Column("value", _REAL, nullable=False),
    *_now("created_at"),
    UniqueConstraint("exchange", "symbol", "feature", "timestamp"),
)

#: perpsim's own: which files were imported, known by their content and how it was read (`digest`); `rows` of
#: `table_name`, from `first_ms` to `last_ms`, came of them.
perp_imported_files = _table(
    "perp_imported_files",
    *_columns(String(20), "exchange symbol kind", nullable=False),
    Column("digest", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("table_name", String(40), nullable=False),
    Column("period", String(10), nullable=False),
    *_columns(BigInteger(), "rows first_ms last_ms", nullable=False),
    *_now("created_at"),
    UniqueConstraint("exchange", "symbol", "kind", "digest"),
)

#: perpsim's own: imports and downloads that were begun from the page. `owner` tells whether the server that began one
#: is still there; `report` has lines of text as JSON.
perp_data_jobs = _table(
    "perp_data_jobs",
    *_columns(String(20), "kind status", nullable=False),
    *_columns(Text(), "title owner", nullable=False),
    *_columns(Text(), "message report"),
    Column("created_ms", BigInteger, nullable=False),
    Column("ended_ms", BigInteger),
)

signal_definitions = _table(
    "signal_definitions",
    Column("signal_name", String(100), nullable=False),
    Column("description", Text),
    Column("trigger_condition", Text, nullable=False),
    Column("enabled", Boolean, server_default=true()),
    Column("exchange", String(20), nullable=False, server_default="hyperliquid"),
    *_deleted(),
    *_now("created_at updated_at"),
    info=_NO_SIGNALS,
)

signal_pools = _table(
    "signal_pools",
    Column("pool_name", String(100), nullable=False),
    Column("signal_ids", Text, nullable=False, server_default="[]"),
    Column("symbols", Text, nullable=False, server_default="[]"),
    Column("logic", String(10), server_default="OR"),
    Column("enabled", Boolean, server_default=true()),
    Column("exchange", String(20), nullable=False, server_default="hyperliquid"),
    Column("source_type", String(30), nullable=False, server_default="market_signals"),
    Column("source_config", Text, nullable=False, server_default="{}"),
    *_deleted(),
    *_now("created_at"),
    info=_NO_SIGNALS,
)

market_regime_configs = _table(
    REGIMES,
    Column("name", String(100), nullable=False),
    Column("is_default", Boolean, server_default=false()),
    Column("rolling_window", Integer, server_default=text("48")),
    *_columns(
        _REAL,
        "breakout_cvd_z breakout_oi_z breakout_price_atr breakout_taker_high breakout_taker_low absorption_cvd_z "
        "absorption_price_atr trap_cvd_z trap_oi_z exhaustion_cvd_z exhaustion_rsi_high exhaustion_rsi_low "
        "stop_hunt_range_atr stop_hunt_close_atr noise_cvd_z breakout_body_ratio continuation_cvd_divisor",
    ),
    *_now("created_at updated_at"),
)

#: One row for each stored run; `status` is "running", "completed" or "error".
backtest_results = _table(
    "backtest_results",
    Column("backtest_type", String(20), nullable=False, server_default="program"),
    Column("config", Text),
    *_columns(TIMESTAMP(), "start_time end_time"),
    *_columns(_REAL, "initial_balance final_equity total_pnl total_pnl_percent max_drawdown max_drawdown_percent"),
    *_columns(Integer(), "total_triggers total_trades winning_trades losing_trades"),
    *_columns(_REAL, "win_rate profit_factor sharpe_ratio"),
    Column("equity_curve", Text),
    Column("execution_time_ms", Integer),
    Column("status", String(20), server_default="running"),
    Column("error_message", Text),
    Column("exchange", String(20)),
    *_now("created_at"),
    Column("completed_at", TIMESTAMP),
    info=_NO_RESULTS,
)

#: All of a row but its long texts. SQLite reads a row from its begin on: what stands behind the curve takes as long as
#: that does.
Index(
    "ix_backtest_results_short",
    *(backtest_results.c[name] for name in ("backtest_type", "id")),
    *(each for each in backtest_results.c if each.name not in ("backtest_type", "id", "config", "equity_curve")),
).ddl_if(dialect="sqlite")

#: One row for each trigger of a stored run.
backtest_trigger_logs = _table(
    "backtest_trigger_logs",
    _of_run(nullable=False, index=True),
    Column("trigger_index", Integer, nullable=False),
    Column("trigger_type", String(20)),
    Column("trigger_time", TIMESTAMP),
    Column("symbol", String(20)),
    Column("decision_type", String(20), server_default="program"),
    *_columns(String(20), "decision_action decision_symbol"),
    Column("decision_side", String(10)),
    Column("decision_size", _REAL),
    Column("decision_reason", Text),
    *_columns(_REAL, "entry_price exit_price pnl fee unrealized_pnl realized_pnl equity_before equity_after"),
    *_columns(Text(), "decision_input decision_output data_queries execution_logs execution_error"),
    *_now("created_at"),
    info=_NO_RESULTS,
)

#: perpsim's own beside the platform's: everything of a result but its curve, trades and trigger log, as JSON.
backtest_details = Table(
    "backtest_details", metadata, _of_run(primary_key=True, autoincrement=False), Column("result", Text, nullable=False)
)

#: The trade records of a result, one JSON object each.
backtest_trades = _table(
    "backtest_trades",
    _of_run(nullable=False, index=True),
    Column("trade_index", Integer, nullable=False),
    Column("trade", Text, nullable=False),
    UniqueConstraint("backtest_id", "trade_index"),
)

#: What a user calls a stored run, whoever has made it.
backtest_labels = Table(
    "backtest_labels", metadata, _of_run(primary_key=True, autoincrement=False), Column("label", Text, nullable=False)
)

#: The lines of its journal, where its run has kept one: packed, in parts of many, without their hashes.
backtest_journals = _table(
    "backtest_journals",
    _of_run(nullable=False, index=True),
    Column("part", Integer, nullable=False),
    Column("lines", LargeBinary, nullable=False),
    UniqueConstraint("backtest_id", "part"),
)

#: What a result has at every minute, and each long series of the program's own: packed, in parts of many values.
backtest_series = _table(
    "backtest_series",
    _of_run(nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("part", Integer, nullable=False),
    Column("packed", LargeBinary, nullable=False),
    UniqueConstraint("backtest_id", "name", "part"),
)

#: What became of its orders, packed, in parts: a result that an older version stored has none.
backtest_orders = _table(
    "backtest_orders",
    _of_run(nullable=False, index=True),
    Column("part", Integer, nullable=False),
    Column("packed", LargeBinary, nullable=False),
    UniqueConstraint("backtest_id", "part"),
)

#: What a user has noted of a stored run beside its label; `deleted_ms` is when it was deleted (epoch ms): until its
#: rows are removed it can be brought back.
backtest_desk = Table(
    "backtest_desk",
    metadata,
    _of_run(primary_key=True, autoincrement=False),
    Column("note", Text),
    Column("is_starred", Boolean, nullable=False, server_default=false()),
    Column("deleted_ms", BigInteger),
)

#: The tags that a user has given it.
backtest_tags = _table(
    "backtest_tags",
    _of_run(nullable=False, index=True),
    Column("tag", Text, nullable=False),
    UniqueConstraint("backtest_id", "tag"),
)

#: The tables that a stored result takes, parents first; others stand beside them.
RESULT_TABLES = (backtest_results, backtest_trigger_logs, backtest_details, backtest_trades, backtest_labels)

#: Every table with rows of a result, the result's own last: in this order they are removed.
TABLES_OF_RESULTS = (
    *(each for each in metadata.sorted_tables if any(key.references(backtest_results) for key in each.foreign_keys)),
    backtest_results,
)

#: perpsim's own: one row for each study; `status` is "running", "completed", "interrupted" or "error". `config` is what
#: its trials vary and `plan` how, as JSON; `done`, `failed` and `best_*` are of the trials that are stored.
perp_studies = _table(
    "perp_studies",
    *_columns(String(20), "kind status", nullable=False),
    *_columns(Text(), "label program symbols metric error_message"),
    Column("exchange", String(20)),
    *_columns(TIMESTAMP(), "start_time end_time"),
    *_columns(Text(), "config plan", nullable=False),
    Column("planned", Integer),
    *_amounts(Integer(), "done failed"),
    Column("best_number", Integer),
    Column("best_value", _REAL),
    *_amounts(_REAL, "duration_s"),
    *_now("created_at"),
    Column("completed_at", TIMESTAMP),
    info=_NO_STUDIES,
)

#: One row for each trial of a study that is done: what it differed in and its figures as JSON, those figures that lists
#: have in columns too, the first metric of the study as `metric`, and the equity at its daily marks, packed.
perp_trials = _table(
    "perp_trials",
    Column("study_id", Integer, ForeignKey("perp_studies.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("trial", Text, nullable=False),
    *_columns(_REAL, "metric total_pnl_percent max_drawdown_percent sharpe_ratio total_trades duration_ms"),
    Column("digest", String(64)),
    *_columns(Text(), "error notes"),
    Column("figures", Text, nullable=False),
    Column("daily_equity", LargeBinary, nullable=False),
    UniqueConstraint("study_id", "number"),
    info=_NO_STUDIES,
)

#: Which stored result is that of which trial, where one was opened as a result.
perp_trial_results = _table(
    "perp_trial_results",
    Column("backtest_id", Integer, nullable=False, unique=True),
    Column("study_id", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    info=_NO_STUDIES,
)

#: The tables that a stored study takes, parents first.
STUDY_TABLES = (perp_studies, perp_trials)


def create_database(
    database: Database, *, dry_run: bool = False, only: Sequence[Table] = ()
) -> tuple[list[str], list[str]]:
    """Create the tables that are missing, in one transaction; return their names and those that were there. `only`
    names the tables that are looked at, where it is not all.

    Those that were there are not touched. Raises `DataError` when one of them lacks a column; nothing is created then.
    """
    tables = only or metadata.sorted_tables
    with database.reading() if dry_run else database.writing() as connection:
        there = [table for table in tables if database.has_table(connection, table)]
        for table in there:
            database.require_table(connection, table)
        missing = [table for table in tables if table not in there]
        if not dry_run:
            database.create_tables(connection, missing)
    return [table.name for table in missing], [table.name for table in there]
