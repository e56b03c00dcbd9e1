"""What a run is made again with: a longer past, other units, its own decisions; and its figures, by other means."""

from .longer_past import LongerPast
from .moved_market import Units, market_in
from .recorded_decisions import RecordedDecisions, decisions_in, recorded_signals
from .second_statistics import Prices, SymbolPrices, second_figures

# markets
__all__ = ["LongerPast", "Units", "market_in"]
# decisions
__all__ += ["RecordedDecisions", "decisions_in", "recorded_signals"]
# figures
__all__ += ["Prices", "SymbolPrices", "second_figures"]
