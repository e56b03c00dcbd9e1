"""Series of a program's own: what it records under a name at its triggers, for the result and its charts."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence

from ..plain_values import printable

#: So many series may a program keep, each under a name of so many characters.
MOST_SERIES, MOST_SERIES_NAME = 50, 80

#: Times in epoch ms, increasing, and their values.
Recorded = tuple["array[int]", "array[float]"]


class RecordedSeries:
    """What a program has recorded: for each name one value an instant, of several the last. A value takes 16 bytes.

    What is wrong with a name or a value is raised in the program: `TypeError` or `ValueError`.
    """

    __slots__ = ("_news", "_series", "has_news", "now")

    def __init__(self) -> None:
        self._series: dict[str, Recorded] = {}
        self._news: dict[str, float] = {}
        #: The instant of the trigger at which the program is asked, in epoch ms.
        self.now = 0
        #: Whether something was recorded since `take_news` was last called: to be read, not set.
        self.has_news = False

    def add(self, time_ms: int, name: object, value: object) -> None:
        """Record a finite number at an instant, which is `now`."""
        known = _name(name)
        number = _number(known, value)
        if time_ms != self.now:
            raise ValueError(f"record: this data is of an earlier trigger than the present one ({known!r})")
        times, values = self._series.get(known) or self._begin(known)
        if times and times[-1] == time_ms:
            values[-1] = number
        else:
            times.append(time_ms)
            values.append(number)
        self._news[known], self.has_news = number, True

    def _begin(self, name: str) -> Recorded:
        if len(self._series) >= MOST_SERIES:
            raise ValueError(f"record: a program may keep {MOST_SERIES} series, and {name!r} would be one more")
        series = self._series[name] = array("q"), array("d")
        return series

    def take_news(self) -> list[tuple[str, float]]:
        """Return what was recorded since the last call, the last value of each name; it stays where it is."""
        news, self._news, self.has_news = [*self._news.items()], {}, False
        return news

    def forget_values(self) -> None:
        """Forget all values but the newest: for who tells them elsewhere."""
        for times, values in self._series.values():
            del times[:-1], values[:-1]

    def by_name(self) -> Mapping[str, tuple[Sequence[int], Sequence[float]]]:
        """Return times (epoch ms) and values of each series, in the order in which they began."""
        return self._series


def _name(name: object) -> str:
    if type(name) is not str:
        raise TypeError(f"record: the name of a series is a text, not {type(name).__name__}")
    if not name or len(name) > MOST_SERIES_NAME or not name.isprintable():
        shown = printable(name, MOST_SERIES_NAME)
        raise ValueError(f"record: {shown!r} is no name of 1 to {MOST_SERIES_NAME} printable characters")
    return name


def _number(name: str, value: object) -> float:
    """Return a value as a float: anything that says itself which it is, but no text."""
    try:
        number = float(value) if not isinstance(value, (str, bytes, bytearray)) else None  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        number = None
    if number is None or number - number != 0.0:  # infinite, or no number
        what = f"{number}" if number is not None else type(value).__name__
        raise ValueError(f"record({name!r}, ...): {what} is not a finite number")
    return number
