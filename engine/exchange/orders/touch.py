"""A touch: the next thing that happens to a pending order."""

from __future__ import annotations

from dataclasses import dataclass

from ...contract import ExitReason
from ...market import WatchColumns

#: The place of a touch that belongs to no span of the watched columns.
NO_SPAN = -1


@dataclass(slots=True)
class Touch:
    """The next thing that happens to a pending order: it trades at `price` at time `due_ms`, for the reason `why`.

    `place` is the span in which that happens. `at_open` tells that it happens at an instant, such as the open of a
    kline that lies beyond the trigger, and not inside of the span that ends then; `ambiguous` that the span touched
    two triggers of a bracket; `rest` that a limit stop was gapped through: nothing fills, but it rests from there on;
    `resumes` that the price at the end of a pause does it, which is judged before the klines that open then;
    `works_on` that a rest goes on at a close, after what the klines until then have reached; `expires` that what is
    left of the order ends, after what closes then and before what opens. `mark` is the mark that was reached, where
    that is what the order watches.
    """

    due_ms: int
    place: int
    price: float
    at_open: bool
    why: ExitReason = ExitReason.DECISION
    ambiguous: bool = False
    rest: bool = False
    resumes: bool = False
    works_on: bool = False
    mark: float | None = None
    expires: bool = False
    drilled: bool = False

    @classmethod
    def of_gap(cls, spans: WatchColumns, place: int, why: ExitReason = ExitReason.DECISION) -> Touch:
        """Return the touch of a trigger that a span lies beyond from its start: at the span's first price."""
        due, start = spans.gap_ms.item(place), spans.start_ms.item(place)
        price, resumes = spans.gap_price.item(place), spans.is_resumption(place)
        return cls(due, place, price, due == start, why, resumes=resumes)

    def traded_in(self, spans: WatchColumns) -> Touch:
        """Let the touch of a mark be at a price that traded: inside of a span moved between what traded in it."""
        if not self.at_open:
            low, high = spans.traded_low.item(self.place), spans.traded_high.item(self.place)
            self.price, self.mark = min(max(self.price, low), high), self.price
        return self

    @property
    def is_later(self) -> bool:
        """Whether it comes after the others of its instant: a rest after what klines reached, an open after the price
        at the end of a pause.
        """
        return self.works_on or (self.at_open and not (self.resumes or self.expires))

    def or_expiry(self, at_ms: int) -> Touch:
        """Return the same touch, or the expiry of its order at an instant when that comes before it."""
        is_first = self.due_ms < at_ms or (self.due_ms == at_ms and not self.at_open)
        return self if is_first else Touch.of_expiry(at_ms)

    @classmethod
    def of_expiry(cls, at_ms: int) -> Touch:
        """Return the end of an order at an instant."""
        return cls(at_ms, NO_SPAN, 0.0, True, expires=True)

    @property
    def is_of_open(self) -> bool:
        """Whether it trades at the price at which a span opens: it belongs to that one, not to what ends then."""
        return self.at_open and self.place != NO_SPAN and not self.resumes

    @property
    def is_inside(self) -> bool:
        """Whether a price was reached inside of a span: where in it is not known."""
        return not self.at_open and self.place != NO_SPAN and not self.rest
