"""Other futures: where a run is cut, what noise comes after, and what can be found of the future by looking."""

from .cut_market import HeldFuture, OtherFuture, StoredFuture
from .cut_plan import Cut, CutGround, CutKind, moment_text, planned_cuts
from .held_data import data_in_text, data_left
from .held_numbers import early_numbers
from .known_early import Early, early_features
from .other_tables import OtherTables
from .stored_future import store_market

# cuts
__all__ = ["Cut", "CutGround", "CutKind", "moment_text", "planned_cuts"]
# what comes after them
__all__ += ["HeldFuture", "OtherFuture", "OtherTables", "StoredFuture", "store_market"]
# what is found by looking
__all__ += ["Early", "data_in_text", "data_left", "early_features", "early_numbers"]
