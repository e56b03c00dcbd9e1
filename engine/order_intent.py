"""Judging a decision: what it asks for, in values that can be traded, or the reason why it is rejected."""

from __future__ import annotations

import math
from collections.abc import Container
from numbers import Real
from typing import NamedTuple

from .config import BacktestConfig
from .decision import Decision
from .holding import Origin
from .messages import TriggerEvent
from .plain_values import plain_text

MIN_PORTION, MAX_PORTION = 0.1, 1.0
MIN_LEVERAGE, MAX_LEVERAGE = 1, 50

UNKNOWN_OPERATION = "unknown operation"
SYMBOL_NOT_CONFIGURED = "symbol not configured"
PORTION_OUT_OF_RANGE = "portion out of range"
LEVERAGE_OUT_OF_RANGE = "leverage out of range"
BAD_PRICE = "price not finite or not positive"
NO_RESTING_ORDERS = "resting limit orders are not supported"
UNKNOWN_TIME_IN_FORCE = "unknown time in force"
UNKNOWN_EXECUTION = "unknown tp_execution or sl_execution"
NOTHING_TO_CLOSE = "nothing to close"
STALE_PRICE = "stale price"
NO_PRICE = "no price"
LIMIT_NOT_MET = "limit not met"
TAKE_PROFIT_SIDE = "take profit on the wrong side"
STOP_LOSS_SIDE = "stop loss on the wrong side"
NO_BALANCE = "no available balance"
END_OF_RUN = "end of run"


class OrderIntent(NamedTuple):
    """A decision whose values are in range. `sign` is +1 for a buy, -1 for a sell, 0 for a close; `portion` of a
    close is in (0, 1]; `limit_tp` and `limit_sl` say that a leg of the bracket is a limit order, `immediate` that the
    order does not rest.
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
    immediate: bool
    origin: Origin

    def would_rest(self, trade_sign: int) -> bool:
        """Tell whether the order may rest at a limit, as a purchase (+1), a sale (-1) or whichever it is (0)."""
        limits = {1: (self.max_price,), -1: (self.min_price,), 0: (self.max_price, self.min_price)}
        return not self.immediate and any(limit is not None for limit in limits[trade_sign])

    def limit_met(self, trade_sign: int, price: float) -> bool:
        """Tell whether a fill at `price` respects the limit of a purchase (+1) or a sale (-1)."""
        if trade_sign > 0:
            return self.max_price is None or price <= self.max_price
        return self.min_price is None or price >= self.min_price

    def bracket_side_problem(self, fill_price: float) -> str | None:
        """Return why the bracket does not fit an entry at `fill_price`, or None."""
        sign = self.sign
        if self.take_profit is not None and (self.take_profit - fill_price) * sign <= 0.0:
            return TAKE_PROFIT_SIDE
        if self.stop_loss is not None and (fill_price - self.stop_loss) * sign <= 0.0:
            return STOP_LOSS_SIDE
        return None


def judge(
    decision: Decision, config: BacktestConfig, symbols: Container[str], trigger: TriggerEvent | None, now: int
) -> OrderIntent | str:
    """Return what a decision other than hold asks for, or the reason of its rejection. Never raises on values."""
    operation = decision.action()
    sign = _SIGNS.get(operation)
    if sign is None:
        return UNKNOWN_OPERATION
    if not isinstance(decision.symbol, str) or decision.symbol not in symbols:
        return SYMBOL_NOT_CONFIGURED
    problem = _portion_problem(decision, sign) or _price_problem(decision) or _term_problem(decision)
    if problem is not None:
        return problem
    portion = _number(decision.target_portion_of_balance)
    if sign == 0 and (portion == 0.0 or portion > 1.0):
        portion = 1.0
    limit_tp, limit_sl = _limit_legs(decision, config.bracket_execution)
    return OrderIntent(
        decision.symbol,
        sign,
        portion,
        int(decision.leverage) if sign else 1,
        *_prices(decision),
        limit_tp,
        limit_sl,
        decision.time_in_force.lower() == "ioc",
        Origin(now, operation, plain_text(decision.reason), trigger),
    )


_SIGNS = {"buy": 1, "sell": -1, "close": 0}


def _number(value: object) -> float:
    """Return a number of any kind (numpy's too) as a float; nan for what is no number or too large to be a float."""
    if isinstance(value, float):
        return value
    if isinstance(value, bool) or not isinstance(value, Real):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.nan


def _portion_problem(decision: Decision, sign: int) -> str | None:
    portion, leverage = _number(decision.target_portion_of_balance), _number(decision.leverage)
    if sign == 0:
        return None if portion >= 0.0 else PORTION_OUT_OF_RANGE
    if not MIN_PORTION <= portion <= MAX_PORTION:
        return PORTION_OUT_OF_RANGE
    if not MIN_LEVERAGE <= leverage <= MAX_LEVERAGE or leverage != int(leverage):
        return LEVERAGE_OUT_OF_RANGE
    return None


def _price_problem(decision: Decision) -> str | None:
    bad = any(price is not None and not 0.0 < price < math.inf for price in _prices(decision))
    return BAD_PRICE if bad else None


def _prices(decision: Decision) -> tuple[float | None, float | None, float | None, float | None]:
    """Return a decision's limits and triggers: maximum, minimum, take-profit, stop-loss; nan for what is no number."""
    maximum, minimum = decision.max_price, decision.min_price
    target, stop = decision.take_profit_price, decision.stop_loss_price
    return (
        None if maximum is None else _number(maximum),
        None if minimum is None else _number(minimum),
        None if target is None else _number(target),
        None if stop is None else _number(stop),
    )


def _term_problem(decision: Decision) -> str | None:
    terms = decision.time_in_force
    if not isinstance(terms, str) or terms.lower() not in ("ioc", "gtc", "alo"):
        return UNKNOWN_TIME_IN_FORCE
    if decision.tp_execution not in _EXECUTIONS or decision.sl_execution not in _EXECUTIONS:
        return UNKNOWN_EXECUTION
    return None


_EXECUTIONS = ("limit", "market")


def _limit_legs(decision: Decision, mode: str) -> tuple[bool, bool]:
    if mode == "as_decided":
        return decision.tp_execution == "limit", decision.sl_execution == "limit"
    return mode == "limit", mode == "limit"
