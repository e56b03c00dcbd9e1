"""What many runs of chance come to, as text, frame, JSON, CSV and picture."""

from __future__ import annotations

import csv
import io
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.json_text import json_pieces

from ..output import atomic_file, save_figure

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure


class Told(NamedTuple):
    """What is shown of it: a title, a table with its heads, and notes below it."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str]

    def lines(self) -> Iterator[str]:
        """Yield it as lines of text, numbers under one another."""
        table = [self.heads, *self.rows]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        yield self.title
        for first, *others in table:
            cells = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
            yield "  ".join((first.ljust(widths[0]), *cells)).rstrip()
        yield from self.notes

    def html(self) -> str:
        """Return it as a table for a notebook."""

        def row(kind: str, cells: Sequence[str]) -> str:
            return f"<tr>{''.join(f'<{kind}>{escape(cell)}</{kind}>' for cell in cells)}</tr>"

        body = "".join(row("td", cells) for cells in self.rows)
        notes = "".join(f"<br>{escape(note)}" for note in self.notes)
        return f"<p><b>{escape(self.title)}</b></p><table>{row('th', self.heads)}{body}</table><p>{notes}</p>"


class Ensemble(ABC):
    """Many runs of one program, or paths of its trades, that differ by chance or by a cost."""

    #: What it is called in JSON.
    kind: str
    #: What else is to be said of it, by who made it.
    remarks: tuple[str, ...] = ()

    @abstractmethod
    def told(self) -> Told:
        """Return what is shown of it."""

    @abstractmethod
    def rows(self) -> list[dict[str, Any]]:
        """Return its runs or paths, one each, as plain values."""

    @abstractmethod
    def summary(self) -> dict[str, Any]:
        """Return what it comes to as plain values, without its rows."""

    @abstractmethod
    def draw(self, path: str | Path) -> Figure:
        """Return its picture, for a file of that name."""

    @property
    def frame(self) -> pandas.DataFrame:
        """Its runs or paths, one a row."""
        import pandas

        return pandas.DataFrame(self.rows())

    def plot(self, path: str | Path) -> None:
        """Write its picture into a png, svg or pdf file; `DataError` without matplotlib and where it cannot be."""
        save_figure(self.draw(path), path)

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain values; the same ensemble gives the same."""
        return {"kind": self.kind, **self.summary(), "remarks": list(self.remarks), "rows": self.rows()}

    def to_json(self, path: str | Path) -> None:
        """Write all of it as JSON; the same ensemble gives the same bytes."""
        with atomic_file(path) as file:
            for text in json_pieces(self.to_dict()):
                file.write(text.encode())

    def to_csv(self, path: str | Path) -> None:
        """Write its runs or paths as CSV, one a row."""
        text = io.StringIO()
        rows = self.rows()
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        with atomic_file(path) as file:
            file.write(text.getvalue().encode())

    def __repr__(self) -> str:
        return "\n".join(self._all_told().lines())

    def _repr_html_(self) -> str:
        return self._all_told().html()

    def _all_told(self) -> Told:
        told = self.told()
        return told._replace(notes=[*told.notes, *self.remarks])


def plain_figures(figures: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return some figures, None for those that there are not."""
    return {name: figures.get(name) for name in names}
