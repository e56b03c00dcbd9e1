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

# check points
__all__ = ["FALSE", "TRUE", "UNDEFINED", "CheckPoints", "Points"]
# condition
__all__ += ["Condition", "ThresholdCondition"]
# detection
__all__ += ["Detection", "PoolTrigger", "detect"]
# indicator condition
__all__ += ["IndicatorCondition"]
# macd condition
__all__ += ["MacdCondition"]
# metric condition
__all__ += ["MetricCondition"]
# parse
__all__ += ["parse_condition"]
# pool
__all__ += ["LOGICS", "SignalDefinition", "SignalPool", "combine"]
# row detector
__all__ += ["IncrementalDetector"]
# signal backtest
__all__ += ["SignalBacktest", "SignalBacktestService"]
# suggestion
__all__ += ["Suggestion", "suggest_threshold"]
# taker condition
__all__ += ["TakerVolumeCondition"]
