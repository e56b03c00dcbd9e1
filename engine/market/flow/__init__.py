"""Order flow in 15-second rows: the stored columns, their buckets, and the contract's nine metrics.

A metric is a `Metric`; the contract's stand in `catalogue`, and `register_metric` adds one. Three readers take any of
them: `program_answer` at an instant for programs, `signal_values` at many instants and `row_by_row` as of now for
signals.
"""

from .back_fill import back_filled, known_at_close
from .buckets import WINDOW_BUCKETS, Buckets
from .catalogue import FLOW_METRICS, SIGNAL_ALIASES, SIGNAL_METRICS, own_metrics, register_metric, rows_needed
from .history import LATEST_VALUES, FlowHistory, LatestValue
from .metric import HIGHEST, LAST, LOWEST, SUM, Answer, Kept, Merge, Metric
from .program_answer import flow_metric
from .row_by_row import ROW_COLUMNS, FlowRowByRow
from .rows import ROW_MS, BookRows, FlowRows, TimedValues, TradeRows
from .signal_values import FlowAtTimes

# rows
__all__ = ["LATEST_VALUES", "ROW_COLUMNS", "ROW_MS", "WINDOW_BUCKETS", "BookRows", "Buckets", "FlowHistory", "FlowRows"]
__all__ += ["LatestValue", "TimedValues", "TradeRows"]
__all__ += ["back_filled", "known_at_close"]
# metrics
__all__ += ["FLOW_METRICS", "SIGNAL_ALIASES", "SIGNAL_METRICS", "own_metrics", "register_metric", "rows_needed"]
__all__ += ["HIGHEST", "LAST", "LOWEST", "SUM", "Answer", "Kept", "Merge", "Metric"]
# their readers
__all__ += ["FlowAtTimes", "FlowRowByRow", "flow_metric"]
