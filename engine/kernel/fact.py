"""The base of small records that are made very often."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, ClassVar, Self


class Fact:
    """A record of what its constructor takes, under the same names: compared, hashed, shown and pickled by that.

    A subclass has slots and writes its constructor. That takes a sixth of the time of a frozen dataclass's, which is
    why nothing keeps a value from being set: leave facts as they are, others read them too. A subclass of a subclass
    makes the same fact from less, and is compared, hashed, shown and pickled as that.
    """

    __slots__ = ()
    NAMES: ClassVar[tuple[str, ...]]
    _values_of: ClassVar[Callable[[Any], tuple[Any, ...]]]
    _kind: ClassVar[type[Any]]
    _form: ClassVar[str]

    def __init_subclass__(cls) -> None:
        if Fact not in cls.__bases__:
            return
        code = cls.__init__.__code__
        cls.NAMES = code.co_varnames[1 : code.co_argcount]
        cls._values_of, cls._kind = attrgetter(*cls.NAMES), cls
        cls._form = f"{cls.__name__}({', '.join(f'{name}={{!r}}' for name in cls.NAMES)})"

    def values(self) -> tuple[Any, ...]:
        """Return its values in the order of the constructor."""
        found: tuple[Any, ...] = type(self)._values_of(self)
        return found

    def replaced(self, **changes: Any) -> Self:
        """Return the same record with other values; a name that it has not is a `TypeError`."""
        made: Self = self._kind(**{**dict(zip(self.NAMES, self.values(), strict=True)), **changes})
        return made

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Fact) or other._kind is not self._kind:
            return NotImplemented
        return self.values() == other.values()

    def __hash__(self) -> int:
        return hash(self.values())

    def __repr__(self) -> str:
        return self._form.format(*self.values())

    def __reduce__(self) -> tuple[type[Fact], tuple[Any, ...]]:
        return self._kind, self.values()
