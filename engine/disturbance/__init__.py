"""What faults act on, and what is kept of them: the link to the program, the changed market, the fault that is on."""

from .changed_market import ChangedMarkets, changed_markets
from .fault_run import FAULT_LINE, FaultRun
from .program_link import ProgramLink

__all__ = ["FAULT_LINE", "ChangedMarkets", "FaultRun", "ProgramLink", "changed_markets"]
