"""How many triggers a run will have: worked out before it starts, so that its progress has an end."""

from __future__ import annotations

from collections.abc import Sequence

from engine import BacktestConfig, MarketHistory
from processes import KnownTriggers

from ...database import Database
from ...signals import load_pool_sources


def known_triggers(
    database: Database, market: MarketHistory, config: BacktestConfig
) -> tuple[list[KnownTriggers], Sequence[str]]:
    """Return a source for each configured pool, and warnings about what of the pools is not run."""
    sources, warnings = load_pool_sources(database, config)
    known = []
    for source in sources:
        found = source.triggers(market, config.symbols, config.start_ms, config.end_ms)
        known.append(KnownTriggers(found, source.name, tuple(source.warnings)))
    return known, warnings


def trigger_total(config: BacktestConfig, sources: Sequence[KnownTriggers]) -> int:
    """Return how many triggers there will be; with schedule_mode "after_trigger" the most that there can be."""
    interval = config.interval_ms
    scheduled = 0 if interval is None else (config.end_ms - config.start_ms) // interval
    return scheduled + sum(len(source.known) for source in sources)
