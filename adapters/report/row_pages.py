"""Pages of rows: part of a list, and how long all of it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, func

from ..database import Database, backtest_results, backtest_trigger_logs


def page_of(
    database: Database, wanted: Select[Any], offset: int, limit: int, item: Callable[[dict[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    """Return `limit` rows of what is wanted, from `offset` on, each as an item, and the total; nothing where no run has
    been stored yet.
    """
    count = wanted.order_by(None).with_only_columns(func.count(), maintain_column_froms=True)
    with database.reading() as connection:
        if not all(database.has_table(connection, table) for table in (backtest_results, backtest_trigger_logs)):
            return {"total": 0, "offset": offset, "items": []}
        total = connection.execute(count).scalar_one()
        rows = connection.execute(wanted.limit(limit).offset(offset)).mappings().all()
    return {"total": total, "offset": offset, "items": [item(dict(row)) for row in rows]}
