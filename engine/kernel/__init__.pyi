"""What others import from the room; `__init__.py` imports it when it is first used."""

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

# processes, those of users too
from .process_table import ProcessTable as ProcessTable
from .progress import Progress as Progress
from .user_processes import announcement_problem as announcement_problem
