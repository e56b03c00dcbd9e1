"""Signals: conditions on metrics, pools of them, and the instants at which they fire."""

from .condition import Condition
from .detection import Detection, detect, judge_pool
from .feature_condition import FEATURE_PREFIX, FeatureCondition
from .figure_spread import Distribution, distribution
from .macd_condition import EVENTS, KLINES_NEEDED, MacdCondition
from .operators import OPERATORS
from .parse import KINDS as CONDITION_KINDS
from .parse import parse_condition
from .pool import LOGICS, SignalDefinition, SignalPool
from .pool_triggers import PoolTriggers
from .row_detector import IncrementalDetector
from .signal_backtest import SignalBacktest, SignalBacktestService
from .suggestion import suggest_threshold
from .taker_condition import DIRECTIONS, TakerVolumeCondition
from .threshold_conditions import PREFIX as INDICATOR_PREFIX
from .threshold_conditions import IndicatorCondition

# conditions, and pools of signals that have one
__all__ = ["LOGICS", "Condition", "FeatureCondition", "IndicatorCondition", "SignalDefinition", "SignalPool"]
__all__ += ["MacdCondition", "TakerVolumeCondition", "parse_condition"]
# what conditions are made of
__all__ += [
    "CONDITION_KINDS",
    "DIRECTIONS",
    "EVENTS",
    "FEATURE_PREFIX",
    "INDICATOR_PREFIX",
    "KLINES_NEEDED",
    "OPERATORS",
]
# when they fire
__all__ += [
    "Detection",
    "Distribution",
    "IncrementalDetector",
    "PoolTriggers",
    "SignalBacktest",
    "SignalBacktestService",
    "detect",
    "distribution",
    "judge_pool",
    "suggest_threshold",
]
