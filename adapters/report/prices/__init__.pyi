"""What others import from the room of prices; `__init__.py` imports it when it is first used."""

# as few bytes
from .detail_levels import Levels as Levels
from .detail_levels import curve_levels as curve_levels

# of a run: as its faults made them, and as its result keeps them
from .disturbed_prices import SeenFaults as SeenFaults
from .kept_prices import Prices as Prices
from .kept_prices import packed_prices as packed_prices
from .kept_prices import prices_of as prices_of
from .kept_prices import with_prices as with_prices

# as a database has them
from .kline_reader import CHART_PERIODS as CHART_PERIODS
from .kline_reader import MOST_POINTS as MOST_POINTS
from .kline_reader import KlineReader as KlineReader
from .kline_reader import grouped as grouped
from .unknown import NotStored as NotStored
