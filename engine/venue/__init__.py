"""What a venue demands: instruments, margin tiers, rule books, and the models of execution."""

from .instrument import Instrument, MarginTier
from .rule_book import RuleBook, rules_for
from .rules import VenueRules

__all__ = [
    # instrument
    "Instrument",
    "MarginTier",
    # rule book
    "RuleBook",
    "rules_for",
    # rules
    "VenueRules",
]
