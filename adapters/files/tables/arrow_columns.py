"""Columns of a parquet or feather file, of types that hold numbers, texts or times, no more of them than may be."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from io import BufferedReader
from typing import Any, TypeVar

import pandas as pd

from engine import DataError
from engine.errors import FileFormatError

from ...input import ImportLimits
from .table_source import SourceColumns

Answer = TypeVar("Answer")

_ROWS_AT_ONCE = 1 << 16
_GOOD_TYPES = "null boolean integer floating decimal string large_string string_view timestamp date".split()

_TEXTS = ("string", "large_string", "string_view")


class ArrowColumns:
    """An open parquet file (or feather file, as `kind` says) and the `titles` of its columns.

    Raises `FileFormatError`, `DataError` without pyarrow.
    """

    has_titles, may_have_commas, may_have_points = True, True, False
    remarks: tuple[str, ...] = ()

    def __init__(self, path: str, file: BufferedReader, kind: str = "parquet") -> None:
        try:
            import pyarrow
            import pyarrow.ipc
            import pyarrow.parquet
        except ImportError as error:
            raise DataError(f"{path} is a {kind} file, which needs pyarrow: pip install 'perpsim[parquet]'") from error
        if not file.seekable():
            raise FileFormatError(path, None, None, f"a {kind} file cannot be read from a pipe: give its name")
        self._arrow, self._path, self._kind = pyarrow, path, kind
        self._limits, self._packed = ImportLimits.of_environment(), os.fstat(file.fileno()).st_size
        self._file = self._told(lambda: self._opened(file))
        self._schema = self._file.schema_arrow if kind == "parquet" else self._file.schema
        self.titles: list[str] = self._told(lambda: list(self._schema.names))

    def read_columns(self, places: Mapping[str, int], as_text: bool = False) -> SourceColumns:
        """Return the columns at some places by field; `ValueError` as soon as they are larger than they may be."""
        for place in places.values():
            self._check_type(place)
        wanted = sorted({self.titles[place] for place in places.values()})
        table = self._told(lambda: self._table(wanted))
        return SourceColumns(
            {field: self._told(lambda: self._column(table, place)) for field, place in places.items()}  # noqa: B023
        )

    def _opened(self, file: BufferedReader) -> Any:
        if self._kind == "parquet":
            opened = self._arrow.parquet.ParquetFile(self._path)
            self._limits.check_rows(opened.metadata.num_rows)
            return opened
        return self._arrow.ipc.open_file(self._arrow.PythonFile(file, mode="r"))

    def _check_type(self, place: int) -> None:
        types, title = self._arrow.types, self.titles[place]
        kind = self._schema.field(place).type
        kind = kind.value_type if types.is_dictionary(kind) else kind
        if not any(getattr(types, f"is_{name}")(kind) for name in _GOOD_TYPES):
            raise FileFormatError(self._path, None, title, f"a column of {kind} holds no numbers, texts or times")

    def _table(self, titles: list[str]) -> Any:
        batches, size, rows = [], 0, 0
        for batch in self._batches(titles):
            size, rows = size + batch.nbytes, rows + batch.num_rows
            self._limits.check_size(size, self._packed)
            self._limits.check_rows(rows)
            batches.append(batch)
        if batches:
            return self._arrow.Table.from_batches(batches)
        return self._schema.empty_table().select(titles)

    def _batches(self, titles: list[str]) -> Iterator[Any]:
        if self._kind == "parquet":
            yield from self._file.iter_batches(_ROWS_AT_ONCE, columns=titles)
            return
        for place in range(self._file.num_record_batches):
            yield self._file.get_batch(place).select(titles)

    def _column(self, table: Any, place: int) -> pd.Series[Any]:
        column = table.column(self.titles[place])
        if self._arrow.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if any(getattr(self._arrow.types, f"is_{kind}")(column.type) for kind in _TEXTS):
            column.validate(full=True)  # bytes that are no text are found here, not where a cell is looked at
        if self._arrow.types.is_float16(column.type):  # which holds no comparison with a time
            column = column.cast(self._arrow.float64())
        series: pd.Series[Any] = column.to_pandas()
        return series

    def _told(self, ask: Callable[[], Answer]) -> Answer:
        """Return an answer of pyarrow, whose errors say that the file is damaged."""
        try:
            return ask()
        except (self._arrow.ArrowException, OSError, LookupError, OverflowError, UnicodeError) as error:
            problem = f"the {self._kind} file is damaged or cut off: {error}"
            raise FileFormatError(self._path, None, None, problem) from error
