"""How many triggers a run will have: worked out before it starts, so that its progress has an end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine import BacktestConfig, MarketHistory, TriggerEvent
from processes import TriggerSource

from ...database import Database
from ...signals import load_pool_sources


@dataclass(frozen=True)
class KnownTriggers:
    """A source whose triggers have been worked out already, for the range and the symbols of one run."""

    name: str
    known: tuple[TriggerEvent, ...]
    warnings: tuple[str, ...] = ()

    def triggers(self, market: MarketHistory, symbols: Sequence[str], start_ms: int, end_ms: int) -> list[TriggerEvent]:
        """Return them."""
        return list(self.known)


def known_triggers(
    database: Database, market: MarketHistory, config: BacktestConfig
) -> tuple[list[TriggerSource], list[str]]:
    """Return a source for each configured pool, and warnings about what of the pools is not run."""
    sources, warnings = load_pool_sources(database, config)
    known: list[TriggerSource] = []
    for source in sources:
        found = source.triggers(market, config.symbols, config.start_ms, config.end_ms)
        known.append(KnownTriggers(source.name, tuple(found), tuple(source.warnings)))
    return known, list(warnings)


def trigger_total(config: BacktestConfig, sources: Sequence[TriggerSource]) -> int:
    """Return how many triggers there will be; with schedule_mode "after_trigger" the most that there can be."""
    signals = sum(len(source.known) for source in sources if isinstance(source, KnownTriggers))
    interval = config.interval_ms
    return signals + (0 if interval is None else (config.end_ms - config.start_ms) // interval)
