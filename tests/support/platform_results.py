"""Results as the live platform stores them: its own tables with exact decimals, JSON values and columns of its own."""

from __future__ import annotations

import json

from tests.support.databases import Raw

_START_MS = 1_704_103_200_000  # 2024-01-01 10:00 UTC

_TABLES = """
create table backtest_results (id {key}, backtest_type varchar(20) not null, binding_id integer, prompt_id integer,
  user_id integer, config {json}, start_time timestamp, end_time timestamp, initial_balance {number},
  final_equity {number}, total_pnl {number}, total_pnl_percent {number}, max_drawdown {number},
  max_drawdown_percent {number}, total_triggers integer, total_trades integer, winning_trades integer,
  losing_trades integer, win_rate {number}, profit_factor {number}, sharpe_ratio {number}, equity_curve {json},
  execution_time_ms integer, status varchar(20), error_message text, exchange varchar(20),
  created_at timestamp default current_timestamp, completed_at timestamp);
create table backtest_trigger_logs (id {key}, backtest_id integer not null references backtest_results (id),
  trigger_index integer not null, trigger_type varchar(20), trigger_time timestamp, symbol varchar(20),
  decision_type varchar(20), decision_action varchar(20), decision_symbol varchar(20), decision_side varchar(10),
  decision_size {number}, decision_reason text, entry_price {number}, exit_price {number}, pnl {number},
  fee {number}, unrealized_pnl {number}, realized_pnl {number}, equity_before {number}, equity_after {number},
  decision_input {json}, decision_output {json}, data_queries {json}, execution_logs {json}, execution_error text,
  created_at timestamp default current_timestamp);
create table trading_programs (id {key}, user_id integer, name varchar(100), code text);
create table account_program_bindings (id {key}, account_id integer, program_id integer, signal_pool_ids {json})
"""
_CONFIG = {
    "signal_pool_ids": [1],
    "symbols": ["BTC"],
    "scheduled_interval_sec": 300,
    "slippage_percent": 0.05,
    "fee_rate": 0.035,
}
_ACTIONS = ("hold", "buy", "hold", "close")
_EQUITY = (10_000.0, 10_000.0, 9_990.0, 10_123.5)


def add_platform_tables(raw: Raw, url: str) -> None:
    """Make the platform's own tables of results and of programs."""
    words = (
        {"key": "integer primary key", "number": "numeric(18,6)", "json": "text"}
        if url.startswith("sqlite")
        else {"key": "serial primary key", "number": "numeric(18,6)", "json": "jsonb"}
    )
    for statement in _TABLES.format(**words).split(";"):
        raw.execute(statement)


def add_platform_run(raw: Raw) -> None:
    """Store a run of binding 3, as the platform does: result 1, of four triggers and one closed trade."""
    raw.execute("insert into trading_programs (id, name, code) values (8, 'Night owl', 'class Owl: pass')")
    raw.execute("insert into account_program_bindings (id, account_id, program_id) values (3, 1, 8)")
    curve = [
        {"timestamp": _START_MS + place * 300_000, "equity": equity, "balance": equity, "trigger_type": "scheduled"}
        for place, equity in enumerate(_EQUITY)
    ]
    raw.execute(
        "insert into backtest_results (backtest_type, binding_id, user_id, config, start_time, end_time, "
        "initial_balance, final_equity, total_pnl, total_pnl_percent, max_drawdown, max_drawdown_percent, "
        "total_triggers, total_trades, winning_trades, losing_trades, win_rate, profit_factor, sharpe_ratio, "
        "equity_curve, execution_time_ms, status, exchange, created_at, completed_at) values ('program', 3, 1, "
        ":config, '2024-01-01 10:00:00', '2024-01-01 10:20:00', 10000, 10123.5, 123.5, 1.235, 10, 0.1, 4, 1, 1, 0, "
        "100, null, 1.5, :curve, 12, 'completed', 'hyperliquid', '2024-05-01 08:00:00', '2024-05-01 08:00:01')",
        config=json.dumps(_CONFIG),
        curve=json.dumps(curve),
    )
    for place, action in enumerate(_ACTIONS):
        raw.execute(
            "insert into backtest_trigger_logs (backtest_id, trigger_index, trigger_type, trigger_time, symbol, "
            "decision_type, decision_action, decision_symbol, decision_reason, equity_before, equity_after, "
            "decision_input, decision_output, data_queries, execution_logs) values (1, :place, 'scheduled', :time, "
            "'BTC', 'program', :action, 'BTC', 'why', 10000, :equity, :saw, :decided, :asked, '[]')",
            place=place,
            time=f"2024-01-01 10:{5 * place:02}:00",
            action=action,
            equity=_EQUITY[place],
            saw=json.dumps({"balance": 10_000.0, "equity": 10_000.0, "trigger_type": "scheduled", "positions": {}}),
            decided=json.dumps({"operation": action, "symbol": "BTC", "reason": "why"}),
            asked=json.dumps([{"method": "get_price", "args": {"symbol": "BTC"}, "result": 42_000.0}]),
        )
