"""The CSV text that PostgreSQL's COPY sends, parsed into columns while it comes."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.errors import ParserError

from ..runs import unseen
from .interface import Columns

_BLOCK_BYTES = 4 << 20

#: pandas 3 reads every number as the double nearest to its text; older ones do when asked to.
_EXACT: dict[str, Any] = {} if int(pd.__version__.split(".")[0]) >= 3 else {"float_precision": "round_trip"}


class CsvColumns:
    """A file to write CSV text without titles into; `finish` gives its columns.

    Only one block of text is held at a time: each is parsed as soon as it is complete. Raises `ValueError` for what is
    not a number; an empty cell is NaN, and wrong among integers. `advance` is told how many rows have come.
    """

    def __init__(
        self, names: Sequence[str], dtypes: Sequence[npt.DTypeLike], advance: Callable[[int], None] = unseen
    ) -> None:
        self._advance = advance
        self._names = list(names)
        self._dtypes = [np.dtype(dtype) for dtype in dtypes]
        self._parts: list[list[npt.NDArray[Any]]] = [[] for _ in names]
        self._text = bytearray()

    def write(self, data: bytes) -> int:
        """Take the next piece of text."""
        self._text += data
        if len(self._text) >= _BLOCK_BYTES:
            end = self._text.rfind(b"\n") + 1
            self._parse(bytes(self._text[:end]))
            del self._text[:end]
        return len(data)

    def finish(self) -> Columns:
        """Return all columns; the text is complete."""
        self._parse(bytes(self._text))
        self._text.clear()
        columns: Columns = {}
        for name, dtype in zip(self._names, self._dtypes, strict=True):
            parts = self._parts.pop(0)  # dropped column by column: never all of them twice
            columns[name] = parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, dtype), *parts])
        return columns

    def _parse(self, text: bytes) -> None:
        if not text:
            return
        try:
            frame = pd.read_csv(
                io.BytesIO(text),
                header=None,
                names=self._names,
                dtype=dict(zip(self._names, self._dtypes, strict=True)),
                skip_blank_lines=False,
                keep_default_na=False,
                na_values=["", "NaN"],
                low_memory=False,
                **_EXACT,
            )
        except ParserError as error:
            raise ValueError(str(error)) from error
        for name, parts in zip(self._names, self._parts, strict=True):
            parts.append(np.array(frame[name].to_numpy()))
        self._advance(len(frame))
