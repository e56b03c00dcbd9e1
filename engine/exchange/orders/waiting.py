"""An order that waits for its kline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ...contract import Order, OrderKind
from ...market import SymbolHistory
from .entry_order import EntryOrder
from .pending import Ahead
from .touch import NO_SPAN, Touch


@dataclass(slots=True, eq=False)
class WaitingOrder(EntryOrder):
    """An order that fills at the first kline that opens from now on: at its open (`at_open`), or at its
    volume-weighted price when it closes.

    `kline` is that kline's place; None when it does not open at `latest_ms` or before: then the order is refused.
    """

    rests_at_venue: ClassVar[bool] = False
    history: SymbolHistory
    latest_ms: int
    at_open: bool
    kline: int | None = None

    @property
    def goes_with_position(self) -> bool:
        """Return False: it is refused when its kline comes and there is nothing to close."""
        return False

    def next_touch(self, ahead: Ahead) -> Touch | None:
        """Return when its kline is there, or when it is too late for one."""
        series = self.history.base
        place = series.first_opening(ahead.now_ms)
        if place < len(series.columns) and series.columns.open_ms[place] <= self.latest_ms:
            self.kline = place
            due = int(series.columns.open_ms[place]) + (0 if self.at_open else series.period_ms)
            return Touch(due, NO_SPAN, 0.0, self.at_open)
        self.kline = None
        return Touch(max(self.latest_ms, ahead.now_ms), NO_SPAN, 0.0, True)

    def price(self) -> float:
        """Return the open of its kline, or the volume-weighted price: from the 15-second rows in it, else
        (H + L + C) / 3.
        """
        assert self.kline is not None
        klines = self.history.base.columns
        if self.at_open:
            return klines.open.item(self.kline)
        opened = klines.open_ms.item(self.kline)
        traded = self.history.flow.vwap_between(opened, opened + klines.period_ms)
        if traded is not None:
            return traded
        return (klines.high.item(self.kline) + klines.low.item(self.kline) + klines.close.item(self.kline)) / 3.0

    def views(self) -> Sequence[Order]:
        """Return the order as a strategy sees it."""
        sign, limit = self.intent.sign, self.intent.limit(self.intent.sign)
        kind = OrderKind.MARKET if limit is None else OrderKind.LIMIT
        of = kind, self.order_id, self.symbol, sign, self.placed_at
        return [Order.of(*of, size=self.intent.known_size, price=limit, closes=sign == 0, tag=self.tag)]
