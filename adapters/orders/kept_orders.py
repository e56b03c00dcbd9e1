"""The orders of stored results: written with them, packed, and read back."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence

from sqlalchemy import Connection, insert, select

from engine import DataError

from ..database import Database, backtest_orders
from .columns_of_orders import OrderColumns

#: So many bytes of a packed text stand in one row.
_PART_BYTES = 1 << 20


def packed_orders(columns: OrderColumns | None) -> list[bytes]:
    """Return columns as `write_order_rows` takes them; nothing of none."""
    if columns is None:
        return []
    packed = zlib.compress(json.dumps(columns, separators=(",", ":")).encode())
    return [packed[start : start + _PART_BYTES] for start in range(0, len(packed), _PART_BYTES)]


def write_order_rows(connection: Connection, run_id: int, packed: Sequence[bytes]) -> None:
    """Write the orders of a result, one part a row."""
    rows = [{"backtest_id": run_id, "part": part, "packed": each} for part, each in enumerate(packed)]
    if rows:
        connection.execute(insert(backtest_orders), rows)


def stored_orders(database: Database, run_id: int) -> OrderColumns | None:
    """Return the orders of a stored result, None where a version stored it that kept none. Raises `DataError` for what
    cannot be read.
    """
    with database.reading() as connection:
        if not database.has_table(connection, backtest_orders):
            return None
        c = backtest_orders.c
        found = select(c.packed).where(c.backtest_id == run_id).order_by(c.part)
        packed = b"".join(bytes(each) for each in connection.execute(found).scalars())
    if not packed:
        return None
    try:
        columns: OrderColumns = json.loads(zlib.decompress(packed))
    except (zlib.error, ValueError) as error:
        raise DataError(f"{database.name}: the orders of result {run_id} cannot be read: {error}") from error
    fills = columns["fills"]
    fills.setdefault("at_open", [False] * len(fills["time"]))  # an older version stored none
    return columns
