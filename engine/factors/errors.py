"""What is wrong with a factor, and where in its text."""

from __future__ import annotations

from ..errors import ConfigurationError


class FactorError(ConfigurationError):
    """An expression that cannot be read or has no value; `position` is the character it is about, from 1, if known."""

    def __init__(self, problem: str, position: int | None = None) -> None:
        super().__init__([problem if position is None else f"character {position}: {problem}"])
        self.problem, self.position = problem, position
        self.args = problem, position
