"""Small sets of klines for tests of the data side."""

from __future__ import annotations

import numpy as np

from engine import PERIOD_MS, KlineColumns

START_MS = 1_704_067_200_000  # 2024-01-01T00:00:00Z


def random_klines(count: int, seed: int = 1, period: str = "1m", start_ms: int = START_MS) -> KlineColumns:
    """Return a random walk of consistent klines whose prices have all 53 bits in use."""
    random = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(random.standard_normal(count) * 0.001))
    opened = np.concatenate(([100.0], close[:-1]))
    high = np.maximum(opened, close) * (1 + random.random(count) * 0.001)
    low = np.minimum(opened, close) * (1 - random.random(count) * 0.001)
    length = PERIOD_MS[period]
    times = start_ms + length * np.arange(count, dtype=np.int64)
    return KlineColumns(length, times, opened, high, low, close, random.random(count) * 50)


def assert_same(one: KlineColumns, other: KlineColumns) -> None:
    """Assert that two sets of klines are equal bit for bit."""
    assert one.period_ms == other.period_ms
    for name in ("open_ms", "open", "high", "low", "close", "volume"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name, strict=True)
