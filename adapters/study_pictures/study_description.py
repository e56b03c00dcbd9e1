"""What the page of a study shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .shapes import Picture
from .trial_table import TrialTable


class MeaningRow(NamedTuple):
    """A figure as text, and what it means."""

    label: str
    value: str
    meaning: str


class TextTable(NamedTuple):
    """A table of texts: what it is called, its heads, and its rows, of each the first cell a name."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, eq=False)
class StudyDescription:
    """A study as its page shows it: what it is called, lines below that, what is to be minded, its trials (None where
    there is nothing to choose among, as in an ensemble), further pictures above those of the trials, figures of the
    whole and of selection with what they mean, the configuration as plain values, with the text of the program as
    `code`, and tables below the figures. `planned` is how many trials there will be, None where that is not known.
    """

    title: str
    lines: Sequence[str] = ()
    warnings: Sequence[str] = ()
    table: TrialTable | None = None
    planned: int | None = None
    pictures: Sequence[Picture] = ()
    figures: Sequence[MeaningRow] = ()
    statistics: Sequence[MeaningRow] = ()
    configuration: Mapping[str, Any] = field(default_factory=dict)
    tables: Sequence[TextTable] = ()
