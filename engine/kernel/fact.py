"""The base of small records that are made very often."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, ClassVar, Self


class Fact:
    """A record of what its constructor takes, under the same names: compared, hashed, shown and pickled by that.

    A subclass has slots and writes its constructor. That takes a sixth of the time of a frozen dataclass's, which is
    why nothing keeps a value from being set: leave facts as they are, others read them too.
    """

    __slots__ = ()
    NAMES: ClassVar[tuple[str, ...]]
    _values_of: ClassVar[Callable[[Any], tuple[Any, ...]]]

    def __init_subclass__(cls) -> None:
        code = cls.__init__.__code__
        cls.NAMES = code.co_varnames[1 : code.co_argcount]
        cls._values_of = attrgetter(*cls.NAMES)

    def values(self) -> tuple[Any, ...]:
        """Return its values in the order of the constructor."""
        found: tuple[Any, ...] = type(self)._values_of(self)
        return found

    def replaced(self, **changes: Any) -> Self:
        """Return the same record with other values; a name that it has not is a `TypeError`."""
        return type(self)(**{**dict(zip(self.NAMES, self.values(), strict=True)), **changes})

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.values() == other.values()

    def __hash__(self) -> int:
        return hash(self.values())

    def __repr__(self) -> str:
        values = zip(self.NAMES, self.values(), strict=True)
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in values)})"

    def __reduce__(self) -> tuple[type[Fact], tuple[Any, ...]]:
        return type(self), self.values()
