"""What led to something, in words: steps in sections, as text and as plain values."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine import utc_text
from engine.periods import SECOND_MS

#: How wide text is where nobody says how wide.
WIDTH = 100
_LEAST_WIDTH = 50
_INDENT = "    "


@dataclass(frozen=True)
class Step:
    """One thing that happened, or that is known: `what` names its kind, `text` says it, `at` is its instant (epoch ms,
    None for what has none). `rule` is the name of the rule behind it, `row` that of the data as [table, symbol, time],
    `lines` are the ids of the lines of the journal that tell it, `facts` its values as they are.
    """

    what: str
    text: str
    at: int | None = None
    rule: str | None = None
    row: tuple[str, str, int] | None = None
    lines: tuple[int, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """Its rule and its row, as they stand behind its text: "" without both."""
        named = [self.rule] if self.rule else []
        if self.row is not None:
            table, symbol, time_ms = self.row
            named.append(f"{table} {symbol} {moment(time_ms)}")
        return "; ".join(named)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, its time as text, too."""
        time = None if self.at is None else moment(self.at)
        row = None if self.row is None else list(self.row)
        told = {"what": self.what, "at": self.at, "time": time, "text": self.text, "rule": self.rule}
        return {**told, "row": row, "lines": list(self.lines), "facts": dict(self.facts)}


@dataclass(frozen=True)
class Section:
    """Steps under one heading, in order."""

    title: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Explanation:
    """What led to a trade, an order or an instant of a run: `subject` says of what it is, as in "trade 17", `summary`
    what it came to in one sentence, `journal_head` which journal tells it. As text it is its `text()`.
    """

    subject: str
    summary: str
    sections: tuple[Section, ...]
    journal_head: str

    def text(self, width: int = WIDTH) -> str:
        """Return it as lines of at most about `width` characters, times in UTC."""
        width = max(width, _LEAST_WIDTH)
        heading = f"{self.subject[:1].upper()}{self.subject[1:]}: {self.summary}"
        parts = [textwrap.fill(heading, width), *(part for each in self.sections for part in _lines(each, width))]
        return "\n".join(parts)

    __str__ = __repr__ = text

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values: each step with its text, rule, row, lines and values."""
        sections = [{"title": each.title, "steps": [*map(Step.to_dict, each.steps)]} for each in self.sections]
        told = {"subject": self.subject, "summary": self.summary, "journal_head": self.journal_head}
        return {**told, "sections": sections}


def _lines(section: Section, width: int) -> Iterator[str]:
    yield f"\n{section.title}"
    last = None
    for step in section.steps:
        if step.at is not None and step.at != last:
            last = step.at
            yield f"  {moment(step.at)} UTC"
        text = f"{step.text} [{step.source}]" if step.source else step.text
        yield textwrap.fill(
            text, width, initial_indent=_INDENT, subsequent_indent=_INDENT + "  ", break_on_hyphens=False
        )


def moment(time_ms: int) -> str:
    """Return an instant, UTC, as people read it: to the millisecond where that is not 0."""
    rest = time_ms % SECOND_MS
    return utc_text(time_ms).removesuffix(" UTC") + (f".{rest:03}" if rest else "")
