"""Judging a decision: what it asks for, in values that can be traded, or the reason why it is rejected."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from ... import reasons
from ...contract import ActionType, Decision, ExitReason, OrderKind
from ...kernel import Origin, TriggerEvent
from ...periods import SECOND_MS
from ...plain_values import plain_text
from ...profiles import MOST_LEVERAGE
from ...venue import Instrument
from .given_values import (
    LONGEST_S,
    Prices,
    expiry_ms,
    expiry_problem,
    number_of,
    price_problem,
    prices_of,
    text_problem,
)
from .request import REQUESTS, Changes, request_problem

if TYPE_CHECKING:  # the sandbox's processes need no configuration
    from ...config import BacktestConfig

MOST_RISK_PERCENT = 100.0


class SizedBy(StrEnum):
    """What the amount of an order is."""

    PORTION = "portion"
    SIZE = "size"
    NOTIONAL = "notional"
    RISK = "risk"


_EXACT = frozenset({SizedBy.SIZE, SizedBy.NOTIONAL})


class Handling(NamedTuple):
    """What is asked of an order beside its trade: the `group` of which one order cancels the others, the `trigger` that
    it waits for, how long it may work, the direction that it may close only (`closes`, 0: any), whether all that works
    in its symbol is cancelled with it (`cancels`).
    """

    group: str = ""
    trigger: float | None = None
    expires_ms: int | None = None
    closes: int = 0
    cancels: bool = False


#: Nothing of that.
PLAIN = Handling()

_LEG_FIELDS: Mapping[ExitReason, str] = {
    ExitReason.TAKE_PROFIT: "take_profit",
    ExitReason.STOP_LOSS: "stop_loss",
    ExitReason.TRAILING_STOP: "trailing_percent",
}


@dataclass(slots=True)  # fields of a named tuple take five times as long to read, and an order's are read fifty times
class OrderIntent:
    """A decision whose values are in range. `sign` is +1 for a buy, -1 for a sell, 0 for a close; `amount` is what
    `sized_by` says: a share (of a close in (0, 1]), coins, USD, or percent of equity at risk. `limit_tp` and
    `limit_sl` say that a leg of the bracket is a limit order, `tp_kind` and `sl_kind` what it is called, which is up to
    the decision alone; `terms` are "ioc", "gtc" or "alo".
    """

    symbol: str
    sign: int
    sized_by: SizedBy
    amount: float
    leverage: int
    max_price: float | None
    min_price: float | None
    take_profit: float | None
    stop_loss: float | None
    limit_tp: bool
    limit_sl: bool
    terms: str
    origin: Origin
    trailing_percent: float | None = None
    holding_ms: int | None = None
    handling: Handling = PLAIN
    tp_kind: OrderKind = OrderKind.TAKE_PROFIT_MARKET
    sl_kind: OrderKind = OrderKind.STOP_MARKET

    @property
    def is_exact(self) -> bool:
        """Whether it trades a given size, whatever is held: what is held the other way is reduced by it."""
        return self.sized_by in _EXACT

    @property
    def closes_all(self) -> bool:
        """Whether a close takes the whole position."""
        return self.sized_by is SizedBy.PORTION and self.amount == 1.0

    @property
    def known_size(self) -> float:
        """How many coins it asks for, 0.0 where that is known only when it trades."""
        return self.amount if self.sized_by is SizedBy.SIZE else 0.0

    @property
    def stands_alone(self) -> bool:
        """Whether decisions the other way leave it, and it leaves what works the other way: it says more than the
        platform's decisions can.
        """
        handling = self.handling
        return self.is_exact or bool(self.origin.tag or handling.group) or handling.trigger is not None

    @property
    def may_come_first(self) -> bool:
        """Whether it may wait for its trigger before there is the position that it closes."""
        return self.handling.trigger is not None and self.handling.closes != 0

    def _changed(self, **changes: Any) -> OrderIntent:
        """Return the same with other values: in a quarter of the time of `dataclasses.replace`."""
        intent = OrderIntent(*_values_of(self))
        for name, value in changes.items():
            setattr(intent, name, value)
        return intent

    def scaled(self, share: float) -> OrderIntent:
        """Return the same for a share of its amount."""
        return self._changed(amount=self.amount * share)

    @classmethod
    def exits_only(cls, symbol: str, sign: int) -> OrderIntent:
        """Return the intent of a position of direction `sign` that has no exits yet: they are market orders."""
        origin = Origin(0, "", "", None)
        sized = SizedBy.PORTION, 1.0, 1
        return cls(symbol, sign, *sized, None, None, None, None, False, False, "ioc", origin)

    def without_leg(self, leg: ExitReason) -> OrderIntent:
        """Return the same without one of the exits of its entry."""
        changes: dict[str, Any] = {_LEG_FIELDS[leg]: None}
        return self._changed(**changes)

    def amended(self, changes: Changes) -> OrderIntent:
        """Return the same with other limits and brackets."""
        new = {
            "max_price": changes.max_price,
            "min_price": changes.min_price,
            "take_profit": changes.take_profit,
            "stop_loss": changes.stop_loss,
            "trailing_percent": changes.trailing_percent,
        }
        given: dict[str, Any] = {name: value for name, value in new.items() if value is not None}
        return self._changed(**given)

    def expiring(self, length_ms: int) -> OrderIntent:
        """Return the same with so much time to work."""
        return self._changed(handling=self.handling._replace(expires_ms=length_ms))

    def sized(self, coins: float) -> OrderIntent:
        """Return the same for so many coins."""
        return self._changed(sized_by=SizedBy.SIZE, amount=coins)

    @property
    def has_exits(self) -> bool:
        """Whether its entry is to be closed by itself: by take-profit, stop-loss, trailing stop or time stop."""
        return (
            self.take_profit is not None
            or self.stop_loss is not None
            or self.trailing_percent is not None
            or self.holding_ms is not None
        )

    @property
    def has_limit_leg(self) -> bool:
        """Whether a leg of its bracket is a limit order."""
        target, stop = self.take_profit is not None, self.stop_loss is not None
        return (self.limit_tp and target) or (self.limit_sl and stop)

    def closing(self) -> OrderIntent:
        """Return the same without what it would open: it closes all that is held."""
        return self._changed(sign=0, sized_by=SizedBy.PORTION, amount=1.0, leverage=1)

    def limit(self, trade_sign: int) -> float | None:
        """Return the limit of a purchase (+1) or a sale (-1)."""
        return self.max_price if trade_sign > 0 else self.min_price

    def rounded(self, instrument: Instrument) -> OrderIntent:
        """Return the same with limits and triggers at prices that the venue allows: limits are never worsened."""
        signs = {"max_price": 1, "min_price": -1, "take_profit": 0, "stop_loss": 0}
        prices = ((name, getattr(self, name)) for name in signs)
        rounded: dict[str, Any] = {
            name: instrument.rounded_price(price, signs[name]) for name, price in prices if price is not None
        }
        trigger = self.handling.trigger
        if trigger is not None:
            rounded["handling"] = self.handling._replace(trigger=instrument.rounded_price(trigger))
        return self._changed(**rounded)

    @property
    def prices(self) -> tuple[float | None, ...]:
        """Every price that it names, in USD."""
        return self.max_price, self.min_price, self.take_profit, self.stop_loss, self.handling.trigger

    def limit_met(self, trade_sign: int, price: float) -> bool:
        """Tell whether a fill at `price` respects the limit of a purchase (+1) or a sale (-1)."""
        if trade_sign > 0:
            return self.max_price is None or price <= self.max_price
        return self.min_price is None or price >= self.min_price

    def stop_distance(self, price: float) -> float | None:
        """Return how far an entry at `price` lies from the nearest of its stops, stop-loss or trailing stop, in USD a
        coin; None without a stop beyond it.
        """
        stop = 0.0 if self.stop_loss is None else (price - self.stop_loss) * self.sign
        trailing = 0.0 if self.trailing_percent is None else price * self.trailing_percent / 100.0
        if stop > 0.0 and trailing > 0.0:
            return min(stop, trailing)
        return stop if stop > 0.0 else trailing if trailing > 0.0 else None

    def bracket_side_problem(self, fill_price: float) -> str | None:
        """Return why the bracket does not fit an entry at `fill_price`, or None."""
        sign = self.sign
        if self.take_profit is not None and (self.take_profit - fill_price) * sign <= 0.0:
            return reasons.TAKE_PROFIT_SIDE
        if self.stop_loss is not None and (fill_price - self.stop_loss) * sign <= 0.0:
            return reasons.STOP_LOSS_SIDE
        return None


_values_of = attrgetter(*OrderIntent.__slots__)


def value_problem(decision: Decision, least_portion: float = 0.0) -> str | None:
    """Return why the values of a decision can be traded nowhere, whatever is configured but the least portion of one to
    open, or None.
    """
    operation = decision.action()
    if operation in REQUESTS:
        return request_problem(decision)
    sign = SIGNS.get(operation)
    if sign is None:
        return reasons.UNKNOWN_OPERATION
    is_plain = _is_plain(decision)
    return _value_problem(decision, sign, prices_of(decision), is_plain, least_portion, MOST_LEVERAGE)


def _value_problem(
    decision: Decision, sign: int, prices: Prices, is_plain: bool, least_portion: float, most_leverage: int
) -> str | None:
    opens = sign != 0 and decision.reduce_only is not True
    return (
        (_portion_problem if is_plain else _size_problem)(decision, opens, least_portion)
        or (_leverage_problem(decision, most_leverage) if opens else None)
        or price_problem(prices)
        or _term_problem(decision)
        or _extension_problem(decision)
        or (None if is_plain else _handling_problem(decision, sign))
    )


def judge(
    decision: Decision, operation: str, config: BacktestConfig, trigger: TriggerEvent | None, now: int
) -> OrderIntent | str:
    """Return what a decision to trade, whose action is the `operation`, asks for, or the reason of its rejection. Never
    raises on values.
    """
    sign = SIGNS.get(operation)
    if sign is None:
        return reasons.UNKNOWN_OPERATION
    if not isinstance(decision.symbol, str) or decision.symbol not in config.symbols:
        return reasons.SYMBOL_NOT_CONFIGURED
    prices, is_plain = prices_of(decision), _is_plain(decision)
    problem = _value_problem(decision, sign, prices, is_plain, config.least_portion, config.max_leverage)
    if problem is not None:
        return problem
    sized_by, amount = (
        (SizedBy.PORTION, number_of(decision.target_portion_of_balance)) if is_plain else _amount(decision)
    )
    handling = PLAIN if is_plain else _handling(decision, sign)
    if handling.closes:
        sign = 0
    if sign == 0 and sized_by is SizedBy.PORTION and (amount == 0.0 or amount > 1.0):
        amount = 1.0
    maximum, minimum, target, stop = prices[:4]
    mode = config.bracket_execution
    return OrderIntent(
        decision.symbol,
        sign,
        sized_by,
        amount,
        int(decision.leverage) if sign else 1,
        maximum,
        minimum,
        target,
        stop,
        mode == "limit" or (mode == "as_decided" and decision.tp_execution == "limit"),
        mode == "limit" or (mode == "as_decided" and decision.sl_execution == "limit"),
        "alo" if decision.post_only else decision.time_in_force.lower(),
        Origin(now, operation, plain_text(decision.reason), trigger, decision.tag),
        None if decision.trailing_stop_percent is None else float(decision.trailing_stop_percent),
        None if decision.max_holding_seconds is None else max(round(decision.max_holding_seconds * SECOND_MS), 1),
        handling,
        OrderKind.TAKE_PROFIT_LIMIT if decision.tp_execution == "limit" else OrderKind.TAKE_PROFIT_MARKET,
        OrderKind.STOP_LIMIT if decision.sl_execution == "limit" else OrderKind.STOP_MARKET,
    )


#: What each operation trades: +1 buys, -1 sells, 0 closes whatever is open.
SIGNS = {ActionType.BUY.value: 1, ActionType.SELL.value: -1, ActionType.CLOSE.value: 0}


def _amount(decision: Decision) -> tuple[SizedBy, float]:
    for sized_by, value in _given_sizes(decision):
        return sized_by, number_of(value)
    return SizedBy.PORTION, number_of(decision.target_portion_of_balance)


def _given_sizes(decision: Decision) -> list[tuple[SizedBy, object]]:
    """Return what a decision says in place of a share."""
    sizes = (
        (SizedBy.SIZE, decision.size),
        (SizedBy.NOTIONAL, decision.notional),
        (SizedBy.RISK, decision.risk_percent),
    )
    return [(sized_by, value) for sized_by, value in sizes if value is not None]


def _handling(decision: Decision, sign: int) -> Handling:
    trigger, expires_s = decision.trigger_price, decision.expires_after_seconds
    return Handling(
        decision.group,
        None if trigger is None else number_of(trigger),
        None if expires_s is None else expiry_ms(expires_s),
        -sign if decision.reduce_only else 0,
        bool(decision.cancel_orders),
    )


_UNNAMED = ""


def _is_plain(decision: Decision) -> bool:
    """Tell whether a decision says no more than the platform's can: what is not given needs no look."""
    return (
        decision.size is None
        and decision.notional is None
        and decision.risk_percent is None
        and decision.trigger_price is None
        and decision.tag is _UNNAMED
        and decision.group is _UNNAMED
        and decision.expires_after_seconds is None
        and decision.reduce_only is False
        and decision.post_only is False
        and decision.cancel_orders is False
    )


def _size_problem(decision: Decision, opens: bool, least_portion: float) -> str | None:
    given = _given_sizes(decision)
    if not given:
        return _portion_problem(decision, opens, least_portion)
    (sized_by, value), *others = given
    portion, amount = number_of(decision.target_portion_of_balance), number_of(value)
    if others or portion != 0.0:
        return reasons.TWO_SIZES
    if not 0.0 < amount < math.inf or (sized_by is SizedBy.RISK and amount > MOST_RISK_PERCENT):
        return reasons.SIZE_OUT_OF_RANGE
    if sized_by is SizedBy.RISK and (not opens or decision.stop_loss_price is None):
        return reasons.RISK_WITHOUT_STOP
    return None


def _portion_problem(decision: Decision, opens: bool, least_portion: float) -> str | None:
    portion = number_of(decision.target_portion_of_balance)
    is_right = 0.0 < portion <= 1.0 and portion >= least_portion if opens else portion >= 0.0
    return None if is_right else reasons.PORTION_OUT_OF_RANGE


def _leverage_problem(decision: Decision, most_leverage: int) -> str | None:
    leverage = number_of(decision.leverage)
    is_allowed = 1 <= leverage <= most_leverage and leverage == int(leverage)
    return None if is_allowed else reasons.LEVERAGE_OUT_OF_RANGE


def _term_problem(decision: Decision) -> str | None:
    terms = decision.time_in_force
    if not isinstance(terms, str) or terms.lower() not in ("ioc", "gtc", "alo"):
        return reasons.UNKNOWN_TIME_IN_FORCE
    for execution in (decision.tp_execution, decision.sl_execution):
        if not isinstance(execution, str) or execution not in ("limit", "market"):
            return reasons.UNKNOWN_EXECUTION
    return None


def _extension_problem(decision: Decision) -> str | None:
    trailing, holding = decision.trailing_stop_percent, decision.max_holding_seconds
    if trailing is not None and not 0.0 < number_of(trailing) < 100.0:
        return reasons.TRAILING_OUT_OF_RANGE
    if holding is not None and not 0.0 < number_of(holding) < LONGEST_S:
        return reasons.HOLDING_OUT_OF_RANGE
    return None


def _handling_problem(decision: Decision, sign: int) -> str | None:
    if text_problem(decision.tag) or text_problem(decision.group):
        return reasons.TAG_OUT_OF_RANGE
    if any(type(each) is not bool for each in (decision.reduce_only, decision.post_only, decision.cancel_orders)):
        return reasons.NO_YES_OR_NO
    limits = {1: decision.max_price, -1: decision.min_price}
    if decision.post_only and not any(limits[each] is not None for each in ([sign] if sign else limits)):
        return reasons.POST_ONLY_WITHOUT_LIMIT
    return expiry_problem(decision.expires_after_seconds)
