"""The language of programs: Python without what could reach out of them, checked when a program is compiled."""

from .source import SourceExecutor, validate_program

__all__ = ["SourceExecutor", "validate_program"]
