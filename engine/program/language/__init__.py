"""The language of programs: Python without what could reach out of them, checked when a program is compiled."""

from .kept_state import LIVE_FORGETS
from .mistakes import find_mistakes
from .policy import NO_INIT
from .scope import NAMES
from .source import Language, SourceExecutor, validate_program

__all__ = ["LIVE_FORGETS", "NAMES", "NO_INIT", "Language", "SourceExecutor", "find_mistakes", "validate_program"]
