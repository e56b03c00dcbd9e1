"""Where what is worked out from columns lasts: with the object that needs it, or with what several processes share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")


class DerivedStore(Protocol):
    """Keeps what is worked out from the columns of one market, for all who have the same market."""

    def get(self, key: tuple[str | int, ...], make: Callable[[], T]) -> T:
        """Return what is kept under a key, and otherwise what `make` makes, which is kept then where there is room.
        What is made depends on the key and on the market alone, and nobody changes it.
        """


class MadeHere:
    """Keeps nothing: what is worked out lasts as long as who has asked."""

    def get(self, key: tuple[str | int, ...], make: Callable[[], T]) -> T:
        """Return what `make` makes."""
        return make()


class DerivedPart:
    """The part of a store that has to do with one thing, such as a symbol."""

    def __init__(self, store: DerivedStore, *key: str | int) -> None:
        self._store, self._key = store, key

    def get(self, key: tuple[str | int, ...], make: Callable[[], T]) -> T:
        """Return what is kept under a key in this part."""
        return self._store.get((*self._key, *key), make)
