"""The triggers of signal pools as marks on a chart, each with the number of its trigger."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
from sqlalchemy import func, select

from ...database import Database, backtest_trigger_logs, stored_json
from ...results import epoch_ms
from .thinning import Window

_SIGNAL = "signal"


def signals_window(database: Database, run_id: int, symbol: str, window: Window) -> dict[str, Any]:
    """Return the stored triggers of signal pools in a symbol within a window as columns: time (epoch ms), number of the
    trigger, and the pool. Of more than `points` that many are given, spread evenly over all of them.
    """
    c = backtest_trigger_logs.c
    between = c.trigger_time.between(_utc(window.start), _utc(window.end))
    wanted = c.backtest_id == run_id, c.trigger_type == _SIGNAL, c.symbol == symbol, between
    with database.reading() as connection:
        if not database.has_table(connection, backtest_trigger_logs):
            return _columns(0, [])
        total = connection.execute(select(func.count()).select_from(backtest_trigger_logs).where(*wanted)).scalar_one()
        ids = connection.execute(select(c.id).where(*wanted).order_by(c.id)).scalars().all()
        chosen = [ids[place] for place in np.linspace(0, total - 1, min(total, window.points)).round().astype(int)]
        rows = connection.execute(
            select(c.trigger_time, c.trigger_index, c.decision_input).where(c.id.in_(chosen)).order_by(c.id)
        ).all()
    return _columns(total, rows)


def _columns(total: int, rows: Any) -> dict[str, Any]:
    return {
        "total": total,
        "given": len(rows),
        "time": [epoch_ms(at) for at, _, _ in rows],
        "index": [index for _, index, _ in rows],
        "pool": [(stored_json(saw) or {}).get("signal_pool_name") or "" for _, _, saw in rows],
    }


def _utc(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1_000, UTC).replace(tzinfo=None)
