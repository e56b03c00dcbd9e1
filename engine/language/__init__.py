"""The language of programs: Python without what could reach out of them, checked when a program is compiled."""

from .limits import MAX_DEPTH, MAX_NODES, MAX_SOURCE_BYTES
from .names import FILE_NAME, PRIVATE_MARK, readable
from .policy import Checked, check_program
from .scope import ProgramScope

__all__ = [
    "FILE_NAME",
    "MAX_DEPTH",
    "MAX_NODES",
    "MAX_SOURCE_BYTES",
    "PRIVATE_MARK",
    "Checked",
    "ProgramScope",
    "check_program",
    "readable",
]
