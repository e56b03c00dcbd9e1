"""Rows that are not as they should be: an error, or as many as a user allows are left out and listed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

from engine.errors import FileFormatError

if TYPE_CHECKING:
    from .table_file import TableFile

Read = TypeVar("Read")


class BadRows(FileFormatError):
    """Some rows are wrong, for reasons of one kind: `rows` are their places in the file, from 0; `reason` says what is
    wrong with the one at a place in `rows`, `way_out` what to do. As an error it tells of the first.
    """

    def __init__(
        self,
        file: str,
        column: str | None,
        rows: npt.NDArray[np.int64],
        reason: Callable[[int], str],
        way_out: str | None = None,
    ) -> None:
        self.rows, self.reason = rows, reason
        more = f" (and {len(rows) - 1:,} more rows like it)" if len(rows) > 1 else ""
        end = "" if way_out is None else f"; {way_out}"
        super().__init__(file, int(rows[0]) + 1, column, reason(0) + more + end)

    def listed(self) -> tuple[tuple[int, str], ...]:
        """Return each row that is left out, and a remark on it."""
        column = "" if self.column is None else f", column {self.column}"
        return tuple(
            (row, f"row {row + 1}{column}: {self.reason(number)}: left out")
            for number, row in enumerate(self.rows.tolist())
        )

    def refusal(self, most: int, before: int, count: int) -> FileFormatError:
        """Return the error for a user who allows `most` bad rows; `before` are left out already, `count` were read."""
        bad = before + len(self.rows)
        way_out = ""
        if most:
            way_out = f"; {bad:,} rows are bad, more than --skip-bad-rows {most} allows"
        elif 2 * bad <= count:
            way_out = f"; --skip-bad-rows {bad} leaves {'such a row' if bad == 1 else 'such rows'} out"
        return FileFormatError(self.file, self.row, self.column, self.problem + way_out)


def without_bad_rows(table: TableFile, read: Callable[[TableFile], Read]) -> Read:
    """Return what a function makes of a table, without the rows that it finds to be wrong.

    Raises `FileFormatError` where these are more than the options of the table allow.
    """
    most, count = table.options.skip_bad_rows, len(table)
    while True:
        try:
            return read(table)
        except BadRows as error:
            if len(table.left_out) + len(error.rows) > most:
                raise error.refusal(most, len(table.left_out), count) from None
            table = replace(table.without(error.rows), left_out=(*table.left_out, *error.listed()))
            if not len(table):
                raise FileFormatError(table.path, None, None, "no row is left without those that are bad") from error
