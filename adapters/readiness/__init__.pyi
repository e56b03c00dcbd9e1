"""What others import from the room; `__init__.py` imports it when it is first used."""

from .finding import Finding as Finding
from .ready import MOST_SYMBOLS as MOST_SYMBOLS
from .ready import readiness as readiness
from .usable_range import UsableRange as UsableRange
from .usable_range import usable_range as usable_range
