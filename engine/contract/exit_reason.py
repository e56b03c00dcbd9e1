"""Why a position, or a part of one, was closed."""

from __future__ import annotations

from enum import StrEnum


class ExitReason(StrEnum):
    """The reason of a closing fill, as it stands in results (the value) and as people read it (`label`)."""

    label: str

    def __new__(cls, value: str, label: str = "") -> ExitReason:
        """Make a member of its value and its label."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    DECISION = "decision", "decision"
    TAKE_PROFIT = "tp", "take-profit"
    STOP_LOSS = "sl", "stop-loss"
    TRAILING_STOP = "trailing", "trailing stop"
    TIME_STOP = "time", "time stop"
    LIQUIDATION = "liquidation", "liquidation"

    @property
    def is_stop(self) -> bool:
        """Whether the market went against the position: what a cool-down after a stop waits for."""
        return self in (ExitReason.STOP_LOSS, ExitReason.TRAILING_STOP, ExitReason.LIQUIDATION)
