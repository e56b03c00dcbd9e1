"""Values put aside one by one and given again in order, as often as wanted, without being in memory all at once."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import Generic, TypeVar

Value = TypeVar("Value")

#: More than this is put on the disk.
_MOST_BYTES = 128 << 20


class Spool(Generic[Value]):
    """Values in the order in which they were put aside; a context, at whose end they are gone."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(_MOST_BYTES)  # noqa: SIM115 - closed at the end of the context
        self._places: list[int] = []

    def __enter__(self) -> Spool[Value]:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def put(self, value: Value) -> None:
        """Put a value aside, behind the others."""
        self._file.seek(0, 2)
        self._places.append(self._file.tell())
        pickle.dump(value, self._file, pickle.HIGHEST_PROTOCOL)

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Value]:
        for place in self._places:
            self._file.seek(place)
            yield pickle.load(self._file)
