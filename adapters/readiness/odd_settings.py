"""Settings that can be run and would surprise: nothing that wakes the program, orders that take minutes."""

from __future__ import annotations

from collections.abc import Iterator

from engine import BacktestConfig
from engine.instants import duration_text
from engine.periods import MINUTE_MS

from .data_finding import Finding

#: An order that is under way for longer is no order of a machine.
LONGEST_LATENCY_MS = MINUTE_MS


def setting_findings(config: BacktestConfig) -> Iterator[Finding]:
    """Yield what of a configuration is surprising by itself."""
    yield from _waking(config)
    by_hour = config.latency_model == "time_of_day"
    field = "latency_by_hour_ms" if by_hour else "order_latency_ms"
    latency = max(config.latency_by_hour_ms, default=0) if by_hour else config.order_latency_ms
    if latency >= config.end_ms - config.start_ms:
        text = f"orders are under way for {duration_text(latency)}, as long as the range: none arrives before its end"
        yield Finding(field, text)
    elif latency > LONGEST_LATENCY_MS:
        text = (
            f"orders are under way for up to {duration_text(latency)}; it is in milliseconds, and 50 to 500 are usual"
        )
        yield Finding(field, text)


def _waking(config: BacktestConfig) -> Iterator[Finding]:
    interval = config.interval_ms
    if interval is None and not config.signal_pool_ids:
        yield Finding("scheduled_interval", "nothing wakes the program: choose an interval, or signal pools")
    elif interval is not None and interval > config.end_ms - config.start_ms and not config.signal_pool_ids:
        yield Finding("scheduled_interval", "is longer than the range, so the program is hardly ever woken")
