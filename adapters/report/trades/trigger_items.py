"""Rows of the trigger log as the page shows them."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import Any

from engine.contract import ActionType

from ...database import stored_json
from ...results import epoch_ms, trigger_answer, trigger_details

#: What a trigger has under the name of its column.
_SAME_NAMES = "trigger_type symbol entry_price exit_price pnl fee equity_before equity_after".split()


def trigger_item(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of backtest_trigger_logs as an item of a list."""
    answer = trigger_answer(row)
    order, warm_up = answer.get("order") or {}, answer.get("warm_up")
    action, decided = row["decision_action"], row["decision_symbol"]
    return {
        "index": row["trigger_index"],
        "timestamp": epoch_ms(row["trigger_time"]),
        **{name: row[name] for name in _SAME_NAMES},
        "action": action,
        "decision_symbol": decided,
        "decided": f"{action} {decided}" if decided and action != ActionType.HOLD else action,
        "side": row["decision_side"],
        "size": row["decision_size"],
        "reason": row["decision_reason"],
        "price": row["exit_price"] if row["entry_price"] is None else row["entry_price"],
        "order_status": order.get("status"),
        "order_reason": order.get("reason"),
        "order_text": ": ".join(filter(None, (order.get("status"), order.get("reason"))))
        or ("" if warm_up is None else f"{warm_up['outcome']}: {warm_up['indicator']} too short"),
        "log_lines": len(stored_json(row["execution_logs"]) or []),
        "error": row["execution_error"],
    }


def whole_trigger(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of backtest_trigger_logs with what the program saw, asked, decided and logged; `decisions` are all
    of several with what became of each.
    """
    return {**trigger_item(row), **trigger_details(row), "decisions": trigger_answer(row).get("decisions")}


def items_within(rows: Sequence[dict[str, Any]], most_bytes: int) -> list[dict[str, Any]]:
    """Return rows as `whole_trigger` gives them: the first of them that deflated take about so many bytes."""
    found: list[dict[str, Any]] = []
    deflating, taken = zlib.compressobj(1), 0
    for row in rows:
        found.append(whole_trigger(row))
        taken += len(deflating.compress(json.dumps(found[-1]).encode()))
        if taken > most_bytes:
            return found[:-1]
    return found
