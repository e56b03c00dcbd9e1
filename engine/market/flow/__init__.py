"""Order flow in 15-second rows: the stored columns, their buckets, and the contract's nine metrics."""

from .buckets import Buckets, Window
from .flow_at_times import SIGNAL_METRICS, FlowAtTimes
from .history import FlowHistory
from .live_flow import METRIC_TABLES, PresentFlow
from .metrics import FLOW_METRICS, flow_metric
from .rows import ROW_MS, BookRows, TimedValues, TradeRows

__all__ = [
    # buckets
    "Buckets",
    "Window",
    # flow at times
    "SIGNAL_METRICS",
    "FlowAtTimes",
    # history
    "FlowHistory",
    # live flow
    "METRIC_TABLES",
    "PresentFlow",
    # metrics
    "FLOW_METRICS",
    "flow_metric",
    # rows
    "ROW_MS",
    "BookRows",
    "TimedValues",
    "TradeRows",
]
