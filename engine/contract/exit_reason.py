"""Why a position, or a part of one, was closed."""

from __future__ import annotations

from .labelled import Labelled


class ExitReason(Labelled):
    """The reason of a closing fill."""

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

    @property
    def is_at_a_price(self) -> bool:
        """Whether a price that the market reached closed the position, and not an instant or a decision."""
        return self.is_stop or self is ExitReason.TAKE_PROFIT
