"""The market as it was recorded: what is known of each symbol at an instant."""

from .column_titles import KLINE_TITLES, PRICE_NAMES, TIME_TITLES, letters_of
from .coverage import DataCoverage, symbol_coverage
from .funding import STAMP_JITTER_MS, FundingSchedule, funding_schedule
from .held_prices import HeldPrices, Range
from .history import KlineSeries, MarketHistory, SymbolHistory, aggregate, disagreeing
from .known_prices import KnownPrices
from .margin_spans import MarginSpans, Marks
from .own_data import ALL_SYMBOLS, column_feature, feature_name, feature_name_problem, feature_tables
from .regime import RegimeConfig, market_regime
from .spans import WatchColumns

# what is known of each symbol at an instant
__all__ = ["KlineSeries", "MarketHistory", "RegimeConfig", "SymbolHistory", "aggregate", "disagreeing", "market_regime"]
# what the exchange watches, and what margin is judged on
__all__ += ["KnownPrices", "MarginSpans", "Marks", "WatchColumns"]
# the prices of what was held
__all__ += ["HeldPrices", "Range"]
# data of one's own
__all__ += ["ALL_SYMBOLS", "column_feature", "feature_name", "feature_name_problem", "feature_tables"]
# funding, and what is missing
__all__ += ["STAMP_JITTER_MS", "DataCoverage", "FundingSchedule", "funding_schedule", "symbol_coverage"]
# what columns are called where people have them
__all__ += ["KLINE_TITLES", "PRICE_NAMES", "TIME_TITLES", "letters_of"]
