"""The flow metrics as programs get them: one metric as of one instant."""

from __future__ import annotations

from math import isnan

from .catalogue import FLOW_METRICS
from .history import FlowHistory
from .metric import Answer, Metric


def flow_metric(flow: FlowHistory, metric: str, interval_ms: int, time_ms: int) -> Answer | None:
    """Return a metric over the rows in [time - 10 intervals, time]; {} without (enough) rows, None for no such metric.

    `metric` is upper-case. Figures and keys are the contract's, without `period`, which the caller knows.
    """
    asked = FLOW_METRICS.get(metric)
    if asked is None:
        return flow.unregistered(metric, interval_ms, time_ms)
    buckets = flow.buckets(asked.table, interval_ms)
    window = None if buckets is None else buckets.window(time_ms)
    if buckets is None or window is None:
        return {}
    seen = buckets.values(window, asked.seen, asked.buckets)
    arguments = seen[: len(asked.kept)]
    if asked.against_previous:
        arguments += [each[1:] for each in arguments]
    if asked.times_mark:
        arguments.append(_marks(asked, flow, buckets.ends(window, len(arguments[-1])), time_ms))
    try:
        figures = list(map(asked.undivided, *arguments))
    except ZeroDivisionError:
        figures = list(map(asked.for_programs, *arguments))
    return asked.answer(seen, figures) if figures or not isnan(asked.first) else {}


def _marks(asked: Metric, flow: FlowHistory, ends: list[int], time_ms: int) -> list[float]:
    """Return the last mark price of each bucket as far as it is known; none at all where none are recorded."""
    if flow.mark_price is None or not ends:
        return []
    ends[-1] = min(ends[-1], time_ms)
    at, stand_in = flow.mark_price.at, asked.stand_in
    return [at(end) or stand_in for end in ends]
