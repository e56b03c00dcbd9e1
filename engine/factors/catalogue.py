"""Every factor that there is in a run, by name, and its value as it was at an instant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from math import isfinite, nan

import numpy as np

from ..market import SymbolHistory
from ..market.series import FloatColumn, KlineColumns
from ..near_names import near
from .built_in import BUILT_IN_FACTORS, ExpressedFactor
from .errors import FactorError
from .expression import FactorExpression
from .registry import REGISTRY_FACTORS, FlowFactor, RegistryFactor

Factor = ExpressedFactor | RegistryFactor

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")


@lru_cache(maxsize=1024)
def read_expression(text: str) -> FactorExpression:
    """Return an expression that has been read, once for each text. Raises `FactorError`."""
    return FactorExpression(text)


class FactorCatalogue:
    """The factors of a run: those of the registry, then `own` ones, then those that the platform ships.

    Raises `FactorError` for a name that is none, one that stands for a factor of the registry, and an expression that
    cannot be read.
    """

    def __init__(self, own: Iterable[ExpressedFactor] = ()) -> None:
        self.own = tuple(own)
        for each in self.own:
            _check(each)
        named = {each.name: each for each in self.own}
        self._factors: Mapping[str, Factor] = {**REGISTRY_FACTORS, **BUILT_IN_FACTORS, **named}

    def __iter__(self) -> Iterator[Factor]:
        return iter(self._factors.values())

    def __len__(self) -> int:
        return len(self._factors)

    def get(self, name: str) -> Factor | None:
        """Return the factor of that name, or None."""
        return self._factors.get(name)

    def named(self, name: str) -> Factor:
        """Return the factor of that name. Raises `FactorError` where there is none."""
        found = self.get(name)
        if found is None:
            hint = near(name, self._factors)
            raise FactorError(f"there is no factor {name!r}" + (f"; {hint}" if hint else ""))
        return found


def _check(factor: ExpressedFactor) -> None:
    if not _NAME.fullmatch(factor.name):
        raise FactorError(f"a factor is called {factor.name!r}: a letter, then letters, digits and _, 100 at most")
    if factor.name in REGISTRY_FACTORS:
        raise FactorError(f"{factor.name} is the name of a factor that is there already")
    try:
        read_expression(factor.expression)
    except FactorError as error:
        raise FactorError(f"factor {factor.name}: {error.problem}", error.position) from None


#: A factor is worked out over so many of the last klines, and over no fewer than so many.
FACTOR_WINDOW, FEWEST_FACTOR_KLINES = 500, 30


def factor_series(factor: Factor, klines: KlineColumns, history: SymbolHistory, start_ms: int) -> FloatColumn:
    """Return a factor at the close of each of `klines`, as it was known then, NaN where it was unknown and where
    the kline closes before `start_ms`: each is made of the last 500 klines up to there.
    """
    values = np.full(len(klines), nan)
    closes = klines.open_ms + klines.period_ms
    first = max(FEWEST_FACTOR_KLINES, int(closes.searchsorted(start_ms)) + 1)
    for stop in range(first, len(klines) + 1):
        window = klines.slice(max(0, stop - FACTOR_WINDOW), stop)
        values[stop - 1] = factor_value(factor, window, history, int(closes[stop - 1]))
    return values


def factor_value(factor: Factor, klines: KlineColumns, history: SymbolHistory, time_ms: int) -> float:
    """Return a factor's value at an instant, NaN where it is unknown: of `klines`, the ones that are known then, oldest
    first, the last of which may be forming, and of the flow rows of that last kline up to then.

    Raises `FactorError` where an expression needs more klines. An infinite value is unknown.
    """
    if isinstance(factor, ExpressedFactor):
        value = float(read_expression(factor.expression).values(klines)[-1])
    elif isinstance(factor, FlowFactor):
        opened = int(klines.open_ms[-1])
        value = factor.work(history.flow, opened, min(time_ms, opened + klines.period_ms - 1))
    else:
        value = factor.work(klines)
    return value if isfinite(value) else nan
