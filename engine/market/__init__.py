"""The market as it was recorded: what is known of each symbol at an instant."""

from .coverage import DataCoverage, symbol_coverage
from .funding import FundingSchedule, funding_schedule
from .history import KlineSeries, MarketHistory, SymbolHistory, aggregate
from .regime import RegimeConfig, market_regime
from .spans import WatchColumns

__all__ = [
    # coverage
    "DataCoverage",
    "symbol_coverage",
    # funding
    "FundingSchedule",
    "funding_schedule",
    # history
    "KlineSeries",
    "MarketHistory",
    "SymbolHistory",
    "aggregate",
    # regime
    "RegimeConfig",
    "market_regime",
    # spans
    "WatchColumns",
]
