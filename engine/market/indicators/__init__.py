"""Technical indicators by the contract's formulas, exact for the 500-kline window that ends at every kline."""

from .calculation import calculate_indicators, window_values
from .catalogue import parse_indicator, warm_up
from .history import IndicatorHistory
from .indicator import INDICATOR_WINDOW, Indicator
from .value_with_series import ValueWithSeries

# calculation
__all__ = ["calculate_indicators", "window_values"]
# catalogue
__all__ += ["parse_indicator", "warm_up"]
# history
__all__ += ["IndicatorHistory"]
# indicator
__all__ += ["INDICATOR_WINDOW", "Indicator"]
# value with series
__all__ += ["ValueWithSeries"]
