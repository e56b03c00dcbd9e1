"""From a journal and a database to the market whose rows the journal names."""

from __future__ import annotations

from engine import BacktestConfig, MarketHistory
from engine.journal import Journal, checked_records

from ..database import Database
from .column_cache import ColumnCache
from .market_loader import load_market


def market_of_journal(database: Database, journal: Journal, cache: ColumnCache | bool = True) -> MarketHistory:
    """Return what is stored of the symbols of a journal, as its run has loaded it: its first line tells exchange,
    symbols, base period and span. Raises `DataError` where that line is damaged, and `ConfigurationError` where nothing
    of a symbol is stored.
    """
    start = next(checked_records(journal))
    names = ("exchange", "base_period", "symbols")
    span = {"start_time": start["at"], "end_time": start["end"]}
    fields = {"code": "", **span, **{name: start[name] for name in names}}
    return load_market(database, BacktestConfig.from_dict(fields), cache)
