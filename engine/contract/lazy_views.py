"""What is pending at an instant, looked up when a program reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import overload

from .views import Order


class OpenOrders(Sequence[Order]):
    """Orders that are looked up when they are first read, or when whoever keeps them asks for that."""

    __slots__ = ("__weakref__", "_look_up", "_orders")

    def __init__(self, look_up: Callable[[], tuple[Order, ...]]) -> None:
        self._look_up: Callable[[], tuple[Order, ...]] | None = look_up
        self._orders: tuple[Order, ...] = ()

    def looked_up(self) -> tuple[Order, ...]:
        """Return all of them, now and ever the same."""
        if self._look_up is not None:
            self._orders, self._look_up = self._look_up(), None
        return self._orders

    def __len__(self) -> int:
        return len(self.looked_up())

    @overload
    def __getitem__(self, index: int) -> Order: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Order, ...]: ...
    def __getitem__(self, index: int | slice) -> Order | tuple[Order, ...]:
        return self.looked_up()[index]

    def __iter__(self) -> Iterator[Order]:
        return iter(self.looked_up())
