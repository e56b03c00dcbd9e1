"""What an account has traded, day by day."""

from __future__ import annotations

from ...periods import DAY_MS


class TradedVolume:
    """The notional in USD that an account has traded on each UTC day."""

    __slots__ = ("_days", "_known")

    def __init__(self) -> None:
        self._days: dict[int, float] = {}
        self._known = (-1, 0, 0.0)

    def add(self, time_ms: int, notional_usd: float) -> None:
        """Count a fill."""
        day = time_ms // DAY_MS
        self._days[day] = self._days.get(day, 0.0) + notional_usd

    def before_today(self, time_ms: int, days: int = 14) -> float:
        """Return the USD traded on the `days` UTC days before the day of `time_ms`."""
        today = time_ms // DAY_MS
        if self._known[:2] != (today, days):  # what is traded today does not count today
            self._known = (today, days, sum(self._days.get(day, 0.0) for day in range(today - days, today)))
        return self._known[2]
