"""What a program finds when it runs: the contract's names, safe builtins, and the checks that compiled code calls."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping
from inspect import isabstract
from types import CodeType
from typing import Any

from ...contract import ActionType, Decision
from ...errors import Problem, ProgramError
from ...market.indicators import ValueWithSeries
from .. import MarketData, Parameters, Strategy, readable
from .facades import MATH, STATISTICS, time_facade
from .names import BASES, TYPE_NAME, WRITE

SAFE_BUILTINS = (
    "abs min max sum len round int float str bool list dict tuple set frozenset range enumerate zip map filter sorted "
    "reversed any all isinstance issubclass repr iter next pow divmod ord chr property staticmethod classmethod super "
    "object True False None NotImplemented "
    "ArithmeticError AssertionError AttributeError Exception FloatingPointError IndexError KeyError LookupError "
    "NameError NotImplementedError OverflowError RecursionError RuntimeError StopIteration TypeError ValueError "
    "ZeroDivisionError"
).split()
#: What a program is called as a module.
PROGRAM_NAME = "program"
READY_MODULES = ("math", "time", "statistics")
IMPORTABLE_NAMES = frozenset({"typing", "__future__", "typing_extensions"})

#: Every name that exists without the program defining it.
NAMES = frozenset(
    {*SAFE_BUILTINS, *READY_MODULES, "type", "print", "log", "ActionType", "Decision", "MarketData", "Strategy"}
)
NO_CLASS = Problem(1, "there is no class with a method should_trade(self, data)")


class ProgramScope:
    """The names of one program and the classes it has defined. `now` is simulated time in epoch ms.

    A program may write to attributes and items of its own classes and their objects, of dicts, lists and decisions,
    and of nothing else.
    """

    def __init__(self, now: Callable[[], int], log: Callable[..., None]) -> None:
        self._own: set[Any] = set()
        self._writable: set[Any] = {dict, list, Decision, Parameters, ValueWithSeries}
        safe = {name: getattr(builtins, name) for name in SAFE_BUILTINS}
        safe |= {"print": log, "type": type_of, TYPE_NAME: type_name}
        safe |= {"__build_class__": self._build_class, WRITE: self._write}
        self.names: dict[str, Any] = {
            "__builtins__": safe,
            "__name__": PROGRAM_NAME,
            "ActionType": ActionType,
            "Decision": Decision,
            "MarketData": MarketData,
            "Strategy": Strategy,
            "log": log,
            "math": MATH,
            "statistics": STATISTICS,
            "time": time_facade(now),
        }

    def run(self, code: CodeType) -> type:
        """Run a program's text and return the strategy that it leaves."""
        exec(code, self.names)  # noqa: S102 - the policy has judged it; the walls around it are the caller's
        return first_strategy(self.names)

    def _build_class(self, body: Any, name: str, *bases: Any, **keywords: Any) -> type:
        for base in bases:
            is_class = issubclass(type(base), type)  # anything else would be asked for its own hash
            if not is_class or (base not in self._own and base not in _BASES):
                what = base.__name__ if isinstance(base, type) else "this"
                raise TypeError(f"class {readable(name)} cannot derive from {what}")
        if keywords:
            raise TypeError(f"class {readable(name)} takes no keywords")
        kind: type = builtins.__build_class__(body, name, *bases)
        self._own.add(kind)
        self._writable.add(kind)
        return kind

    def _write(self, target: Any) -> Any:
        kind = type(target)
        if kind in self._writable or (kind is type and target in self._own):
            return target
        what = f"the class {target.__name__}" if kind is type else f"{kind.__name__} objects"
        raise TypeError(f"{what} cannot be changed by a program")


_BASES = frozenset(Strategy if name == "Strategy" else getattr(builtins, name) for name in BASES)
_NO_STRATEGY = (None, Strategy.should_trade)


def first_strategy(names: Mapping[str, Any]) -> type:
    """Return the first of the classes that a program has left behind which has a `should_trade` and is not abstract.
    Raises `ProgramError` where there is none.
    """
    own = [each for each in names.values() if isinstance(each, type) and each.__module__ == PROGRAM_NAME]
    for kind in own:
        if getattr(kind, "should_trade", None) not in _NO_STRATEGY and not isabstract(kind):
            return kind
    raise ProgramError([NO_CLASS])


def type_of(value: object) -> Any:
    """Return the type of a value: `type` with one argument. The type of a type is this function, for a real one could
    make classes that the policy has not seen.
    """
    kind = type(value)
    return type_of if issubclass(kind, type) else kind


def type_name(value: object) -> str:
    """Return the name of a value's type."""
    return readable(type(value).__name__)
