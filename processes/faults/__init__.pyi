"""What others import from the room; `__init__.py` imports it when it is first used."""

# what a configuration gets: of the exchange,
# their processes
from .fault_starts import PROCESSES as PROCESSES
from .fault_starts import start_faults as start_faults
from .given_faults import cancel_only as cancel_only

# of what the program is told, and when,
from .given_faults import clock_skew as clock_skew
from .given_faults import delayed_data as delayed_data
from .given_faults import delisting as delisting
from .given_faults import dropped_data as dropped_data
from .given_faults import duplicated_data as duplicated_data
from .given_faults import fees as fees

# of the market,
from .given_faults import flash_crash as flash_crash
from .given_faults import frozen_data as frozen_data
from .given_faults import funding_spike as funding_spike
from .given_faults import late_signals as late_signals
from .given_faults import latency as latency
from .given_faults import missed_ticks as missed_ticks
from .given_faults import outage as outage

# one's own
from .given_faults import own as own
from .given_faults import partial_volume as partial_volume
from .given_faults import rejects as rejects
from .given_faults import restart as restart
from .given_faults import slow_program as slow_program
from .given_faults import spread as spread
from .given_faults import stale_mark as stale_mark
from .given_faults import wick as wick
