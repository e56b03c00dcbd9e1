"""The condition on MACD events of finished klines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import nan
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from ..errors import ConfigurationError
from ..market.indicators import IndicatorHistory, parse_indicator
from ..market.series import FloatColumn, TimeColumn
from .check_points import Points, States, at_last_klines, judged
from .condition import Condition

#: Event -> (output of MACD, whether it turns positive).
EVENTS = {
    "golden_cross": ("histogram", True),
    "histogram_positive": ("histogram", True),
    "death_cross": ("histogram", False),
    "histogram_negative": ("histogram", False),
    "macd_above_zero": ("macd", True),
    "macd_below_zero": ("macd", False),
}
KLINES_NEEDED = 35
_ALL = slice(None)

BoolColumn = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class MacdCondition(Condition):
    """``{"metric": "macd", "event_types": ["golden_cross"], "time_window": "1h"}``.

    True from the close of the kline that makes an event until the next kline closes; undefined before 35 klines.
    """

    event_types: tuple[str, ...]
    time_window: str = "5m"

    metric = "macd"
    told = ("triggered_event", "event_types", "values", "cross_strength")

    @classmethod
    def from_entry(cls, entry: Mapping[str, Any]) -> Self:
        """Return the condition that a mapping describes; its events must be a list."""
        events = entry.get("event_types")
        if isinstance(events, str) or not isinstance(events, (list, tuple)):
            problem = "event_types is missing" if events is None else f"event_types {events!r} is no list"
            raise ConfigurationError([problem])
        return super().from_entry({**entry, "event_types": tuple(map(str, events))})

    def _problems(self) -> Iterable[str | None]:
        for name in self.event_types:
            if name not in EVENTS:
                yield f"event type {name!r} is not one of {', '.join(EVENTS)}"
        if not self.event_types:
            yield "event_types is empty"

    @property
    def klines_needed(self) -> int:
        """Those of MACD's length, and the one after them."""
        return KLINES_NEEDED

    def describe(self) -> str:
        """Return the condition as a short text."""
        return f"macd {' or '.join(self.event_types)} on {self.time_window}"

    def values(self, points: Points) -> FloatColumn:
        """Return the histogram of the last finished kline at each instant, NaN before 35 klines."""
        history, count = self._history(points)
        return np.where(count >= KLINES_NEEDED, at_last_klines(history.values["histogram"], count, nan), nan)

    def states(self, points: Points) -> States:
        """Return the condition's state at each instant."""
        history, count = self._history(points)
        happened = [at_last_klines(_happened(history, name), count, False) for name in self.event_types]
        return judged(np.logical_or.reduce(happened), count >= KLINES_NEEDED)

    def _history(self, points: Points) -> tuple[IndicatorHistory, TimeColumn]:
        macd = parse_indicator("MACD")
        assert macd is not None
        return points.indicator(self.time_window, macd)

    def fact(self, points: Points, place: int) -> dict[str, object]:
        """Return the event and the values around it at an instant."""
        values, count = self._history(points)
        kline = count.item(place) - 1
        newest = slice(kline - 1, kline + 1)
        event = next(name for name in self.event_types if _happened(values, name, newest)[-1])
        macd, signal, histogram = (values.values[key].item(kline) for key in ("macd", "signal", "histogram"))
        before = values.values["histogram"].item(kline - 1)
        return {
            **self._fact(histogram, None, None),
            "triggered_event": event,
            "event_types": list(self.event_types),
            "values": {"macd": macd, "signal": signal, "histogram": histogram, "prev_histogram": before},
            "cross_strength": abs(histogram - before),
        }


def _happened(values: IndicatorHistory, event: str, klines: slice = _ALL) -> BoolColumn:
    """Return whether each of some klines, but the first one, made the event, against the kline before it."""
    output, upwards = EVENTS[event]
    column = values.values[output][klines]
    above = column > 0.0 if upwards else column < 0.0
    happened = above.copy()
    happened[1:] &= ~above[:-1]
    happened[:1] = False
    return np.asarray(happened)
