"""Volume caps: how much of a kline's volume one fill may take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class VolumeCap(Protocol):
    """Called for each fill but those of a liquidation, with the volume of the kline it trades in: the one it fills in,
    or for a market order at the price of the moment the last finished one.
    """

    def most(self, volume: float) -> float:
        """Return the most coins that a fill may take of a kline in which `volume` coins traded."""


@dataclass(frozen=True)
class ShareOfVolume:
    """At most `percent` of the kline's volume."""

    percent: float

    def most(self, volume: float) -> float:
        """Return volume x percent / 100."""
        return volume * self.percent / 100.0
