"""A touch: the next thing that happens to a pending order."""

from __future__ import annotations

from typing import NamedTuple

from ..contract import ExitReason
from ..market import WatchColumns

#: The place of a touch that belongs to no span of the watched columns.
NO_SPAN = -1


class Touch(NamedTuple):
    """The next thing that happens to a pending order: it trades at `price` at time `due_ms`, for the reason `why`.

    `place` is the span in which that happens. `at_open` tells that it happens at an instant, such as the open of a
    kline that lies beyond the trigger, and not inside of the span that ends then; `ambiguous` that the span touched
    two triggers of a bracket; `rest` that a limit stop was gapped through: nothing fills, but it rests from there on.
    `mark` is the mark that was reached, where that is what the order watches.
    """

    due_ms: int
    place: int
    price: float
    at_open: bool
    why: ExitReason = ExitReason.DECISION
    ambiguous: bool = False
    rest: bool = False
    mark: float | None = None

    def traded_in(self, spans: WatchColumns) -> Touch:
        """Return the same touch of a mark at a price that traded: inside of a span moved between what traded in it."""
        if self.at_open:
            return self
        low, high = spans.traded_low.item(self.place), spans.traded_high.item(self.place)
        return self._replace(price=min(max(self.price, low), high), mark=self.price)

    @property
    def is_inside(self) -> bool:
        """Whether a price was reached inside of a span: where in it is not known."""
        return not self.at_open and self.place != NO_SPAN and not self.rest
