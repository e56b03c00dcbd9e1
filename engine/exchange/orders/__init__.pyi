"""What others import from the room; `__init__.py` imports it when it is first used."""

# the exits of an entry
from .bracket import Bracket as Bracket
from .bracket import ExitOrder as ExitOrder
from .bracket import Exits as Exits
from .bracket_legs import BracketLegs as BracketLegs
from .bracket_legs import LegOrder as LegOrder

# what works in the market
from .entry_order import EntryOrder as EntryOrder
from .in_flight import OrderInFlight as OrderInFlight

# what a decision asks for
from .intent import SIGNS as SIGNS
from .intent import OrderIntent as OrderIntent
from .intent import SizedBy as SizedBy
from .intent import judge as judge
from .intent import value_problem as value_problem
from .limit_order import LimitOrder as LimitOrder
from .limit_order import WorkingOrder as WorkingOrder
from .market_exit import MarketExit as MarketExit
from .market_exit import WorkingExit as WorkingExit

# what is pending, of any kind
from .pending import Ahead as Ahead
from .pending import PendingOrder as PendingOrder
from .pending import PendingOrders as PendingOrders

# what is asked of orders that there are
from .request import REQUESTS as REQUESTS
from .request import Changes as Changes
from .request import OrderRequest as OrderRequest
from .request import judge_request as judge_request
from .touch import Touch as Touch
from .trailing_stop import TrailingStop as TrailingStop
from .trigger_order import TriggerOrder as TriggerOrder
from .waiting import WaitingOrder as WaitingOrder
