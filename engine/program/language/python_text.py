"""A program in plain Python: any syntax, any import that can be had."""

from __future__ import annotations

import builtins
import math
import statistics
import sys
import time
from collections.abc import Callable
from types import CodeType, ModuleType
from typing import Any

from ...contract import ActionType, Decision
from ...errors import ProgramError
from .. import MarketData, Strategy
from .scope import NO_CLASS, PROGRAM_NAME


def run_python(code: CodeType, log: Callable[..., None]) -> type:
    """Run a compiled text as a module of its own, and return the last class with a `should_trade` that it leaves.

    It finds the contract's names, `print` writes to its log, and every builtin is there.
    """
    module = ModuleType(PROGRAM_NAME)
    names = vars(module)
    names |= {
        "__builtins__": builtins,
        "ActionType": ActionType,
        "Decision": Decision,
        "MarketData": MarketData,
        "Strategy": Strategy,
        "log": log,
        "print": log,
        "math": math,
        "statistics": statistics,
        "time": time,
    }
    sys.modules[PROGRAM_NAME] = module  # where dataclasses and annotations look for its names
    exec(code, names)  # noqa: S102 - behind a wall, or one's own
    return _last_strategy(names)


def _last_strategy(names: dict[str, Any]) -> type:
    own = [each for each in names.values() if isinstance(each, type) and each.__module__ == PROGRAM_NAME]
    found = [kind for kind in own if getattr(kind, "should_trade", Strategy.should_trade) is not Strategy.should_trade]
    if not found:
        raise ProgramError([NO_CLASS])
    return found[-1]
