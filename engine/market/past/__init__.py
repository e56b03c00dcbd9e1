"""A market of which only the past is there: what becomes known is copied to where nothing else has ever been written.

Who has the whole market names its parts by `known_columns` and copies their rows with `Revealing`; who has nothing but
these copies asks `PastMarket`, whose answers are the same bits.
"""

from .parts import KnownColumns, PartName, known_columns
from .past_market import PastMarket, SymbolFacts, symbol_facts
from .revealing import Revealing, hidden_columns

# who has the whole market
__all__ = ["KnownColumns", "PartName", "Revealing", "hidden_columns", "known_columns"]
# who has the copies
__all__ += ["PastMarket", "SymbolFacts", "symbol_facts"]
