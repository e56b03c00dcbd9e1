"""What others import from the room; `__init__.py` imports it when it is first used."""

# functions of users that a run asks
from .asked_functions import AskedFunctions as AskedFunctions
from .asked_functions import is_instant_or_none as is_instant_or_none
from .asked_functions import is_length as is_length
from .asked_functions import is_percent as is_percent
from .asked_functions import is_price as is_price
from .asked_functions import is_reason as is_reason
from .asked_functions import is_volume as is_volume
from .asked_functions import is_whole as is_whole
from .asked_functions import own_failure as own_failure
from .asked_functions import watched as watched

# how a run is run
# what is said in it, of the program and its orders, of the venue
from .bus import Bus as Bus
from .bus import Subscription as Subscription

# time
from .clock import AFTER_ALL as AFTER_ALL
from .clock import LAST_RANK as LAST_RANK
from .clock import Alarm as Alarm
from .clock import Clock as Clock
from .clock import IntegerEnvironment as IntegerEnvironment
from .clock import Moment as Moment
from .clock import Phase as Phase
from .fact import Fact as Fact
from .garbage import rarely_collecting as rarely_collecting
from .messages import ExchangePaused as ExchangePaused
from .messages import ExchangeResumed as ExchangeResumed
from .messages import FaultActed as FaultActed
from .messages import FaultBegan as FaultBegan
from .messages import FaultEnded as FaultEnded
from .messages import Fill as Fill
from .messages import FillPurpose as FillPurpose
from .messages import FundingPaid as FundingPaid
from .messages import Liquidated as Liquidated
from .messages import OrderRejected as OrderRejected
from .messages import OrderSubmitted as OrderSubmitted
from .messages import Origin as Origin
from .messages import RiskLimitHit as RiskLimitHit
from .messages import ScheduledTick as ScheduledTick
from .messages import StrategyFailed as StrategyFailed
from .messages import TriggerEvent as TriggerEvent
from .messages import TriggerType as TriggerType

# processes, those of users too
from .process_table import ProcessTable as ProcessTable
from .progress import Progress as Progress
from .user_processes import announcement_problem as announcement_problem
from .user_processes import start_problem as start_problem
