"""Which indicator a name stands for, and its values over a whole series of klines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from ...periods import MINUTE_MS
from ..series import Kline, KlineColumns
from .bollinger import BollingerBands
from .convergence import Convergence
from .indicator import Indicator
from .moving_averages import ExponentialAverage, MovingAverage
from .stochastic import Stochastic
from .value_with_series import late_series
from .volume import OnBalanceVolume, VolumeWeightedPrice
from .wilder import AverageTrueRange, RelativeStrength

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
#: The names that take a period behind them, and those that stand alone.
INDICATOR_FAMILIES, PLAIN_INDICATORS = tuple(_WITH_PERIOD), tuple(_PLAIN)
_NAME = re.compile(r"([A-Z]+)([1-9][0-9]{0,3})")


def parse_indicator(name: str) -> Indicator | None:
    """Return the indicator of that name, in any case, or None when there is none.

    MA, EMA, RSI and ATR take a period from 1 to 9999 (``RSI21``); MACD, BOLL, STOCH, VWAP and OBV stand alone.
    """
    return _parse(str.upper(name)) if isinstance(name, str) else None


@lru_cache(maxsize=1024)
def _parse(name: str) -> Indicator | None:
    match = _NAME.fullmatch(name)
    if match is None:
        return _PLAIN.get(name)
    family = _WITH_PERIOD.get(match[1])
    return None if family is None else family(int(match[2]))


def calculate_indicators(klines: KlineColumns | Sequence[Kline], names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the indicators of `names` (upper-cased) over all of `klines`, oldest first, however many there are.

    Each is what `get_indicator` answers: its last values as floats, and `series`, aligned with the klines, for those
    of one value. A name that stands for no indicator has an empty entry; so has every name when there are no klines.
    """
    if not isinstance(klines, KlineColumns):
        klines = KlineColumns.of(MINUTE_MS, klines)
    return {str.upper(name): _entry(klines, parse_indicator(name)) for name in names}


def _entry(columns: KlineColumns, indicator: Indicator | None) -> dict[str, Any]:
    if indicator is None or not len(columns):
        return {}
    values = indicator.values(columns, len(columns))
    if indicator.has_series:
        series = values["value"]
        return late_series(series.item(-1), series.tolist)
    return {key: column.item(-1) for key, column in values.items()}
