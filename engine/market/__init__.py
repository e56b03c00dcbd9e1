"""The market as it was recorded: what is known of each symbol at an instant."""

from .column_titles import INDEX_TITLES, KLINE_TITLES, PRICE_NAMES, TIME_TITLES, letters_of
from .coverage import DataCoverage, symbol_coverage
from .funding import STAMP_JITTER_MS, FundingSchedule, funding_schedule
from .history import KlineSeries, MarketHistory, SymbolHistory, aggregate, disagreeing
from .margin_spans import MarginSpans, Marks
from .own_data import ALL_SYMBOLS, column_feature, feature_name, feature_name_problem, feature_tables
from .regime import RegimeConfig, market_regime
from .spans import WatchColumns

# what is known of each symbol at an instant
__all__ = ["KlineSeries", "MarketHistory", "RegimeConfig", "SymbolHistory", "aggregate", "disagreeing", "market_regime"]
# what the exchange watches, and what margin is judged on
__all__ += ["MarginSpans", "Marks", "WatchColumns"]
# data of one's own
__all__ += ["ALL_SYMBOLS", "column_feature", "feature_name", "feature_name_problem", "feature_tables"]
# funding, and what is missing
__all__ += ["STAMP_JITTER_MS", "DataCoverage", "FundingSchedule", "funding_schedule", "symbol_coverage"]
# what columns are called where people have them
__all__ += ["INDEX_TITLES", "KLINE_TITLES", "PRICE_NAMES", "TIME_TITLES", "letters_of"]
