"""Order flow in 15-second rows: the stored columns, their buckets, and the contract's nine metrics."""

from .buckets import Buckets, Window
from .history import FlowHistory
from .many import SIGNAL_METRICS, FlowAtTimes
from .metrics import FLOW_METRICS, flow_metric
from .present_flow import METRIC_TABLES, PresentFlow
from .rows import BookRows, TimedValues, TradeRows

__all__ = [
    "FLOW_METRICS",
    "METRIC_TABLES",
    "SIGNAL_METRICS",
    "BookRows",
    "Buckets",
    "FlowAtTimes",
    "FlowHistory",
    "PresentFlow",
    "TimedValues",
    "TradeRows",
    "Window",
    "flow_metric",
]
