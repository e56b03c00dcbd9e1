"""From the JSON of a stored condition to the condition."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..errors import ConfigurationError, UnknownMetric
from .condition import Condition
from .feature_condition import FeatureCondition
from .macd_condition import MacdCondition
from .taker_condition import TakerVolumeCondition
from .threshold_conditions import IndicatorCondition, MetricCondition, is_flow_metric

#: Every kind of condition; the first that its metric names is the one, and the last takes all.
KINDS: tuple[type[Condition], ...] = (
    TakerVolumeCondition,
    MacdCondition,
    IndicatorCondition,
    FeatureCondition,
    MetricCondition,
)


def parse_condition(condition: str | Mapping[str, Any]) -> Condition:
    """Return the condition that JSON text or a mapping describes; `ConfigurationError` with every problem, which is
    `UnknownMetric` where its metric is not known here.

    Keys that the contract does not know are left to the platform; a missing required key is a problem.
    """
    entry: Any = condition
    if isinstance(condition, str):
        try:
            entry = json.loads(condition)
        except (ValueError, RecursionError) as error:
            raise ConfigurationError([f"the condition is no JSON: {error}"]) from None
    if not isinstance(entry, Mapping):
        raise ConfigurationError([f"the condition {entry!r} is no object"])
    metric = entry.get("metric")
    if not isinstance(metric, str) or not metric:
        raise ConfigurationError(["metric is missing" if metric is None else f"metric {metric!r} is no name"])
    metric = metric.strip()
    kind = next(each for each in KINDS if each.is_named(metric.lower()))
    try:
        return kind.from_entry({**entry, "metric": metric})
    except ConfigurationError as error:
        if kind is MetricCondition and not is_flow_metric(metric.lower()):
            raise UnknownMetric(error.problems) from None
        raise
