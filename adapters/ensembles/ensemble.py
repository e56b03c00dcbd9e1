"""What many runs of chance come to, as text, frame, JSON, CSV, picture and page."""

from __future__ import annotations

import csv
import io
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.json_text import json_pieces

from ..output import atomic_file
from ..study_pictures import MeaningRow, StudyDescription, TextTable

if TYPE_CHECKING:
    import pandas

    from ..report import FramedPage
    from ..study_pictures import Picture


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
    #: The configuration of the run as plain values; nothing where it is not known.
    configuration: Mapping[str, Any] = MappingProxyType({})

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
    def tiles(self) -> list[MeaningRow]:
        """Return its main figures with what they mean."""

    @abstractmethod
    def _drawn(self) -> Picture: ...

    @property
    def frame(self) -> pandas.DataFrame:
        """Its runs or paths, one a row."""
        import pandas

        return pandas.DataFrame(self.rows())

    def plot(self, path: str | Path | None = None) -> Picture:
        """Return its picture: a notebook shows it, `.save(path)` writes it, as `plot(path)` does: svg, or with
        matplotlib png or pdf; `DataError` where it cannot be.
        """
        drawn = self._drawn()
        if path is not None:
            drawn.save(path)
        return drawn

    def page(self) -> FramedPage:
        """Return its page, with its picture, its table and the configuration: a notebook shows it, `.save(path)` writes
        it, `.open()` shows it in the browser.
        """
        from ..study_pictures import study_page

        told = self.told()
        table = TextTable("What it comes to", told.heads, told.rows)
        return study_page(
            StudyDescription(
                told.title,
                told.notes,
                self.remarks,
                pictures=[self.plot()],
                figures=self.tiles(),
                tables=[table],
                configuration=self.configuration,
            )
        )

    def report(self, path: str | Path) -> None:
        """Write that page as one HTML file; `DataError` when it cannot be written."""
        self.page().save(path)

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
