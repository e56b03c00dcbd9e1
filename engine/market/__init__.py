"""The market as it was recorded: what is known of each symbol at an instant."""

from .column_titles import (
    CLOSE_TIME_TITLES,
    FUNDING_TIME_TITLES,
    INDEX_TITLES,
    KLINE_TITLES,
    MARK_TITLES,
    PERCENT_WORDS,
    PRICE_NAMES,
    RATE_TITLES,
    REALISED_RATE_TITLES,
    SYMBOL_TITLES,
    TIME_TITLES,
    letters_of,
    place_of_title,
)
from .coverage import DataCoverage, symbol_coverage
from .frame_rows import is_frame, is_series
from .frame_times import times_of_frame
from .funding import STAMP_JITTER_MS, FundingSchedule, are_predictions, funding_schedule, nominal_settlements
from .held_prices import HeldPrices, Range
from .history import KlineSeries, MarketHistory, SymbolHistory, aggregate, disagreeing, last_digit
from .indicators import DerivedStore
from .known_prices import KnownPrices
from .margin_spans import MarginSpans, Marks
from .market_frames import ONE_SYMBOL
from .own_data import ALL_SYMBOLS, column_feature, feature_name, feature_name_problem, feature_tables, own_features
from .regime import RegimeConfig, market_regime
from .spans import WatchColumns

# what is known of each symbol at an instant
__all__ = ["KlineSeries", "MarketHistory", "RegimeConfig", "SymbolHistory", "aggregate", "disagreeing", "last_digit"]
__all__ += ["market_regime"]
# where what is worked out from it is kept
__all__ += ["DerivedStore"]
# what the exchange watches, and what margin is judged on
__all__ += ["KnownPrices", "MarginSpans", "Marks", "WatchColumns"]
# the prices of what was held
__all__ += ["HeldPrices", "Range"]
# data of one's own
__all__ += ["ALL_SYMBOLS", "column_feature", "feature_name", "feature_name_problem", "feature_tables"]
__all__ += ["own_features"]
# funding, and what is missing
__all__ += ["STAMP_JITTER_MS", "DataCoverage", "FundingSchedule", "are_predictions", "funding_schedule"]
__all__ += ["nominal_settlements", "symbol_coverage"]
# frames of people
__all__ += ["ONE_SYMBOL", "is_frame", "is_series", "times_of_frame"]
# what columns are called where people have them
__all__ += [
    "CLOSE_TIME_TITLES",
    "FUNDING_TIME_TITLES",
    "INDEX_TITLES",
    "KLINE_TITLES",
    "MARK_TITLES",
    "PERCENT_WORDS",
    "PRICE_NAMES",
    "RATE_TITLES",
]
__all__ += ["REALISED_RATE_TITLES", "SYMBOL_TITLES", "TIME_TITLES", "letters_of", "place_of_title"]
