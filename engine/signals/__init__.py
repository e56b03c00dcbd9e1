"""Signals: conditions on metrics, pools of them, and the instants at which they fire."""

from .check_points import FALSE, TRUE, UNDEFINED, CheckPoints, Condition, Points
from .detection import Detection, PoolTrigger, detect
from .incremental import IncrementalDetector
from .indicator_condition import IndicatorCondition
from .macd_condition import MacdCondition
from .metric_condition import MetricCondition
from .parse import parse_condition
from .pool import SignalDefinition, SignalPool, combine
from .service import SignalBacktest, SignalBacktestService
from .suggestion import Suggestion, suggest_threshold
from .taker_condition import TakerVolumeCondition

__all__ = [
    "FALSE",
    "TRUE",
    "UNDEFINED",
    "CheckPoints",
    "Condition",
    "Detection",
    "IncrementalDetector",
    "IndicatorCondition",
    "MacdCondition",
    "MetricCondition",
    "Points",
    "PoolTrigger",
    "SignalBacktest",
    "SignalBacktestService",
    "SignalDefinition",
    "SignalPool",
    "Suggestion",
    "TakerVolumeCondition",
    "combine",
    "detect",
    "parse_condition",
    "suggest_threshold",
]
