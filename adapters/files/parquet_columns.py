"""Columns of a parquet file, of types that hold numbers, texts or times, and no more of them than may be."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from io import BufferedReader
from typing import Any, TypeVar

import pandas as pd

from engine import DataError
from engine.errors import FileFormatError

from ..input import ImportLimits

Answer = TypeVar("Answer")

_ROWS_AT_ONCE = 1 << 16
_GOOD_TYPES = "null boolean integer floating decimal string large_string string_view timestamp date".split()


class ParquetColumns:
    """An open parquet file and the `titles` of its columns. Raises `FileFormatError`, `DataError` without pyarrow."""

    def __init__(self, path: str, file: BufferedReader) -> None:
        try:
            import pyarrow.parquet
        except ImportError as error:
            raise DataError(f"{path} is a parquet file, which needs pyarrow: pip install 'perpsim[parquet]'") from error
        if not file.seekable():
            raise FileFormatError(path, None, None, "a parquet file cannot be read from a pipe: give its name")
        self._arrow, self._path, self._limits = pyarrow, path, ImportLimits.of_environment()
        self._packed = os.fstat(file.fileno()).st_size
        self._file = self._told(lambda: pyarrow.parquet.ParquetFile(path))
        self._limits.check_rows(self._file.metadata.num_rows)
        self.titles: list[str] = self._told(lambda: list(self._file.schema_arrow.names))

    def read(self, places: Mapping[str, int]) -> dict[str, pd.Series[Any]]:
        """Return the columns at some places by field; `ValueError` as soon as they are larger than they may be."""
        for place in places.values():
            self._check_type(place)
        table = self._told(lambda: self._table(sorted({self.titles[place] for place in places.values()})))
        return {field: self._told(lambda: self._column(table, place)) for field, place in places.items()}  # noqa: B023

    def _check_type(self, place: int) -> None:
        types, title = self._arrow.types, self.titles[place]
        kind = self._file.schema_arrow.field(place).type
        kind = kind.value_type if types.is_dictionary(kind) else kind
        if not any(getattr(types, f"is_{name}")(kind) for name in _GOOD_TYPES):
            raise FileFormatError(self._path, None, title, f"a column of {kind} holds no numbers, texts or times")

    def _table(self, titles: list[str]) -> Any:
        batches, size = [], 0
        for batch in self._file.iter_batches(_ROWS_AT_ONCE, columns=titles):
            size += batch.nbytes
            self._limits.check_size(size, self._packed)
            batches.append(batch)
        return self._arrow.Table.from_batches(batches) if batches else self._file.read(columns=titles)

    def _column(self, table: Any, place: int) -> pd.Series[Any]:
        column = table.column(self.titles[place])
        if self._arrow.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if self._arrow.types.is_float16(column.type):  # which holds no comparison with a time
            column = column.cast(self._arrow.float64())
        series: pd.Series[Any] = column.to_pandas()
        return series

    def _told(self, ask: Callable[[], Answer]) -> Answer:
        """Return an answer of pyarrow, whose errors say that the file is damaged."""
        try:
            return ask()
        except (self._arrow.ArrowException, OSError, LookupError, OverflowError, UnicodeError) as error:
            raise FileFormatError(self._path, None, None, f"the parquet file is damaged or cut off: {error}") from error
