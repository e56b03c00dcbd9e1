"""What others import from the room; `__init__.py` imports it when it is first used."""

from .data_finding import Finding as Finding
from .range_to_run import UsableRange as UsableRange
from .range_to_run import usable_range as usable_range
from .ready import MOST_SYMBOLS as MOST_SYMBOLS
from .ready import readiness as readiness
