"""Faults as they are declared: which there are, what each may be given, and when it happens in a run."""

from .fault import Fault, FaultProblems, checked_faults, taken_by
from .fault_kinds import KINDS, OWN, FaultKind
from .fault_plan import FaultPlan, Span, plans_of
from .fault_words import FaultLike, fault_of, worded_fault

# what is given
__all__ = ["KINDS", "OWN", "Fault", "FaultKind", "FaultLike", "FaultProblems", "checked_faults"]
__all__ += ["fault_of", "taken_by", "worded_fault"]
# and what that means in a run
__all__ += ["FaultPlan", "Span", "plans_of"]
