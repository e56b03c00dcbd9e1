"""From the JSON of a stored condition to the condition."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from ..errors import ConfigurationError
from .check_points import Condition
from .indicator_condition import PREFIX, IndicatorCondition
from .macd_condition import MacdCondition
from .metric_condition import MetricCondition
from .taker_condition import TakerVolumeCondition


def parse_condition(condition: str | Mapping[str, Any]) -> Condition:
    """Return the condition that JSON text or a mapping describes; `ConfigurationError` with every problem.

    Keys that the contract does not know are left to the platform; a missing required key is a problem.
    """
    entry = _mapping(condition)
    metric = entry.get("metric")
    if not isinstance(metric, str) or not metric:
        raise ConfigurationError(["metric is missing" if metric is None else f"metric {metric!r} is no name"])
    name = metric.strip().lower()
    if name == "taker_volume":
        return _make(TakerVolumeCondition, entry)
    if name == "macd":
        events = entry.get("event_types")
        if isinstance(events, str) or not isinstance(events, (list, tuple)):
            raise ConfigurationError(
                ["event_types is missing" if events is None else f"event_types {events!r} is no list"]
            )
        return _make(MacdCondition, {**entry, "event_types": tuple(str(event) for event in events)})
    kind: Callable[..., Condition] = IndicatorCondition if name.startswith(PREFIX) else MetricCondition
    known_metric = metric.strip() if name.startswith(PREFIX) else name
    return _make(kind, {"operator": None, "threshold": None, **entry, "metric": known_metric})


def _mapping(condition: str | Mapping[str, Any]) -> Mapping[str, Any]:
    entry: Any = condition
    if isinstance(condition, str):
        try:
            entry = json.loads(condition)
        except (ValueError, RecursionError) as error:
            raise ConfigurationError([f"the condition is no JSON: {error}"]) from None
    if not isinstance(entry, Mapping):
        raise ConfigurationError([f"the condition {entry!r} is no object"])
    return entry


def _make(kind: Callable[..., Condition], entry: Mapping[str, Any]) -> Condition:
    known = {each.name for each in fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: value for name, value in entry.items() if name in known})
