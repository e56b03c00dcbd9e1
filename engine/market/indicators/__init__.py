"""Technical indicators by the contract's formulas, exact for the 500-kline window that ends at every kline."""

from .catalogue import INDICATOR_FAMILIES, PLAIN_INDICATORS, calculate_indicators, parse_indicator
from .history import IndicatorHistory, window_of
from .indicator import INDICATOR_WINDOW, Indicator
from .lasting_columns import DerivedPart, DerivedStore, MadeHere
from .library import ta_lib, tables_unseen
from .value_with_series import ValueWithSeries, late_series

# an indicator by its name, and what it is
__all__ = ["INDICATOR_WINDOW", "Indicator", "calculate_indicators", "parse_indicator"]
__all__ += ["INDICATOR_FAMILIES", "PLAIN_INDICATORS"]
# its answers
__all__ += ["IndicatorHistory", "ValueWithSeries", "late_series", "window_of"]
# where its columns last
__all__ += ["DerivedPart", "DerivedStore", "MadeHere"]
# the library that works them out
__all__ += ["ta_lib", "tables_unseen"]
