"""A program as no run has used it yet."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from engine import ConfigurationError
from engine.plain_values import shown


def unused(strategy: Any) -> Any:
    """Return a program of one's own for one more run: a class as it is, of an object a copy, because it remembers what
    it was asked. Raises `ConfigurationError` for an object that cannot be copied.
    """
    if strategy is None or isinstance(strategy, type):
        return strategy
    try:
        return deepcopy(strategy)
    except Exception as error:  # its own methods may raise anything
        problem = f"{shown(strategy)} cannot be copied, and each run needs one of its own ({error}): give its class"
        raise ConfigurationError([f"strategy: {problem}"]) from error
