"""Judging a decision: what it asks for, in values that can be traded, or the reason why it is rejected."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any, NamedTuple

from ..config import MOST_LEVERAGE, BacktestConfig
from ..contract import ActionType, Decision, OrderKind
from ..kernel import Origin, TriggerEvent
from ..periods import SECOND_MS
from ..plain_values import plain_text
from ..venue import Instrument
from . import reasons

LONGEST_HOLDING_S = 1e10


class OrderIntent(NamedTuple):
    """A decision whose values are in range. `sign` is +1 for a buy, -1 for a sell, 0 for a close; `portion` of a
    close is in (0, 1]; `limit_tp` and `limit_sl` say that a leg of the bracket is a limit order, `tp_kind` and
    `sl_kind` what it is called, which is up to the decision alone; `terms` are "ioc", "gtc" or "alo".
    """

    symbol: str
    sign: int
    portion: float
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
    tp_kind: OrderKind = OrderKind.TAKE_PROFIT_MARKET
    sl_kind: OrderKind = OrderKind.STOP_MARKET

    @property
    def has_exits(self) -> bool:
        """Whether its entry is to be closed by itself: by take-profit, stop-loss, trailing stop or time stop."""
        return (self.take_profit, self.stop_loss, self.trailing_percent, self.holding_ms) != (None,) * 4

    @property
    def has_limit_leg(self) -> bool:
        """Whether a leg of its bracket is a limit order."""
        target, stop = self.take_profit is not None, self.stop_loss is not None
        return (self.limit_tp and target) or (self.limit_sl and stop)

    def closing(self) -> OrderIntent:
        """Return the same without what it would open: it closes all that is held."""
        return self._replace(sign=0, portion=1.0, leverage=1)

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
        return self._replace(**rounded)

    def may_rest(self, trade_sign: int) -> bool:
        """Tell whether the order may rest at a limit, as a purchase (+1) or a sale (-1)."""
        return self.terms != "ioc" and self.limit(trade_sign) is not None

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


def value_problem(decision: Decision, least_portion: float = 0.0) -> str | None:
    """Return why the values of a decision can be traded nowhere, whatever is configured but the least portion of one to
    open, or None.
    """
    sign = SIGNS.get(decision.action())
    if sign is None:
        return reasons.UNKNOWN_OPERATION
    return _value_problem(decision, sign, _prices(decision), least_portion)


def _value_problem(
    decision: Decision, sign: int, prices: Prices, least_portion: float = 0.0, most_leverage: int = MOST_LEVERAGE
) -> str | None:
    return (
        _portion_problem(decision, sign, least_portion, most_leverage)
        or _price_problem(prices)
        or _term_problem(decision)
        or _extension_problem(decision)
    )


def judge(decision: Decision, config: BacktestConfig, trigger: TriggerEvent | None, now: int) -> OrderIntent | str:
    """Return what a decision other than hold asks for, or the reason of its rejection. Never raises on values."""
    operation = decision.action()
    sign = SIGNS.get(operation)
    if sign is None:
        return reasons.UNKNOWN_OPERATION
    if not isinstance(decision.symbol, str) or decision.symbol not in config.symbols:
        return reasons.SYMBOL_NOT_CONFIGURED
    prices = _prices(decision)
    problem = _value_problem(decision, sign, prices, config.least_portion, config.max_leverage)
    if problem is not None:
        return problem
    portion = _number(decision.target_portion_of_balance)
    if sign == 0 and (portion == 0.0 or portion > 1.0):
        portion = 1.0
    maximum, minimum, target, stop = prices
    mode = config.bracket_execution
    return OrderIntent(
        decision.symbol,
        sign,
        portion,
        int(decision.leverage) if sign else 1,
        maximum,
        minimum,
        target,
        stop,
        mode == "limit" or (mode == "as_decided" and decision.tp_execution == "limit"),
        mode == "limit" or (mode == "as_decided" and decision.sl_execution == "limit"),
        decision.time_in_force.lower(),
        Origin(now, operation, plain_text(decision.reason), trigger),
        None if decision.trailing_stop_percent is None else float(decision.trailing_stop_percent),
        None if decision.max_holding_seconds is None else max(round(decision.max_holding_seconds * SECOND_MS), 1),
        OrderKind.TAKE_PROFIT_LIMIT if decision.tp_execution == "limit" else OrderKind.TAKE_PROFIT_MARKET,
        OrderKind.STOP_LIMIT if decision.sl_execution == "limit" else OrderKind.STOP_MARKET,
    )


#: What each operation trades: +1 buys, -1 sells, 0 closes whatever is open.
SIGNS = {ActionType.BUY.value: 1, ActionType.SELL.value: -1, ActionType.CLOSE.value: 0}


def _number(value: object) -> float:
    """Return a number of any kind (numpy's too) as a float; nan for what is no number or too large to be a float."""
    if isinstance(value, float):
        return value
    if type(value) is int or (isinstance(value, Real) and not isinstance(value, bool)):  # asking for a Real takes long
        try:
            return float(value)
        except OverflowError:
            return math.nan
    return math.nan


def _portion_problem(decision: Decision, sign: int, least_portion: float, most_leverage: int) -> str | None:
    portion, leverage = _number(decision.target_portion_of_balance), _number(decision.leverage)
    if sign == 0:
        return None if portion >= 0.0 else reasons.PORTION_OUT_OF_RANGE
    if not 0.0 < portion <= 1.0 or portion < least_portion:
        return reasons.PORTION_OUT_OF_RANGE
    if not 1 <= leverage <= most_leverage or leverage != int(leverage):
        return reasons.LEVERAGE_OUT_OF_RANGE
    return None


def _price_problem(prices: Prices) -> str | None:
    for price in prices:
        if price is not None and not 0.0 < price < math.inf:
            return reasons.BAD_PRICE
    return None


#: A decision's limits and triggers: maximum, minimum, take-profit, stop-loss; nan for what is no number.
Prices = list[float | None]


def _prices(decision: Decision) -> Prices:
    given = decision.max_price, decision.min_price, decision.take_profit_price, decision.stop_loss_price
    return [None if price is None else _number(price) for price in given]


def _term_problem(decision: Decision) -> str | None:
    terms = decision.time_in_force
    if not isinstance(terms, str) or terms.lower() not in ("ioc", "gtc", "alo"):
        return reasons.UNKNOWN_TIME_IN_FORCE
    if decision.tp_execution not in _EXECUTIONS or decision.sl_execution not in _EXECUTIONS:
        return reasons.UNKNOWN_EXECUTION
    return None


_EXECUTIONS = ("limit", "market")


def _extension_problem(decision: Decision) -> str | None:
    trailing, holding = decision.trailing_stop_percent, decision.max_holding_seconds
    if trailing is not None and not 0.0 < _number(trailing) < 100.0:
        return reasons.TRAILING_OUT_OF_RANGE
    if holding is not None and not 0.0 < _number(holding) < LONGEST_HOLDING_S:
        return reasons.HOLDING_OUT_OF_RANGE
    return None
