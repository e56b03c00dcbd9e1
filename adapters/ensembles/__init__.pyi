"""What others import from the room; `__init__.py` imports it when it is first used."""

# by cost
from .borne_cost import COSTS as COSTS
from .borne_cost import Cost as Cost
from .borne_cost import CostLimit as CostLimit
from .break_even import CostLimits as CostLimits
from .break_even import cost_limits as cost_limits

# by chance: the market, the trades
from .drawn_markets import MarketDraw as MarketDraw
from .drawn_markets import MarketEnsemble as MarketEnsemble
from .drawn_markets import market_ensemble as market_ensemble
from .drawn_trades import TradeEnsemble as TradeEnsemble
from .drawn_trades import trade_ensemble as trade_ensemble

# what all of them are, and what they are made of
from .ensemble import Ensemble as Ensemble
from .ensemble_request import EnsembleRequest as EnsembleRequest
from .ensemble_source import ClosedTrades as ClosedTrades
from .ensemble_source import config_to_run as config_to_run
from .ensemble_source import stored_config_of as stored_config_of
from .ensemble_source import stored_trades_of as stored_trades_of
from .ensemble_source import trades_of_result as trades_of_result

# by the start
from .later_starts import ShiftEnsemble as ShiftEnsemble
from .later_starts import shift_ensemble as shift_ensemble

# how figures spread
from .spread import QUANTILES as QUANTILES
from .spread import Spread as Spread
