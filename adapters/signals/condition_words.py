"""What conditions can be made of, for forms: every kind with its fields, and what each of them means."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from engine import PERIOD_MS
from engine.market.flow import SIGNAL_METRICS, rows_needed
from engine.market.indicators import INDICATOR_FAMILIES, PLAIN_INDICATORS
from engine.signals import (
    DIRECTIONS,
    EVENTS,
    FEATURE_PREFIX,
    INDICATOR_PREFIX,
    KLINES_NEEDED,
    OPERATORS,
    MacdCondition,
    TakerVolumeCondition,
)


@dataclass(frozen=True)
class Choice:
    """One value of a field, and what it means."""

    value: str
    label: str
    meaning: str = ""
    unit: str = ""


@dataclass(frozen=True)
class ConditionField:
    """An input of a form: `kind` is "choice", "several" (of the choices), "number" or "text"; `start` is what a new
    condition has. A text of a name is put behind the `prefix` of its kind.
    """

    name: str
    label: str
    kind: str
    help: str
    start: Any
    choices: tuple[Choice, ...] = ()
    unit: str = ""
    at_least: float | None = None
    prefix: str = ""
    is_optional: bool = False


@dataclass(frozen=True)
class ConditionKind:
    """A kind of condition; `metric` is that of all its conditions, empty where a field names it. `threshold` is the
    field that a distribution helps to choose, `figure` is what that is of.
    """

    name: str
    label: str
    help: str
    metric: str
    threshold: str
    figure: str
    fields: tuple[ConditionField, ...]


#: Label, unit and meaning of the metrics of the contract.
_METRICS = {
    "cvd": ("Cumulative volume delta", "USD", "bought less sold by takers in the newest bucket"),
    "oi_delta": ("Open interest, change", "%", "change of open interest against the previous bucket"),
    "oi": ("Open interest, change in USD", "USD", "change of open interest against the previous bucket"),
    "funding": ("Funding rate, change", "1e-6", "its change against the previous bucket, in millionths"),
    "taker_ratio": ("Taker buy / sell", "", "bought by takers divided by sold, in USD; 1 is as much of each"),
    "depth_ratio": ("Depth bid / ask", "", "depth of the best five bids divided by that of the best five asks"),
    "order_imbalance": ("Order imbalance", "", "(bid - ask) / (bid + ask) of five levels, from -1 to 1"),
    "price_change": ("Price change", "%", "change of the bucket's last high against the previous bucket's"),
    "volatility": ("Volatility", "%", "highest less lowest price of the bucket, of the lowest"),
}
_OPERATORS = {
    ">": "above the threshold",
    ">=": "at or above it",
    "<": "below the threshold",
    "<=": "at or below it",
    "==": "equal to it (within 1e-9)",
    "!=": "not equal to it",
    "abs_greater_than": "its size, without the sign, above the threshold",
    "abs_less_than": "its size, without the sign, below the threshold",
}
_SIDES = {"any": "either side outweighs", "buy": "takers bought more", "sell": "takers sold more"}
_EVENTS = {
    "golden_cross": "MACD crosses its signal line upwards",
    "histogram_positive": "the histogram turns positive, the same as golden_cross",
    "death_cross": "MACD crosses its signal line downwards",
    "histogram_negative": "the histogram turns negative, the same as death_cross",
    "macd_above_zero": "MACD turns positive",
    "macd_below_zero": "MACD turns negative",
}
_OUTPUTS = {
    "macd": "MACD: the line",
    "signal": "MACD: the signal line",
    "histogram": "MACD: the histogram",
    "upper": "BOLL: the upper band",
    "middle": "BOLL: the middle",
    "lower": "BOLL: the lower band",
    "k": "STOCH: %K",
    "d": "STOCH: %D",
}


def condition_kinds() -> list[dict[str, Any]]:
    """Return every kind of condition as plain values."""
    return [asdict(each) for each in (_flow(), _indicator(), _taker_volume(), _macd(), _feature())]


def _flow() -> ConditionKind:
    return ConditionKind(
        "flow", "Order flow", "A figure of the order flow, judged every 15 seconds on the newest bucket of the window.",
        "", "threshold", "the metric",
        (
            ConditionField("metric", "Metric", "choice", "what is compared", "cvd", _metrics()),
            _operator(), _threshold(), _window("length of the buckets"),
        ),
    )  # fmt: skip


def _metrics() -> tuple[Choice, ...]:
    found = []
    for name, metric in SIGNAL_METRICS.items():
        label, unit, meaning = _METRICS.get(name, (name, "", "a metric of one's own"))
        found.append(Choice(name, label, f"{meaning}; made of {rows_needed(metric)}", unit))
    return tuple(found)


def _indicator() -> ConditionKind:
    known = f"{', '.join(f'{each}14' for each in INDICATOR_FAMILIES)} (with any period), {', '.join(PLAIN_INDICATORS)}"
    return ConditionKind(
        "indicator", "Indicator", "An indicator of finished klines, judged at the close of each.", "", "threshold",
        "the indicator",
        (
            ConditionField("metric", "Indicator", "text", known, f"{INDICATOR_PREFIX}RSI14", prefix=INDICATOR_PREFIX),
            ConditionField(
                "output", "Value", "choice", "of an indicator that has several; none: the first", None,
                tuple(Choice(name, label) for name, label in _OUTPUTS.items()), is_optional=True,
            ),
            _operator("<"), _threshold(30.0), _window("period of the klines", "1h"),
        ),
    )  # fmt: skip


def _taker_volume() -> ConditionKind:
    start = TakerVolumeCondition()
    return ConditionKind(
        "taker_volume", "Taker volume",
        "One side of the takers outweighs the other, in enough volume; judged every 15 seconds on the newest bucket.",
        TakerVolumeCondition.metric, "ratio_threshold", "ln(bought / sold)",
        (
            ConditionField(
                "direction", "Side", "choice", "which side must outweigh", start.direction,
                tuple(Choice(each, each, _SIDES[each]) for each in DIRECTIONS),
            ),
            ConditionField(
                "ratio_threshold", "Ratio", "number", "so many times the other side, 1.01 at least",
                start.ratio_threshold, at_least=0.0,
            ),
            ConditionField(
                "volume_threshold", "Volume", "number", "of both sides together in the bucket",
                start.volume_threshold, unit="USD", at_least=0.0,
            ),
            _window("length of the buckets"),
        ),
    )  # fmt: skip


def _macd() -> ConditionKind:
    return ConditionKind(
        "macd", "MACD event",
        f"True from the close of the kline that makes an event to the next close; from {KLINES_NEEDED} klines on.",
        MacdCondition.metric, "", "the histogram of MACD",
        (
            ConditionField(
                "event_types", "Events", "several", "one of these is enough", ["golden_cross"],
                tuple(Choice(name, name.replace("_", " "), _EVENTS[name]) for name in EVENTS),
            ),
            _window("period of the klines", "1h"),
        ),
    )  # fmt: skip


def _feature() -> ConditionKind:
    return ConditionKind(
        "feature", "Feature", "The newest value of a feature, a series of one's own that was imported.",
        "", "threshold", "the feature",
        (
            ConditionField(
                "metric", "Feature", "text", "its name, as it was imported", f"{FEATURE_PREFIX}mood",
                prefix=FEATURE_PREFIX,
            ),
            _operator(), _threshold(),
        ),
    )  # fmt: skip


def _operator(start: str = ">") -> ConditionField:
    choices = tuple(Choice(name, name.replace("_", " "), _OPERATORS[name]) for name in OPERATORS)
    return ConditionField("operator", "Operator", "choice", "how it is compared", start, choices)


def _threshold(start: float = 0.0) -> ConditionField:
    return ConditionField("threshold", "Threshold", "number", "in the unit of what is compared", start)


def _window(help: str, start: str = "5m") -> ConditionField:
    choices = tuple(Choice(name, name) for name in PERIOD_MS)
    return ConditionField("time_window", "Window", "choice", help, start, choices)
