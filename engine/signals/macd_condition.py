"""The condition on MACD events of finished klines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..errors import ConfigurationError
from ..market.indicators import IndicatorHistory, parse_indicator
from ..market.series import FloatColumn, TimeColumn
from .check_points import Points, States, judged
from .metric_condition import window_problem

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

BoolColumn = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class MacdCondition:
    """``{"metric": "macd", "event_types": ["golden_cross"], "time_window": "1h"}``.

    True from the close of the kline that makes an event until the next kline closes; undefined before 35 klines.
    Raises `ConfigurationError` with every problem.
    """

    event_types: tuple[str, ...]
    time_window: str = "5m"

    on_klines = True

    def __post_init__(self) -> None:
        problems = [
            f"event type {name!r} is not one of {', '.join(EVENTS)}" for name in self.event_types if name not in EVENTS
        ]
        if not self.event_types:
            problems.append("event_types is empty")
        window = window_problem(self.time_window)
        if problems or window is not None:
            raise ConfigurationError([*problems, *([] if window is None else [window])])

    def describe(self) -> str:
        """Return the condition as a short text."""
        return f"macd {' or '.join(self.event_types)} on {self.time_window}"

    def values(self, points: Points) -> FloatColumn:
        """Return the histogram of the last finished kline at each instant, NaN before 35 klines."""
        values, count = self._history(points)
        if not len(values.columns):
            return np.full(len(count), np.nan)
        place = np.maximum(count - 1, 0)
        return np.where(count >= KLINES_NEEDED, values.values["histogram"][place], np.nan)

    def states(self, points: Points) -> States:
        """Return the condition's state at each instant."""
        values, count = self._history(points)
        met = np.zeros(len(count), np.bool_)
        if not len(values.columns):
            return judged(met, met)
        for name in self.event_types:
            met |= _happened(values, name)[np.maximum(count - 1, 0)]
        return judged(met, count >= KLINES_NEEDED)

    def _history(self, points: Points) -> tuple[IndicatorHistory, TimeColumn]:
        macd = parse_indicator("MACD")
        assert macd is not None
        return points.indicator(self.time_window, macd)

    def fact(self, points: Points, place: int) -> dict[str, object]:
        """Return the event and the values around it at an instant."""
        values, count = self._history(points)
        kline = count.item(place) - 1
        event = next(name for name in self.event_types if _happened(values, name)[kline])
        macd, signal, histogram = (values.values[key].item(kline) for key in ("macd", "signal", "histogram"))
        before = values.values["histogram"].item(kline - 1)
        return {
            "metric": "macd",
            "operator": None,
            "threshold": None,
            "current_value": histogram,
            "value": histogram,
            "condition_met": True,
            "time_window": self.time_window,
            "triggered_event": event,
            "event_types": list(self.event_types),
            "values": {"macd": macd, "signal": signal, "histogram": histogram, "prev_histogram": before},
            "cross_strength": abs(histogram - before),
        }


def _happened(values: IndicatorHistory, event: str) -> BoolColumn:
    """Return whether each kline made the event, against the kline before it."""
    output, upwards = EVENTS[event]
    column = values.values[output]
    above = column > 0.0 if upwards else column < 0.0
    happened = above.copy()
    happened[1:] &= ~above[:-1]
    happened[:1] = False
    return np.asarray(happened)
