"""Signals: conditions on metrics, pools of them, and the instants at which they fire."""

from .check_points import FALSE, TRUE, UNDEFINED, CheckPoints, Points
from .condition import Condition, ThresholdCondition
from .detection import Detection, PoolTrigger, detect
from .indicator_condition import IndicatorCondition
from .macd_condition import MacdCondition
from .metric_condition import MetricCondition
from .parse import parse_condition
from .pool import LOGICS, SignalDefinition, SignalPool, combine
from .row_detector import IncrementalDetector
from .signal_backtest import SignalBacktest, SignalBacktestService
from .suggestion import Suggestion, suggest_threshold
from .taker_condition import TakerVolumeCondition

__all__ = [
    # check points
    "FALSE",
    "TRUE",
    "UNDEFINED",
    "CheckPoints",
    "Points",
    # condition
    "Condition",
    "ThresholdCondition",
    # detection
    "Detection",
    "PoolTrigger",
    "detect",
    # indicator condition
    "IndicatorCondition",
    # macd condition
    "MacdCondition",
    # metric condition
    "MetricCondition",
    # parse
    "parse_condition",
    # pool
    "LOGICS",
    "SignalDefinition",
    "SignalPool",
    "combine",
    # row detector
    "IncrementalDetector",
    # signal backtest
    "SignalBacktest",
    "SignalBacktestService",
    # suggestion
    "Suggestion",
    "suggest_threshold",
    # taker condition
    "TakerVolumeCondition",
]
