"""What an indicator is: keys with their fillers, a whole-column formula, and a step for the kline still forming."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from ..series import FloatColumn, FormingKline, KlineColumns

#: An indicator is computed from this many klines, the forming one included.
INDICATOR_WINDOW = 500

BoolColumn = npt.NDArray[np.bool_]

#: Given the number of finished klines that stand before a forming kline, and that kline: its value of every key.
FormingStep = Callable[[int, FormingKline], dict[str, float]]


class Indicator(ABC):
    """One indicator with its period, as `parse_indicator` makes it; immutable, usable as a dictionary key.

    `fillers` names the keys, in order, with the value that stands where one is undefined.
    """

    __slots__ = ()

    fillers: ClassVar[Mapping[str, float]] = {"value": 0.0}

    @property
    @abstractmethod
    def name(self) -> str:
        """The name by which strategies ask for it, such as ``RSI14``."""

    @property
    @abstractmethod
    def warm_up(self) -> Mapping[str, int]:
        """The number of klines from which each key is defined."""

    @property
    def has_series(self) -> bool:
        """Whether strategies get the whole series: those of one value do."""
        return len(self.fillers) == 1

    @property
    def longest_warm_up(self) -> int:
        """The number of klines from which every key is defined."""
        return max(self.warm_up.values())

    @property
    def length(self) -> int:
        """The number of finished klines from which its values count; with fewer of them they are fillers, or as good
        as fillers. Only the last `INDICATOR_WINDOW` klines count: an indicator that is longer never has enough.
        """
        return self.longest_warm_up

    @abstractmethod
    def values(self, columns: KlineColumns, window: int) -> dict[str, FloatColumn]:
        """Return every key's value of each window of `window` klines that ends at a row, fillers where undefined.

        A window that reaches beyond the first kline begins at it: with `window` at least the number of klines this is
        the series of the whole column.
        """

    def forming_columns(self, columns: KlineColumns, window: int) -> tuple[FloatColumn, ...]:
        """Return what `forming_step` needs beside the klines, worked out over all of them: float64 columns, aligned
        with the klines, of which each row depends on the klines up to it alone. None here.
        """
        return ()

    @abstractmethod
    def forming_step(self, columns: KlineColumns, before: tuple[FloatColumn, ...]) -> FormingStep:
        """Return the function that adds a forming kline to the window's finished ones before it; `before` is what
        `forming_columns` gave for that window.

        It must only be asked with at least `longest_warm_up` finished klines, and not at all when the window is no
        longer than that. It looks at no kline behind the finished ones.
        """

    def defined(self, values: Mapping[str, FloatColumn], window: int) -> dict[str, BoolColumn]:
        """Return which of `values` (the result of `values` for the same window) are values and no fillers."""
        return {
            key: (np.arange(len(column)) >= self.warm_up[key] - 1) & (self.warm_up[key] <= window)
            for key, column in values.items()
        }


@dataclass(frozen=True, slots=True)
class PeriodIndicator(Indicator):
    """An indicator of one value with its period, in klines, in its name; undefined with fewer klines than that."""

    family: ClassVar[str]

    period: int

    @property
    def name(self) -> str:
        """The family with the period behind it."""
        return f"{self.family}{self.period}"

    @property
    def warm_up(self) -> Mapping[str, int]:
        """As many klines as the period."""
        return {"value": self.period}
