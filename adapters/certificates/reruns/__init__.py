"""What a run is made again with: a longer past, other units, its own decisions; and its figures, by other means."""

from .longer_past import LongerPast
from .moved_market import Units, market_in
from .recorded_decisions import RecordedDecisions, recorded_signals, remembered_of
from .second_statistics import Prices, SymbolPrices, second_figures

# markets
__all__ = ["LongerPast", "Units", "market_in"]
# decisions
__all__ += ["RecordedDecisions", "recorded_signals", "remembered_of"]
# figures
__all__ += ["Prices", "SymbolPrices", "second_figures"]
