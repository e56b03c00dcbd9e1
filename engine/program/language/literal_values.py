"""Literal values in programs: which of them stand for nothing, and what does in their place."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from ... import reasons
from ...contract import ActionType, Decision
from ...exchange import value_problem
from ...market.flow import FLOW_METRICS
from ...market.indicators import INDICATOR_FAMILIES, INDICATOR_WINDOW, PLAIN_INDICATORS, parse_indicator
from ...near_names import near, nearest
from ...periods import PERIOD_MS
from ...plain_values import shown
from ...profiles import LEAST_PORTIONS

#: What is said of a literal value, and what to do; None for one that is right.
Finding = tuple[str, str] | None
Check = Callable[[Any], Finding]

_FAMILY = re.compile(r"([A-Z]+)_?([0-9]*)")


def _period_finding(value: object) -> Finding:
    if isinstance(value, str) and value in PERIOD_MS:
        return None
    lower = value.lower() if isinstance(value, str) else ""
    return f"there is no period {shown(value)}", f"use {lower!r}" if lower in PERIOD_MS else f"use {_either(PERIOD_MS)}"


def _indicator_finding(value: object) -> Finding:
    name = value.upper() if isinstance(value, str) else ""
    indicator = parse_indicator(name)
    if indicator is None:
        return f"there is no indicator {shown(value)}", _like_indicator(name) or _ALL_INDICATORS
    if indicator.length > INDICATOR_WINDOW:
        needs = f"{indicator.name} needs {indicator.length} klines"
        return f"{needs}, and only the last {INDICATOR_WINDOW} count", "work it out from get_klines"
    return None


_ALL_INDICATORS = (
    f"there are {', '.join(INDICATOR_FAMILIES)} with a number of klines, such as {INDICATOR_FAMILIES[0]}20, and "
    f"{', '.join(PLAIN_INDICATORS)}"
)


def _like_indicator(name: str) -> str:
    match = _FAMILY.fullmatch(name)
    if match is None:
        return ""
    family, number = match.groups()
    if family in INDICATOR_FAMILIES and not number:
        return f"say of how many klines, such as {family}14"
    there = (*INDICATOR_FAMILIES, *PLAIN_INDICATORS)
    found = family if family in there else nearest(family, there)
    if found is None:
        return ""
    return f"did you mean {found}{number or 14}?" if found in INDICATOR_FAMILIES else f"did you mean {found}?"


def _metric_finding(value: object) -> Finding:
    name = value.upper() if isinstance(value, str) else ""
    if name in FLOW_METRICS:
        return None
    return f"there is no flow metric {shown(value)}", near(name, FLOW_METRICS) or f"use {_either(FLOW_METRICS)}"


def _count_finding(value: object) -> Finding:
    if isinstance(value, int) and value >= 1:
        return None
    return f"{shown(value)} is no number of klines or values", "use a whole number from 1 on"


def operation_finding(value: object) -> Finding:
    """Judge what a decision asks for."""
    there = [each.value for each in ActionType]
    if isinstance(value, str) and value.strip().lower() in there:
        return None
    hint = near(value.strip().lower(), there) if isinstance(value, str) else ""
    return f"there is no operation {shown(value)}", hint or f"use {_either(there)}"


def field_check(name: str, operations: Collection[str], is_live: bool = False) -> Check:
    """Return the check of a field's values, for decisions with one of these operations: `is_live` for those that the
    live platform takes.
    """
    least = LEAST_PORTIONS["live"] if is_live else 0.0

    def check(value: Any) -> Finding:
        problems = [value_problem(_probe(operation, name, value), least) for operation in operations]
        if not problems or not all(problems):
            return None
        is_small = name == _PORTION and not any(value_problem(_probe(each, name, value)) for each in operations)
        return f"{name} = {shown(value)}: {problems[0]}", _LIVE_RANGE if is_small else _RANGES.get(name, "")

    return check


def _probe(operation: str, name: str, value: Any) -> Decision:
    """Return a decision in which nothing but that field can be wrong."""
    right: dict[str, Any] = {"operation": operation, "symbol": "X", "leverage": 1, "max_price": 1.0, "min_price": 1.0}
    if name in ("size", "notional", "risk_percent"):
        right["stop_loss_price"] = 1.0
    elif operation not in _REQUESTS:
        right["target_portion_of_balance"] = 1.0
    if operation in _REQUESTS:
        right["order_id"] = 1
    return Decision(**{**right, name: value})


_REQUESTS = (ActionType.CANCEL.value, ActionType.AMEND.value)


_PORTION = "target_portion_of_balance"
_LIVE_RANGE = f"the live platform takes {LEAST_PORTIONS['live']} to 1"
_PRICE_RANGE = "a price above 0, or None"
_RANGES = {
    _PORTION: "a share: above 0, at most 1",
    "leverage": "a whole number from 1 to the highest that is allowed",
    **dict.fromkeys(("max_price", "min_price", "take_profit_price", "stop_loss_price"), _PRICE_RANGE),
    "time_in_force": "Ioc, Gtc or Alo",
    **dict.fromkeys(("tp_execution", "sl_execution"), "limit or market"),
    "trailing_stop_percent": "above 0, below 100",
    "max_holding_seconds": "seconds above 0",
    "size": "coins above 0, or None",
    "notional": "USD above 0, or None",
    "risk_percent": "percent of equity: above 0, at most 100; with a stop_loss_price",
    "trigger_price": _PRICE_RANGE,
    **dict.fromkeys(("tag", "group"), "a text of at most 200 characters"),
    "expires_after_seconds": "seconds above 0, or None",
    **dict.fromkeys(("reduce_only", "post_only", "cancel_orders"), "True or False"),
    "order_id": "the whole number that open_orders shows",
}


#: What is wrong with several fields together, and what does instead.
_TOGETHER: Mapping[str, str] = {
    reasons.TWO_SIZES: f"give one of {_PORTION}, size, notional and risk_percent",
    reasons.RISK_WITHOUT_STOP: "an order to buy or sell that is sized by its risk needs a stop_loss_price",
    reasons.POST_ONLY_WITHOUT_LIMIT: "give max_price for a buy, min_price for a sell",
    reasons.NO_ORDER_NAMED: "say which: order_id, or tag",
    reasons.NO_CHANGE: "say what changes: a limit, size, trigger_price, a bracket or expires_after_seconds",
}
#: What stands for a value that the text does not show: right by itself, and there. Of a size none does.
_UNSEEN: Mapping[str, Any] = {
    "leverage": 1,
    "order_id": 1,
    **dict.fromkeys(("tag", "group"), "x"),
    **dict.fromkeys(("max_price", "min_price", "take_profit_price", "stop_loss_price", "trigger_price"), 1.0),
    **dict.fromkeys(("trailing_stop_percent", "expires_after_seconds"), 1.0),
}


def together_finding(operations: Collection[str], literal: Mapping[str, Any], unseen: Collection[str]) -> Finding:
    """Judge what the `literal` fields of a decision with one of these operations mean together; `unseen` ones have
    values that the text does not show.
    """
    stand_ins = {name: _UNSEEN[name] for name in unseen if name in _UNSEEN}
    fields = {**stand_ins, **literal, "symbol": "X"}
    problems = [value_problem(Decision(**{**fields, "operation": operation})) for operation in operations]
    if not problems or any(each not in _TOGETHER for each in problems):
        return None
    return str(problems[0]), _TOGETHER[str(problems[0])]


def _either(names: Collection[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} or {last}"


def symbol_check(symbols: Collection[str]) -> Check:
    """Return the check of symbols; where none are configured every one is right."""

    def check(value: object) -> Finding:
        if not symbols or value in symbols:
            return None
        hint = near(value, symbols) if isinstance(value, str) else ""
        return f"the symbol {shown(value)} is not configured", hint or f"configured: {', '.join(symbols)}"

    return check


#: The checks of what queries are asked with, by the name of the parameter.
ARGUMENT_CHECKS: dict[str, Check] = {
    "period": _period_finding,
    "indicator": _indicator_finding,
    "metric": _metric_finding,
    "count": _count_finding,
}
