"""What a file of market data has become: rows for tables, and what there is to say about the file."""

from __future__ import annotations

from dataclasses import dataclass

from ..database import TableRows


@dataclass(frozen=True)
class ImportedFile:
    """The rows of one file: `count` are those read, of what `kind` says in words, `rows` those to be stored.

    `time_unit` is what its times are in words; `remarks` are for the user.
    """

    path: str
    kind: str
    count: int
    time_unit: str
    rows: tuple[TableRows, ...]
    remarks: tuple[str, ...] = ()
