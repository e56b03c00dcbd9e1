"""Order flow in 15-second rows: the stored columns, their buckets, and the contract's nine metrics."""

from .buckets import Buckets, Window
from .history import FlowHistory
from .many import FlowAtTimes, signal_value
from .metrics import FLOW_METRICS, flow_metric
from .rows import BookRows, TimedValues, TradeRows

__all__ = [
    "FLOW_METRICS",
    "BookRows",
    "Buckets",
    "FlowAtTimes",
    "FlowHistory",
    "TimedValues",
    "TradeRows",
    "Window",
    "flow_metric",
    "signal_value",
]
