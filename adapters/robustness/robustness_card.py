"""The robustness card: what one page can say of how far a back-test is to be believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from io import StringIO
from pathlib import Path
from typing import Any

from engine.instants import utc_text
from engine.json_text import json_pieces

from ..output import atomic_file
from .card_line import CardLine, Grade

#: Lines that carry the verdict: without an answer to each of them there is none.
CARRYING = ("break_even_fee", "deflated_sharpe", "best_trades")
MOST_DOUBTFUL = 2
MOST_BAD = 2

TEXT_WIDTH = 80
FRAME = (
    "<iframe title='{title}' sandbox='' style='width:100%;height:900px;border:1px solid #8884;border-radius:8px' "
    "srcdoc='{page}'></iframe>"
)


@dataclass(frozen=True, repr=False)
class RobustnessCard:
    """The lines of a card, and its verdict with its reason.

    `title` says what was run, `start_ms` and `end_ms` over which range, `runs` how often. The last expression of a
    notebook's cell shows it; `print` and `str` have it as a table.
    """

    title: str
    start_ms: int
    end_ms: int
    runs: int
    lines: Sequence[CardLine]

    @property
    def grade(self) -> Grade:
        """The verdict: bad where the deflated Sharpe ratio or the break-even fee is, or more than two lines are; not
        told where a line that it rests on is not; good where no line is bad, and at most two are doubtful.
        """
        return self._verdict()[0]

    @property
    def reason(self) -> str:
        """Why the verdict is what it is."""
        return self._verdict()[1]

    def line(self, name: str) -> CardLine:
        """Return the line of a name."""
        return next(each for each in self.lines if each.name == name)

    def to_dict(self) -> dict[str, Any]:
        """Return the card as plain values."""
        return {
            "title": self.title,
            "start_time": self.start_ms,
            "end_time": self.end_ms,
            "runs": self.runs,
            "verdict": self.grade.value,
            "reason": self.reason,
            "lines": [each.to_dict() for each in self.lines],
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> RobustnessCard:
        """Return the card that `to_dict` has told of."""
        lines = tuple(CardLine.from_dict(each) for each in told["lines"])
        return cls(told["title"], told["start_time"], told["end_time"], told["runs"], lines)

    def save_json(self, path: str | Path) -> None:
        """Write the card as JSON, whole or not at all; `DataError` when it cannot be."""
        with atomic_file(path) as file:
            file.writelines(piece.encode() for piece in json_pieces(self.to_dict()))

    def save(self, path: str | Path) -> None:
        """Write the card as one HTML file that needs no server and no network; `DataError` when it cannot be."""
        from .card_page import card_html

        with atomic_file(path) as file:
            file.write(card_html(self).encode())

    def __str__(self) -> str:
        from rich.console import Console  # what only a table needs

        from .card_table import print_card

        out = StringIO()
        print_card(self, Console(file=out, width=TEXT_WIDTH))
        return out.getvalue().rstrip("\n")

    def __repr__(self) -> str:
        return f"<card of {self.title}: {self.grade}, {self.reason}; print it, .save(path) writes it as HTML>"

    def _repr_html_(self) -> str:
        from .card_page import card_html

        page = escape(card_html(self)).replace("'", "&#39;")
        return FRAME.format(title=escape(self.title).replace("'", "&#39;"), page=page)

    def _titles(self, grade: Grade) -> list[str]:
        return [each.title for each in self.lines if each.grade is grade]

    def _verdict(self) -> tuple[Grade, str]:
        bad, doubtful = self._titles(Grade.BAD), self._titles(Grade.DOUBTFUL)
        carrying = [self.line(name) for name in CARRYING]
        fallen = [each.title for each in carrying if each.grade is Grade.BAD]
        if fallen or len(bad) > MOST_BAD:
            return Grade.BAD, f"it falls with: {', '.join(fallen or bad)}"
        untold = [each for each in carrying if each.grade is Grade.NOT_TOLD]
        if untold:
            return Grade.NOT_TOLD, f"{untold[0].title}: {untold[0].reason}"
        weak = [each.title for each in carrying if each.grade is Grade.DOUBTFUL]
        if bad or weak or len(doubtful) > MOST_DOUBTFUL:
            return Grade.DOUBTFUL, f"not all is good: {', '.join(dict.fromkeys((*bad, *weak, *doubtful)))}"
        return Grade.GOOD, "no line is bad" + (f"; doubtful: {', '.join(doubtful)}" if doubtful else "")

    @property
    def period(self) -> str:
        """The range as a text."""
        return f"{utc_text(self.start_ms)} to {utc_text(self.end_ms)}"
