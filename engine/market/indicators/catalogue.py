"""Which indicator a name stands for."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from .bollinger import BollingerBands
from .convergence import Convergence
from .exponential_average import ExponentialAverage
from .indicator import Indicator
from .moving_average import MovingAverage
from .on_balance_volume import OnBalanceVolume
from .relative_strength import RelativeStrength
from .stochastic import Stochastic
from .true_range import AverageTrueRange
from .volume_weighted_price import VolumeWeightedPrice

_WITH_PERIOD: dict[str, Callable[[int], Indicator]] = {
    "MA": MovingAverage,
    "EMA": ExponentialAverage,
    "RSI": RelativeStrength,
    "ATR": AverageTrueRange,
}
_PLAIN: dict[str, Indicator] = {
    indicator.name: indicator
    for indicator in (Convergence(), BollingerBands(), Stochastic(), VolumeWeightedPrice(), OnBalanceVolume())
}
_NAME = re.compile(r"([A-Z]+)([1-9][0-9]{0,3})")


def parse_indicator(name: str) -> Indicator | None:
    """Return the indicator of that name, in any case, or None when there is none.

    MA, EMA, RSI and ATR take a period from 1 to 9999 (``RSI21``); MACD, BOLL, STOCH, VWAP and OBV stand alone.
    """
    return _parse(str.upper(name)) if isinstance(name, str) else None


def warm_up(name: str) -> int | None:
    """Return how many klines it takes until every key of that indicator is defined; None when there is none."""
    indicator = parse_indicator(name)
    return None if indicator is None else indicator.longest_warm_up


@lru_cache(maxsize=1024)
def _parse(name: str) -> Indicator | None:
    match = _NAME.fullmatch(name)
    if match is None:
        return _PLAIN.get(name)
    family = _WITH_PERIOD.get(match[1])
    return None if family is None else family(int(match[2]))
