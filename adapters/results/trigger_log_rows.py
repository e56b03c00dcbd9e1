"""Trigger records as rows of backtest_trigger_logs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from engine import ActionType
from engine.plain_values import plain
from engine.triggers import TriggerRecord

#: What asking for all triggers means, in the help of the command and the description of the HTTP API.
ALL_TRIGGERS = "Quiet triggers in the log too, not just their number."

PriceAt = Callable[[str, int], float]

_SIDES: Mapping[str, str] = {ActionType.BUY: "long", ActionType.SELL: "short"}


def trigger_row(backtest_id: int, index: int, record: TriggerRecord, price_at: PriceAt) -> dict[str, Any]:
    """Return one row: decision in and out, queries and logs as JSON text; money in USD, time as naive UTC."""
    return row_of(backtest_id, record, record.to_dict(index, price_at))


def row_of(backtest_id: int, record: TriggerRecord, entry: dict[str, Any]) -> dict[str, Any]:
    """Return the row of a record that is there as plain values, `entry`, already."""
    at = record.trigger.timestamp
    decision = entry["decision"]
    fills = [fill for each in record.answers if each.order is not None for fill in each.order.fills]
    entry_fill = next((fill for fill in fills if fill.purpose == "entry"), None)
    realized = record.after.cash - record.before.cash
    exit_fill = next((fill for fill in fills if fill.purpose != "entry"), None)
    return {
        "backtest_id": backtest_id,
        "trigger_index": entry["index"],
        "trigger_type": record.trigger.trigger_type,
        "trigger_time": utc_time(at),
        "symbol": record.trigger.symbol,
        "decision_type": "program",
        "decision_action": _action(decision),
        "decision_symbol": _text(decision, "symbol"),
        "decision_side": _SIDES.get(_action(decision)),
        "decision_size": sum(fill.size for fill in fills) if fills else None,
        "decision_reason": _text(decision, "reason"),
        "entry_price": None if entry_fill is None else entry_fill.price,
        "exit_price": None if exit_fill is None else exit_fill.price,
        "pnl": realized if exit_fill is not None else None,
        "fee": sum(fill.fee for fill in fills) if fills else None,
        "unrealized_pnl": entry["equity_after"] - record.after.cash,
        "realized_pnl": realized,
        "equity_before": entry["equity_before"],
        "equity_after": entry["equity_after"],
        "decision_input": _json(_input(record, entry["equity_before"])),
        "decision_output": _json(_output(entry)),
        "data_queries": _json(entry["queries"]),
        "execution_logs": _json(entry["logs"]),
        "execution_error": record.error,
    }


def utc_time(timestamp_ms: int) -> datetime:
    """Return an instant as the naive UTC datetime that TIMESTAMP columns hold."""
    return datetime.fromtimestamp(timestamp_ms / 1_000, UTC).replace(tzinfo=None)


def epoch_ms(at: datetime | None) -> int | None:
    """Return the epoch ms of a naive UTC datetime, as TIMESTAMP columns hold it."""
    return None if at is None else round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1_000)


def _input(record: TriggerRecord, equity: float) -> dict[str, Any]:
    """Return the account and the trigger as the program found them."""
    state, trigger = record.before, record.trigger
    return {
        "trigger_type": trigger.trigger_type,
        "trigger_symbol": trigger.symbol,
        "signal_pool_id": trigger.pool_id,
        "signal_pool_name": trigger.pool_name,
        "triggered_signals": list(trigger.triggered_signals),
        "total_equity": equity,
        "used_margin": state.used_margin(),
        "available_balance": equity - state.used_margin(),
        "positions": {
            held.symbol: {"side": held.side, "size": held.size, "entry_price": held.entry_price}
            for held in state.holdings.values()
        },
    }


def _output(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the decision and what became of it; of several, those of all beside the first one's."""
    output = {name: entry.get(name) for name in ("decision", "order", "warm_up")}
    return {**output, "decisions": entry["decisions"]} if "decisions" in entry else output


def _action(decision: dict[str, Any] | None) -> str:
    return ActionType.HOLD.value if decision is None else str(decision["operation"])[:20]


def _text(decision: dict[str, Any] | None, name: str) -> str | None:
    return None if decision is None else str(decision[name])


def _json(value: object) -> str:
    return json.dumps(plain(value), sort_keys=True, allow_nan=False)
