"""Records whose fields are worked out when a program reads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

#: Gives a field of a symbol's record, by the name of the field.
WorkOut = Callable[[str, str], Any]
Record = TypeVar("Record", bound="LateFields")


class LateFields:
    """Base of a frozen, slotted dataclass with a `symbol`, of which `late_record` makes one without the other fields.

    A field gets its value when it is first read, by whatever reads it (equality, repr, copies and pickles too), and
    keeps it. `dataclasses` has no slot for the function that gives it: hence a base class.
    """

    __slots__ = ("_work_out",)

    def __getattr__(self, name: str) -> Any:
        # only what has no value comes here: a field that was not read yet, and what is no field
        if name not in self.__slots__:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        value = self._work_out(self.symbol, name)
        object.__setattr__(self, name, value)
        return value


def late_record(kind: type[Record], symbol: str, work_out: WorkOut) -> Record:
    """Return a record of a symbol whose other fields are what `work_out` gives, asked at most once for each."""
    record = object.__new__(kind)
    object.__setattr__(record, "symbol", symbol)
    object.__setattr__(record, "_work_out", work_out)
    return record
