"""A table of the summary: its columns, its rows, and in words what they are of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from engine.result import Column

Row = Mapping[str, Any]


@dataclass(frozen=True)
class SummaryTable:
    """Some `rows` of the `total` that there are, under `columns`. `meaning` says what they are of and how they are
    counted; where `opens_trade` a row is of the trade at its place `index`.
    """

    name: str
    title: str
    meaning: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    total: int
    opens_trade: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "name": self.name,
            "title": self.title,
            "meaning": self.meaning,
            "columns": [asdict(each) for each in self.columns],
            "rows": [dict(each) for each in self.rows],
            "total": self.total,
            "opens_trade": self.opens_trade,
        }
