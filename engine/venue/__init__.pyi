"""What others import from the room; `__init__.py` imports it when it is first used."""

# instruments and their margin
from .instrument import DEFAULT_MAX_LEVERAGE as DEFAULT_MAX_LEVERAGE
from .instrument import Instrument as Instrument
from .instrument import MarginTier as MarginTier

# the rules of a venue
from .rule_book import RuleBook as RuleBook
from .rule_book import rules_for as rules_for
from .rules import VenueRules as VenueRules
