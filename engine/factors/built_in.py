"""The factors that the platform ships as expressions: 64 of them, by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

#: What keeps a divisor of ranges above zero.
_G = "0.0001"
_RANGE = f"(high - low + {_G})"
_TYPICAL = "(high + low + close) / 3"
_DI = "{0}_DI(high, low, close, 14)"
_BASE = "(TS_MAX(high, {0}) + TS_MIN(low, {0})) / 2"


@dataclass(frozen=True, slots=True)
class ExpressedFactor:
    """A factor that an expression gives; `id` is the key of its row in the platform's table, if it has one."""

    name: str
    expression: str
    description: str = ""
    category: str = "custom"
    id: int | None = None


def _away(average: str, period: int, what: str) -> tuple[str, str]:
    return f"(close - {average}(close, {period})) / close", f"close less {what}, of the close"


_TREND: Mapping[str, tuple[str, str]] = {
    "EMA_CROSS_7_21": ("EMA(close, 7) / EMA(close, 21) - 1", "EMA 7 over EMA 21, less 1"),
    "EMA_CROSS_12_26": ("EMA(close, 12) / EMA(close, 26) - 1", "EMA 12 over EMA 26, less 1"),
    "SMA_CROSS_10_30": ("SMA(close, 10) / SMA(close, 30) - 1", "SMA 10 over SMA 30, less 1"),
    "DEMA20_DEV": _away("DEMA", 20, "DEMA 20"),
    "HMA20_DEV": _away("HMA", 20, "HMA 20"),
    "KAMA20_DEV": _away("KAMA", 20, "KAMA 20"),
    "EMA200_DEV": _away("EMA", 200, "EMA 200"),
    "SMA50_DEV": _away("SMA", 50, "SMA 50"),
    "WMA14_DEV": _away("WMA", 14, "WMA 14"),
    "TEMA20_DEV": _away("TEMA", 20, "TEMA 20"),
    "ADX14": ("ADX(high, low, close, 14)", "strength of the trend"),
    "DI_SPREAD": (f"{_DI.format('PLUS')} - {_DI.format('MINUS')}", "+DI less -DI"),
    "TREND_INTENSITY": (
        f"ADX(high, low, close, 14) * SIGN({_DI.format('PLUS')} - {_DI.format('MINUS')})",
        "ADX with the sign of its direction",
    ),
    "AROON_OSC": ("AROON_UP(high, low, 25) - AROON_DOWN(high, low, 25)", "Aroon up less Aroon down"),
    "ICHIMOKU_CONV_DEV": (f"(close - {_BASE.format(9)}) / close", "close less the conversion line, of the close"),
    "ICHIMOKU_BASE_DEV": (f"(close - {_BASE.format(26)}) / close", "close less the base line, of the close"),
    "ICHIMOKU_SPAN": (f"({_BASE.format(9)} - {_BASE.format(26)}) / close", "conversion less base, of the close"),
    "PIVOT_DIST": (f"(close - {_TYPICAL}) / close", "close less the mean of high, low and close, of the close"),
}
_MOMENTUM: Mapping[str, tuple[str, str]] = {
    "CCI20": ("CCI(high, low, close, 20)", "commodity channel index"),
    "WILLR14": ("WILLR(high, low, close, 14)", "Williams %R"),
    "PPO_12_26": ("PPO(close, 12, 26)", "percentage price oscillator"),
    "TRIX15": ("TRIX(close, 15)", "rate of change of the thrice smoothed close"),
    "ROC5": ("ROC(close, 5)", "change over 5 klines in percent"),
    "RSI21": ("RSI(close, 21)", "relative strength index"),
    "LOG_RETURN_1": ("LOG_RETURN(close, 1)", "logarithmic return of a kline"),
    "MOM10_NORM": ("MOM(close, 10) / close", "change over 10 klines, of the close"),
    "MOM_ACCEL": ("ROC(close, 3) - ROC(close, 10)", "change over 3 klines less that over 10"),
    "RSI_CHANGE": ("RSI(close, 14) - DELAY(RSI(close, 14), 5)", "RSI less that of 5 klines before"),
    "RSI_ZONE": ("ABS(RSI(close, 14) - 50)", "how far RSI is from 50"),
    "CCI_NORM": ("CCI(high, low, close, 20) / 100", "commodity channel index / 100"),
    "DECAY_MOM": ("DECAYLINEAR(ROC(close, 1), 10)", "returns of 10 klines, the newest the heaviest"),
    "MOMENTUM_DECAY": ("DECAYLINEAR(close, 20) / SMA(close, 20) - 1", "weighted over plain mean, less 1"),
    "NORM_PRICE": ("NORMALIZE(close, 20)", "close in deviations from its mean"),
    "PRICE_POS_20": (f"(close - TS_MIN(low, 20)) / (TS_MAX(high, 20) - TS_MIN(low, 20) + {_G})", "place in the range"),
    "DONCHIAN_POS": (f"(close - TS_MIN(low, 20)) / (TS_MAX(high, 20) - TS_MIN(low, 20) + {_G})", "place in the range"),
    "BARS_FROM_HIGH": ("TS_ARGMAX(high, 20)", "klines since the highest of 20"),
    "BARS_FROM_LOW": ("TS_ARGMIN(low, 20)", "klines since the lowest of 20"),
    "EFFICIENCY_RATIO": (
        f"ABS(close - DELAY(close, 10)) / (TS_SUM(ABS(close - DELAY(close, 1)), 10) + {_G})",
        "what was gone of all that was moved in 10 klines",
    ),
}
_VOLATILITY: Mapping[str, tuple[str, str]] = {
    "NATR14": ("NATR(high, low, close, 14)", "average true range in percent of the close"),
    "ATR_RATIO": ("ATR(high, low, close, 5) / ATR(high, low, close, 20)", "true range of 5 klines over that of 20"),
    "REALIZED_VOL": ("STDDEV(LOG_RETURN(close, 1), 20)", "deviation of logarithmic returns"),
    "TR_PCT": ("TRUE_RANGE(high, low, close) / close", "true range, of the close"),
    "VOL_EXPANSION": ("STDDEV(close, 5) / STDDEV(close, 20)", "deviation of 5 klines over that of 20"),
    "BOLL_SQUEEZE": (
        "(BBANDS_UPPER(close, 20) - BBANDS_LOWER(close, 20)) / BBANDS_MID(close, 20)", "width of the Bollinger bands"
    ),
    "HIGH_LOW_PCT": ("(high - low) / close", "range of the kline, of the close"),
    "RETURN_SKEW": ("TS_SKEW(close, 20)", "skewness of 20 closes"),
    "RETURN_KURT": ("TS_KURT(close, 20)", "excess kurtosis of 20 closes"),
    "KELTNER_POS": (
        f"(close - EMA(close, 20)) / (2 * ATR(high, low, close, 14) + {_G})", "place in the Keltner channel"
    ),
    "CLOSE_RANGE": (f"(close - low) / {_RANGE}", "where the kline closes in its range"),
    "SHADOW_UPPER": (f"(high - MAX(open, close)) / {_RANGE}", "upper shadow, of the range"),
    "SHADOW_LOWER": (f"(MIN(open, close) - low) / {_RANGE}", "lower shadow, of the range"),
    "BODY_RATIO": (f"ABS(close - open) / {_RANGE}", "body, of the range"),
    "INTRABAR_VOL": (f"(high - low) / (ABS(close - open) + {_G})", "range over body"),
}  # fmt: skip
_VOLUME: Mapping[str, tuple[str, str]] = {
    "VOL_TREND": ("EMA(volume, 7) / EMA(volume, 21) - 1", "EMA 7 of volume over EMA 21, less 1"),
    "CMF20": ("CMF(high, low, close, volume, 20)", "Chaikin money flow"),
    "MFI14": ("MFI(high, low, close, volume, 14)", "money flow index"),
    "AD_LINE": ("AD(high, low, close, volume)", "accumulation and distribution, since the first kline"),
    "MFI_RSI_DIFF": ("MFI(high, low, close, volume, 14) - RSI(close, 14)", "money flow index less RSI"),
    "VOL_RATIO_5_20": ("SMA(volume, 5) / SMA(volume, 20)", "volume of 5 klines over that of 20"),
    "PRICE_VOL_CORR": ("TS_CORR(close, volume, 20)", "correlation of close and volume"),
    "NORM_VOLUME": ("NORMALIZE(volume, 20)", "volume in deviations from its mean"),
    "VOL_PRICE_DIV": ("-SIGN(ROC(close, 5)) * ROC(volume, 5) / 100", "volume against the direction of the price"),
    "UP_VOL_RATIO": (
        "TS_SUM(IF(ROC(close, 1) > 0, volume, 0), 20) / TS_SUM(volume, 20)", "volume of rising klines, of all"
    ),
    "AMIHUD_ILLIQ": (f"ABS(ROC(close, 1)) / (volume + {_G})", "change in percent for a coin traded"),
}  # fmt: skip


def _all() -> Iterator[ExpressedFactor]:
    tables = {"trend": _TREND, "momentum": _MOMENTUM, "volatility": _VOLATILITY, "volume": _VOLUME}
    for category, factors in tables.items():
        for name, (expression, description) in factors.items():
            yield ExpressedFactor(name, expression, description, category)


#: The factors that the platform ships, by name.
BUILT_IN_FACTORS: Mapping[str, ExpressedFactor] = {each.name: each for each in _all()}
