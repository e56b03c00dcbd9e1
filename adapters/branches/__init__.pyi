"""What others import from the room; `__init__.py` imports it when it is first used."""

# faults from some instant on
from .added_faults import given_faults as given_faults

# the answer in words, and as JSON
from .answers_told import branches_entry as branches_entry
from .answers_told import branches_text as branches_text
from .answers_told import first_difference as first_difference
from .answers_told import worths_entry as worths_entry
from .answers_told import worths_text as worths_text

# a run and a branch of it
from .branching import Branches as Branches
from .branching import branched as branched

# which fields may change
from .changing_fields import CHANGING as CHANGING
from .changing_fields import FIXED as FIXED
from .changing_fields import changing_table as changing_table
from .decision_words import decisions_text as decisions_text

# what each decision was worth
from .leaving_out import DecisionWorth as DecisionWorth
from .leaving_out import DecisionWorths as DecisionWorths
from .leaving_out import each_decision_left_out as each_decision_left_out

# what is other in a branch
from .turning import Change as Change
from .worded_decision import given_decision as given_decision
