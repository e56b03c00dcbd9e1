"""The right word for a wrong one: names that are nearly right, those of other templates, and what to do instead."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Mapping
from inspect import signature
from types import TracebackType

from ..contract import FIELDS, ActionType, Decision, Order, Position, RegimeInfo, Trade
from ..market.indicators import PLAIN_INDICATORS, parse_indicator
from ..market.series import Kline
from ..near_names import near
from .market_data import MarketData

_PORTION = "target_portion_of_balance, a share of the available balance"
_PRICES = "data.get_price(symbol)"
_ACTIONS = ", ".join(repr(action.value) for action in ActionType)

#: What other templates, and people, call the fields of a decision.
FIELD_HINTS: Mapping[str, str] = {
    **dict.fromkeys(("action", "side", "direction", "signal", "type"), f"use operation: one of {_ACTIONS}"),
    **dict.fromkeys(("size_usd", "amount", "quantity", "qty", "portion", "percent"), f"use {_PORTION}"),
    **dict.fromkeys(("tp_price", "tp", "take_profit"), "use take_profit_price"),
    **dict.fromkeys(("sl_price", "sl", "stop_loss"), "use stop_loss_price"),
    **dict.fromkeys(("price", "limit_price", "entry_price"), "use max_price for a buy, min_price for a sell"),
    **dict.fromkeys(("coin", "ticker", "asset", "pair"), "use symbol"),
}

#: The same of what a program is asked with.
DATA_HINTS: Mapping[str, str] = {
    **dict.fromkeys(("prices", "price", "close", "current_price", "last_price"), f"use {_PRICES}"),
    **dict.fromkeys(("klines", "candles", "bars", "ohlcv", "history"), 'use data.get_klines(symbol, "1h", 50)'),
    **dict.fromkeys(("get_candles", "get_bars", "get_ohlcv", "get_history"), "use data.get_klines"),
    **dict.fromkeys(("indicators", "get_rsi", "rsi"), 'use data.get_indicator(symbol, "RSI14", "1h")["value"]'),
    **dict.fromkeys(("balance", "cash", "get_balance"), "use data.available_balance"),
    **dict.fromkeys(("equity", "account_value", "get_equity"), "use data.total_equity"),
    **dict.fromkeys(("position", "get_position", "get_positions"), "use data.positions.get(symbol)"),
    **dict.fromkeys(("symbol", "coin"), 'use data.trigger_symbol ("" at a scheduled trigger)'),
    **dict.fromkeys(("time", "now", "current_time"), "use data.timestamp, in ms"),
    "get": "data is no dict: use its attributes",
}

_ACTION_HINTS = {"LONG": "use ActionType.BUY", "SHORT": "use ActionType.SELL", "EXIT": "use ActionType.CLOSE"}
_HINTS_OF: Mapping[type, Mapping[str, str]] = {MarketData: DATA_HINTS, Decision: FIELD_HINTS, ActionType: _ACTION_HINTS}
#: What a program gets from us and reads attributes of.
_OURS = (MarketData, Decision, ActionType, Position, Trade, Order, RegimeInfo, Kline)

#: Libraries beside the standard one that a program may import.
LIBRARIES = ("numpy", "pandas", "talib")
#: What modules of the standard library, and beside it, are called when they are imported.
_MODULES = {"np": "numpy", "pd": "pandas", "dt": "datetime", "ta": "talib"}


def is_importable(module: str) -> bool:
    """Tell whether plain Python programs may import a module, by the name of its root."""
    return module in sys.stdlib_module_names or module in LIBRARIES


def attribute_hint(kind: type, name: str) -> str:
    """Return what to use in the place of an attribute that a type of ours does not have, or ""."""
    return _HINTS_OF.get(kind, {}).get(name) or near(name, public_names(kind))


def public_names(kind: type) -> list[str]:
    """Return the attributes of a type of ours that programs may read."""
    if issubclass(kind, ActionType):
        return [member.name for member in ActionType]
    return [name for name in dir(kind) if not name.startswith("_")]


def keyword_hint(name: str) -> str:
    """Return what to use in the place of a keyword that `Decision` does not have, or ""."""
    return FIELD_HINTS.get(name) or near(name, FIELDS)


def argument_hint(query: str, name: str) -> str:
    """Return what to use in the place of a keyword that a query of the data does not have."""
    takes = [each for each in signature(getattr(MarketData, query)).parameters if each != "self"]
    return near(name, takes) or f"{query} takes {', '.join(takes)}"


def name_hint(name: str, there: Collection[str], without_imports: Mapping[str, str]) -> str:
    """Return what to do about a name that is not there: of the names `there`, one that is like it. A language without
    imports says itself what is in the place of what others import.
    """
    if without_imports:
        return without_imports.get(name) or near(name, there)
    module = _MODULES.get(name)
    return f"import {module} as {name}" if module is not None else near(name, there)


# --- errors of a running program

_UNEXPECTED = re.compile(r"(Decision|MarketData)\.(\w+)\(\) got an unexpected keyword argument '(\w+)'")
_NO_ITEMS = re.compile(r"'(\w+)' object is not subscriptable|tuple indices must be integers or slices, not str")
_WANTS_NUMBER = re.compile(r"not supported between|operand type|real number|format string|__round__|multiply sequence")
_DICT = re.compile(r"\b(dict|ValueWithSeries)\b")

_OTHERS = ", ".join(
    f"{name} ['{next(iter(indicator.fillers))}']"
    for name in PLAIN_INDICATORS
    if (indicator := parse_indicator(name)) is not None and not indicator.has_series
)
INDICATOR_IS_A_DICT = "get_indicator returns a dict: use ['value']"


def error_hint(error: BaseException) -> str:
    """Return what to do about an error of a program, or "". Of an error of the program's own kind it knows nothing."""
    if type(error) is AttributeError:
        obj: object = error.obj
        kind = obj if obj is ActionType else type(obj)
        return attribute_hint(kind, error.name) if kind in _OURS and isinstance(error.name, str) else ""
    if type(error) is NameError:
        return _missing_name_hint(error)
    return type_error_hint(str(error)) if type(error) is TypeError else ""


def type_error_hint(message: str) -> str:
    """Return what to do about a `TypeError` with that message, or ""."""
    unexpected = _UNEXPECTED.match(message)
    if unexpected is not None:
        what, method, name = unexpected.groups()
        return keyword_hint(name) if what == "Decision" else argument_hint(method, name)
    found = _DICT.search(message) if _WANTS_NUMBER.search(message) else None
    if found is not None:
        return INDICATOR_IS_A_DICT + (f" ({_OTHERS}; get_flow: ['current'])" if found[0] == "dict" else "")
    no_items = _NO_ITEMS.search(message)
    if no_items is not None and (no_items[1] or Kline.__name__) in {kind.__name__ for kind in _OURS}:
        return "it has attributes: kline.close, position.size, data.positions"
    return ""


def _missing_name_hint(error: NameError) -> str:
    trace: TracebackType | None = error.__traceback__
    if trace is None or not isinstance(error.name, str):
        return ""
    while trace.tb_next is not None:
        trace = trace.tb_next
    frame = trace.tb_frame
    there = {*frame.f_locals, *frame.f_globals, *frame.f_builtins}
    return name_hint(error.name, there, {} if "__import__" in there else WITHOUT_IMPORTS)


#: What is in the place of what others import, in a language without imports.
WITHOUT_IMPORTS: Mapping[str, str] = {
    **dict.fromkeys(("np", "numpy", "pd", "pandas", "ta", "talib"), "data.get_indicator and plain lists are there"),
    **dict.fromkeys(("datetime", "timedelta", "date"), "time.time() is simulated time in seconds"),
    **dict.fromkeys(("os", "sys", "subprocess", "socket"), "programs see the market and nothing else"),
    **dict.fromkeys(("defaultdict", "Counter", "deque"), "use a dict or a list"),
    **dict.fromkeys(("logging", "logger"), "use log(message)"),
}
