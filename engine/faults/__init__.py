"""Faults as they are declared: which there are, what each may be given, and when it happens in a run."""

from .fault import Fault, FaultProblems, checked_faults
from .fault_kinds import KINDS, OWN, FaultKind
from .fault_plan import FaultPlan, Span, plans_of
from .worded_fault import worded_fault

# what is given
__all__ = ["KINDS", "OWN", "Fault", "FaultKind", "FaultProblems", "checked_faults", "worded_fault"]
# and what that means in a run
__all__ += ["FaultPlan", "Span", "plans_of"]
