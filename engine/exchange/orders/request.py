"""What a decision asks of orders that there are already: to cancel or to amend them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from ... import reasons
from ...contract import ActionType, Decision, ExitReason
from ...venue import Instrument
from .given_values import expiry_ms, expiry_problem, number_of, price_problem, prices_of, text_problem

if TYPE_CHECKING:  # the sandbox's processes need no configuration
    from ...config import BacktestConfig

#: The operations that trade nothing by themselves.
REQUESTS = (ActionType.CANCEL.value, ActionType.AMEND.value)


class Changes(NamedTuple):
    """What is to become of an order, or of the exits of an entry; None: that stays. Prices in USD, `size` in coins."""

    max_price: float | None = None
    min_price: float | None = None
    size: float | None = None
    trigger: float | None = None
    take_profit: float | None = None
    stop_loss: float | None = None
    trailing_percent: float | None = None
    expires_ms: int | None = None

    @property
    def legs(self) -> list[ExitReason]:
        """The exits of an entry that change."""
        given = {
            ExitReason.TAKE_PROFIT: self.take_profit,
            ExitReason.STOP_LOSS: self.stop_loss,
            ExitReason.TRAILING_STOP: self.trailing_percent,
        }
        return [leg for leg, value in given.items() if value is not None]

    @property
    def of_exits(self) -> bool:
        """Whether anything of a bracket changes."""
        return bool(self.legs)

    @property
    def of_price(self) -> bool:
        """Whether a limit or a trigger changes."""
        return (self.max_price, self.min_price, self.trigger) != (None,) * 3

    def of_leg(self, leg: ExitReason | None) -> Changes | None:
        """Return the same of one exit of an entry, which a trigger moves; None where it says nothing of that."""
        moved = self
        if self.trigger is not None and leg is ExitReason.TAKE_PROFIT:
            moved = Changes(take_profit=self.trigger)
        elif self.trigger is not None and leg is ExitReason.STOP_LOSS:
            moved = Changes(stop_loss=self.trigger)
        return moved if moved.of_exits else None

    def limit(self, trade_sign: int) -> float | None:
        """Return the new limit of a purchase (+1) or a sale (-1)."""
        return self.max_price if trade_sign > 0 else self.min_price

    def rounded(self, instrument: Instrument) -> Changes:
        """Return the same at prices and sizes that the venue allows; limits are never worsened."""
        signs = {"max_price": 1, "min_price": -1, "trigger": 0, "take_profit": 0, "stop_loss": 0}
        given = ((name, getattr(self, name)) for name in signs)
        rounded: dict[str, Any] = {
            name: instrument.rounded_price(price, signs[name]) for name, price in given if price is not None
        }
        return self._replace(**rounded, size=None if self.size is None else instrument.rounded_size(self.size))

    @property
    def is_possible(self) -> bool:
        """Whether no price and no size has been rounded to nothing."""
        return 0.0 not in self[:-1]


class OrderRequest(NamedTuple):
    """Which orders of a symbol are meant, by `order_id` or by `tag` (None and "": all that work), and what is to become
    of them: `changes`, or None to cancel them.
    """

    symbol: str
    order_id: int | None
    tag: str
    changes: Changes | None


def request_problem(decision: Decision) -> str | None:
    """Return why the values of a decision to cancel or to amend mean nothing, or None."""
    order_id, amends = decision.order_id, decision.action() == ActionType.AMEND
    if text_problem(decision.tag):
        return reasons.TAG_OUT_OF_RANGE
    if order_id is not None and (isinstance(order_id, bool) or number_of(order_id) % 1.0 != 0.0):
        return reasons.BAD_ORDER_ID
    return _amend_problem(decision) if amends else None


def _amend_problem(decision: Decision) -> str | None:
    if decision.order_id is None and not decision.tag:
        return reasons.NO_ORDER_NAMED
    problem = price_problem(prices_of(decision))
    if problem is not None:
        return problem
    if decision.size is not None and not 0.0 < number_of(decision.size) < math.inf:
        return reasons.SIZE_OUT_OF_RANGE
    if decision.trailing_stop_percent is not None and not 0.0 < number_of(decision.trailing_stop_percent) < 100.0:
        return reasons.TRAILING_OUT_OF_RANGE
    return expiry_problem(decision.expires_after_seconds) or (
        None if _changes(decision) != Changes() else reasons.NO_CHANGE
    )


def _changes(decision: Decision) -> Changes:
    limit, least, target, stop, trigger = prices_of(decision)
    given = decision.size, decision.trailing_stop_percent
    size, trailing = [None if each is None else number_of(each) for each in given]
    expires_s = decision.expires_after_seconds
    expires_ms = None if expires_s is None else expiry_ms(expires_s)
    return Changes(limit, least, size, trigger, target, stop, trailing, expires_ms)


def judge_request(decision: Decision, config: BacktestConfig) -> OrderRequest | str:
    """Return what a decision to cancel or to amend asks for, or the reason of its rejection. Never raises on values."""
    if not isinstance(decision.symbol, str) or decision.symbol not in config.symbols:
        return reasons.SYMBOL_NOT_CONFIGURED
    problem = request_problem(decision)
    if problem is not None:
        return problem
    order_id = None if decision.order_id is None else int(decision.order_id)
    changes = _changes(decision) if decision.action() == ActionType.AMEND else None
    return OrderRequest(decision.symbol, order_id, decision.tag, changes)
