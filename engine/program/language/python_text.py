"""A program in plain Python: any syntax, any import that can be had."""

from __future__ import annotations

import builtins
import math
import statistics
import sys
import time
from collections.abc import Callable
from types import CodeType, ModuleType

from ...contract import ActionType, Decision
from .. import MarketData, Strategy
from .scope import PROGRAM_NAME, first_strategy


def run_python(code: CodeType, log: Callable[..., None]) -> type:
    """Run a compiled text as a module of its own, and return the strategy that it leaves.

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
    return first_strategy(names)
