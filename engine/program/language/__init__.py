"""The language of programs: Python without what could reach out of them, checked when a program is compiled."""

from .limits import MAX_DEPTH, MAX_NODES, MAX_SOURCE_BYTES
from .policy import Checked, check_program
from .scope import ProgramScope
from .source import SourceExecutor, validate_program

# limits
__all__ = ["MAX_DEPTH", "MAX_NODES", "MAX_SOURCE_BYTES"]
# policy
__all__ += ["Checked", "check_program"]
# scope
__all__ += ["ProgramScope"]
# source
__all__ += ["SourceExecutor", "validate_program"]
