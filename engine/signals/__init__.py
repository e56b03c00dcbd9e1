"""Signals: conditions on metrics, pools of them, and the instants at which they fire."""

from .condition import Condition
from .detection import Detection, detect, judge_pool
from .feature_condition import FeatureCondition
from .parse import parse_condition
from .pool import LOGICS, SignalDefinition, SignalPool
from .pool_triggers import PoolTriggers
from .row_detector import IncrementalDetector
from .signal_backtest import SignalBacktest, SignalBacktestService
from .suggestion import suggest_threshold
from .threshold_conditions import IndicatorCondition

# conditions, and pools of signals that have one
__all__ = ["LOGICS", "Condition", "FeatureCondition", "IndicatorCondition", "SignalDefinition", "SignalPool"]
__all__ += ["parse_condition"]
# when they fire
__all__ += [
    "Detection",
    "IncrementalDetector",
    "PoolTriggers",
    "SignalBacktest",
    "SignalBacktestService",
    "detect",
    "judge_pool",
    "suggest_threshold",
]
