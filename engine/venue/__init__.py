"""What a venue demands: instruments, margin tiers, rule books, and the models of execution."""

from .instrument import DEFAULT_MAX_LEVERAGE, Instrument, MarginTier
from .rule_book import RuleBook, rules_for
from .rules import VenueRules

# instruments and their margin
__all__ = ["DEFAULT_MAX_LEVERAGE", "Instrument", "MarginTier"]
# the rules of a venue
__all__ += ["RuleBook", "VenueRules", "rules_for"]
