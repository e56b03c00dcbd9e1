"""The language of programs: Python without what could reach out of them, checked when a program is compiled."""

from .source import Language, SourceExecutor, validate_program

__all__ = ["Language", "SourceExecutor", "validate_program"]
