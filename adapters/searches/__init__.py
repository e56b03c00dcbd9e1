"""Searches: trials that are proposed by what the ones before came to."""

from .constraint import Constraint, parse_constraint
from .search_plan import SAMPLERS, SearchPlan, stored_plan
from .search_rounds import SearchRounds

# how a search goes
__all__ = ["SAMPLERS", "Constraint", "SearchPlan", "parse_constraint", "stored_plan"]
# what it does
__all__ += ["SearchRounds"]
