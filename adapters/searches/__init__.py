"""Searches: trials that are proposed by what the ones before came to."""

from .constraint import Constraint, parse_constraint
from .plan_remarks import search_remarks
from .search_plan import BATCH, LAST_SEED, SAMPLERS, TRIALS, SearchPlan, stored_plan
from .search_rounds import SearchRounds

# how a search goes
__all__ = ["BATCH", "LAST_SEED", "SAMPLERS", "TRIALS", "Constraint", "SearchPlan", "parse_constraint", "stored_plan"]
# what it does
__all__ += ["SearchRounds", "search_remarks"]
