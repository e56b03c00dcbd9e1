"""What identifies the present state of rows in PostgreSQL: equal fingerprints mean equal data.

Two ways, both from one snapshot. At once, for the whole server: the number of the next transaction and those that are
still running. Every change needs a transaction number of its own, so as long as these are the same nothing can have
changed; the last checkpoint and the start of the server exclude that numbers were given out again after a crash or a
restored backup. Surely, for one statement: the sum of a 64-bit hash over each row's values and the transaction that
wrote it, which takes the server about a tenth of a second for a year of minutes. (Statistics counters are neither
transactional nor kept over a crash, and the newest transaction of a table says nothing of deleted rows or of one that
began early and committed late: both are of no use here.)
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, literal_column, select, text

from .interface import Fingerprint

#: The oldest server that can hash a row.
_HASHES_ROWS = 140_000

_STATE = text(
    "SELECT s.system_identifier::text AS server, c.timeline_id AS timeline, c.checkpoint_lsn::text AS checkpoint,"
    " pg_postmaster_start_time()::text AS started, pg_current_snapshot()::text AS snapshot,"
    " current_database()::text AS database, current_user::text AS as_user, current_schemas(true)::text AS schemas"
    " FROM pg_control_system() s, pg_control_checkpoint() c WHERE NOT pg_is_in_recovery()"
    " AND current_setting('server_version_num')::int >= :oldest"
    " AND NOT EXISTS (SELECT FROM pg_class t WHERE t.oid = to_regclass(quote_ident(:name)) AND t.relrowsecurity)"
)

_RELATION = text(
    "SELECT c.oid::bigint AS relation, c.relkind::text AS kind, d.oid::bigint AS database,"
    " s.system_identifier::text AS server, current_setting('server_version_num')::int AS version,"
    " (SELECT array_agg(attname::text) FROM pg_attribute WHERE attrelid = c.oid AND NOT attisdropped) AS names"
    " FROM pg_class c, pg_database d, pg_control_system() s"
    " WHERE c.oid = to_regclass(quote_ident(:name)) AND d.datname = current_database()"
)


def server_state(connection: Connection, statement: Select[Any]) -> Fingerprint | None:
    """Return what identifies the state of all data of a server as this user sees it; None on a standby server, where
    running transactions are not known by their numbers, and where the table of the statement has row security: which
    rows that shows may depend on the session's settings, on the time, on anything.
    """
    found = connection.execute(_STATE, {"oldest": _HASHES_ROWS, "name": _name(statement)}).mappings().one_or_none()
    return None if found is None else dict(found)


def rows_fingerprint(connection: Connection, statement: Select[Any]) -> Fingerprint | None:
    """Return what identifies the rows that a statement on one table selects; None when that is no plain table or the
    server is too old to tell.
    """
    name = _name(statement)
    found = connection.execute(_RELATION, {"name": name}).mappings().one_or_none()
    columns = [column.name for column in statement.selected_columns]
    if (
        found is None
        or found["kind"] != "r"
        or found["version"] < _HASHES_ROWS
        or not set(columns) <= {*found["names"]}
    ):
        return None
    written_by: ColumnElement[Any] = literal_column(f"{connection.dialect.identifier_preparer.quote(name)}.xmin")
    row = func.row(written_by, *statement.selected_columns)
    hashed = select(func.count(), func.sum(func.hash_record_extended(row, 0)))
    if statement.whereclause is not None:
        hashed = hashed.where(statement.whereclause)
    count, total = connection.execute(hashed.select_from(*statement.get_final_froms())).one()
    identity = {name: found[name] for name in ("server", "database", "relation")}
    return {**identity, "columns": columns, "rows": count, "hash": str(total)}


def _name(statement: Select[Any]) -> str:
    (table,) = statement.get_final_froms()
    return str(getattr(table, "name", ""))
