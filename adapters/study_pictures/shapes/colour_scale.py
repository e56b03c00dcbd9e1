"""Colours of a metric: the better, the darker blue; of one that can be above and below 0, orange below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.market.series import FloatColumn

#: ColorBrewer's YlGnBu, and an orange to blue through near white: both are told apart by people of every sight.
_RISING = ("#ffffd9", "#edf8b1", "#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8", "#253494", "#081d58")
_AROUND = ("#8c3b04", "#c9661a", "#f1a35f", "#fbd5ae", "#f6f6f4", "#c6dcee", "#7fb2d8", "#2f78b7", "#0b3c74")
#: Colours end at these parts of the values where some lie so many times further out.
_INNER, _FAR = (2.0, 98.0), 2.0
#: The same for thin lines on white: nothing in them is pale.
_RISING_LINES = ("#bfcb5c", "#86c29a", "#41b6c4", "#1d91c0", "#225ea8", "#253494", "#081d58")
_AROUND_LINES = ("#8c3b04", "#c9661a", "#ee9a54", "#d8b79a", "#bcbcba", "#9dbdd9", "#6aa3d0", "#2f78b7", "#0b3c74")
#: Above this luminance of a ground its letters are dark.
_BRIGHT = 0.24
DARK, LIGHT = "#1b2130", "#ffffff"


@dataclass(frozen=True)
class Shades:
    """Colours of values from `low` to `high`; what lies beyond has the colour of the end."""

    low: float
    high: float
    is_least: bool
    is_around_zero: bool

    @classmethod
    def of(cls, values: FloatColumn, is_least: bool) -> Shades:
        """Return the shades of some values; NaN is none."""
        known = values[np.isfinite(values)]
        if not len(known):
            return cls(0.0, 1.0, is_least, False)
        low, high = float(known.min()), float(known.max())
        inner_low, inner_high = (float(each) for each in np.percentile(known, _INNER))
        inner = inner_high - inner_low
        if inner > 0.0:
            low = inner_low if inner_low - low > _FAR * inner else low
            high = inner_high if high - inner_high > _FAR * inner else high
        return cls(low, high, is_least, low < 0.0 < high)

    def shares(self, values: FloatColumn) -> FloatColumn:
        """Return from 0 (worst) to 1 (best) where values lie in the scale, NaN where they are that."""
        if self.is_around_zero:
            shares = 0.5 + 0.5 * values / max(-self.low, self.high)
        else:
            shares = (values - self.low) / (self.high - self.low) if self.high > self.low else values * 0.0 + 0.5
        clipped = np.clip(shares, 0.0, 1.0)
        return 1.0 - clipped if self.is_least else clipped

    def colours(self, values: FloatColumn) -> list[str]:
        """Return the colours of values, none of which is NaN."""
        return _between(self.shares(values), _AROUND if self.is_around_zero else _RISING)

    def line_colours(self, values: FloatColumn) -> list[str]:
        """Return the colours that thin lines of these values have on white."""
        return _between(self.shares(values), self._line_stops)

    def line_palette(self, count: int) -> list[str]:
        """Return so many colours of lines, evenly spaced from worst to best."""
        return _between(np.linspace(0.0, 1.0, count), self._line_stops)

    @property
    def _line_stops(self) -> Sequence[str]:
        return _AROUND_LINES if self.is_around_zero else _RISING_LINES


def _between(shares: FloatColumn, colours: Sequence[str]) -> list[str]:
    """Return the colours that stand at shares of the way from the first to the last."""
    stops = np.array([_rgb(each) for each in colours])
    at = shares * (len(stops) - 1)
    mixed = [np.interp(at, np.arange(len(stops)), channel) for channel in stops.T]
    return [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in np.rint(np.transpose(mixed)).astype(int).tolist()]


def ink_on(ground: str) -> str:
    """Return the colour of letters that can be read on a ground."""
    red, green, blue = (part / 255.0 for part in _rgb(ground))
    return DARK if 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 > _BRIGHT else LIGHT


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
