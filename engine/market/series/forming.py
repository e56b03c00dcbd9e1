"""The kline of a period that has begun and not closed."""

from __future__ import annotations

from collections.abc import Callable

from .klines import Kline


class FormingKline:
    """A kline as far as it is known at an instant: its close is there, the `whole` is worked out when it is first
    asked for, as most indicators need the close alone.
    """

    __slots__ = ("_make", "_whole", "close")

    def __init__(self, close: float, make: Callable[[], Kline]) -> None:
        self.close = close
        self._make = make
        self._whole: Kline | None = None

    @property
    def whole(self) -> Kline:
        """All of it, as a strategy sees it."""
        if self._whole is None:
            self._whole = self._make()
        return self._whole
