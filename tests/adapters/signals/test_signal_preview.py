"""The preview of a signal counts what fired."""

from __future__ import annotations

import json

from adapters.signals import SignalPreview
from engine.signals import SignalBacktest, detect
from tests.support.signal_markets import START, history_of, pool_of, random_market

DAY = 86_400_000


def test_a_preview_counts_days_hours_and_clusters() -> None:
    market = random_market(1)
    market.funding = [(START + minute * 60_000, value * 1e-6) for minute, value in (
        (0, 1), (30, 2), (31, 1), (40, 2), (41, 1), (90, 2), (91, 1),
    )]  # fmt: skip
    pool = pool_of([{"metric": "funding", "operator": ">", "threshold": 0.5, "time_window": "15m"}])
    found = detect(pool, history_of(market), START, START + 2 * DAY)
    preview = SignalPreview(SignalBacktest("BTC", pool, found, single=False), START, START + 2 * DAY)
    assert preview.by_day == [len(found.triggers), 0]
    assert sum(preview.by_hour) == len(found.triggers) == preview.a_day * 2
    assert 1 <= preview.clusters <= len(found.triggers)
    assert json.loads(json.dumps(preview.to_dict()))["undefined_percent"] == found.undefined_percent
