"""One line of a robustness card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from engine.plain_values import counted, plain


class Grade(StrEnum):
    """The verdict of a line, or of a card."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    BAD = "bad"
    NOT_TOLD = "not told"


@dataclass(frozen=True, slots=True)
class CardLine:
    """What one look at a program has found: `value` as a text, `meaning` what it is, `grade` and `reason` what it says.

    `facts` are the figures behind it, by name, as plain values.
    """

    name: str
    title: str
    value: str
    grade: Grade
    reason: str
    meaning: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        found = asdict(self)
        return {"verdict": self.grade.value, **plain({name: found[name] for name in found if name != "grade"})}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> CardLine:
        """Return the line that `to_dict` has told of."""
        rest = {name: value for name, value in told.items() if name != "verdict"}
        return cls(grade=Grade(told["verdict"]), **rest)


def allowed(grade: Grade, reason: str, count: int, fewest: int, what: str, several: str = "") -> tuple[Grade, str]:
    """Return a verdict and its reason as a sample allows them: fewer than `fewest` of `what` it counts, see `counted`,
    tell nothing.
    """
    if count >= fewest:
        return grade, reason
    few = f"{counted(count, what, several)} {'is' if count == 1 else 'are'} too few to tell"
    return Grade.NOT_TOLD, f"{few}; it takes {fewest}"


def graded(value: float, good_from: float, doubtful_from: float) -> Grade:
    """Return the verdict on a value of which more is better."""
    if value >= good_from:
        return Grade.GOOD
    return Grade.DOUBTFUL if value >= doubtful_from else Grade.BAD
