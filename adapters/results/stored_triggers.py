"""Stored triggers as plain values: what the program saw, asked, decided and logged at each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import String, cast, select

from engine import DataError

from ..database import Database, backtest_trigger_logs, stored_json
from .trigger_filter import is_eventful
from .trigger_log_rows import epoch_ms

Row = Mapping[Any, Any]


def read_trigger(database: Database, run_id: int, index: int) -> dict[str, Any]:
    """Return one trigger of a stored run as the trigger log has it, with what the program `saw`. `DataError` for one
    that has no row.
    """
    c = backtest_trigger_logs.c
    found = select(backtest_trigger_logs).where(c.backtest_id == run_id, c.trigger_index == index)
    with database.reading() as connection:
        database.require_table(connection, backtest_trigger_logs)
        row = connection.execute(found).mappings().first()
    if row is None:
        raise DataError(
            f"{database.name}: of result {run_id} no trigger {index} is stored; quiet ones, of which nothing came, "
            "take no row but with perpsim run --all-triggers"
        )
    return {**log_entry(row), "saw": stored_json(row["decision_input"])}


def read_triggers(database: Database, run_id: int, all_triggers: bool = False) -> Iterator[dict[str, Any]]:
    """Yield the stored triggers of a run as the trigger log of its JSON has them, quiet ones with `all_triggers`."""
    c = backtest_trigger_logs.c
    found = select(backtest_trigger_logs).where(c.backtest_id == run_id).order_by(c.id)
    with database.reading() as connection:
        wanted = found if all_triggers else found.where(is_eventful())
        for row in connection.execute(wanted).mappings():
            yield log_entry(row)


def lacks_pools(database: Database, run_id: int) -> bool:
    """Tell whether a version stored the run that did not note the ids of the pools that triggered."""
    c = backtest_trigger_logs.c
    saw = cast(c.decision_input, String)
    found = select(c.id).where(c.backtest_id == run_id, c.trigger_type == "signal", ~saw.contains('"signal_pool_id": '))
    with database.reading() as connection:
        return connection.execute(found.limit(1)).first() is not None


def log_entry(row: Row) -> dict[str, Any]:
    """Return a row of backtest_trigger_logs as `TriggerRecord.to_dict` has the trigger."""
    saw, answer = _dict(row["decision_input"]), trigger_answer(row)
    return {
        "index": row["trigger_index"],
        "timestamp": epoch_ms(row["trigger_time"]),
        "trigger_type": row["trigger_type"],
        "symbol": row["symbol"],
        "pool_id": saw.get("signal_pool_id"),
        "pool_name": saw.get("signal_pool_name") or "",
        "triggered_signals": saw.get("triggered_signals") or [],
        "decision": answer.get("decision"),
        **{name: answer[name] for name in ("order", "warm_up", "decisions") if answer.get(name) is not None},
        "equity_before": row["equity_before"],
        "equity_after": row["equity_after"],
        "logs": stored_json(row["execution_logs"]) or [],
        "queries": stored_json(row["data_queries"]) or [],
        "error": row["execution_error"],
    }


def trigger_details(row: Row) -> dict[str, Any]:
    """Return what a row has as JSON: what the program saw, asked, logged and decided, and what became of that."""
    answer = trigger_answer(row)
    return {
        "saw": stored_json(row["decision_input"]),
        "queries": stored_json(row["data_queries"]),
        "logs": stored_json(row["execution_logs"]),
        **{name: answer.get(name) for name in ("decision", "order", "warm_up")},
    }


def trigger_answer(row: Row) -> dict[str, Any]:
    """Return the decision and what became of it; in a row of the platform's own the decision stands alone."""
    found = _dict(row["decision_output"])
    return {"decision": found} if "operation" in found else found


def _dict(stored: Any) -> dict[str, Any]:
    found = stored_json(stored)
    return found if isinstance(found, dict) else {}
