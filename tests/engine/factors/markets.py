"""Klines to work factors out of."""

from __future__ import annotations

import numpy as np

from engine.market.series import KlineColumns


def random_market(seed: int, rows: int, period_ms: int = 300_000) -> KlineColumns:
    """Klines of a walk, some of them without any range or volume; prices near 100."""
    random = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.01, rows)))
    opened = np.append(close[:1], close[:-1]) * np.exp(random.normal(0, 0.002, rows))
    reach = np.where(random.random(rows) < 0.05, 0.0, random.exponential(0.004, rows))
    still = reach == 0.0
    opened = np.where(still, close, opened)
    high, low = np.maximum(opened, close) * (1 + reach), np.minimum(opened, close) * (1 - reach)
    volume = np.where(random.random(rows) < 0.03, 0.0, random.lognormal(2, 1, rows))
    return KlineColumns(period_ms, 1_700_000_100_000 + np.arange(rows) * period_ms, opened, high, low, close, volume)
