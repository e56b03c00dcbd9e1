"""A page: written, opened in the browser, or framed in a notebook; that of a result."""

from __future__ import annotations

import os
import sys
import tempfile
import webbrowser
from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path

from engine import BacktestResult, DataError, MarketHistory
from engine.journal import Journal

from ..database import Database
from ..output import atomic_file
from .described_result import DescribedResult
from .html_page import page_html
from .memory_description import describe_result
from .stored_description import describe_stored

_HEIGHT = 900
#: The page may run its own scripts in a notebook; it cannot reach the notebook or its kernel.
_FRAME = (
    "<iframe title='{title}' sandbox='allow-scripts allow-popups' "
    "style='width:100%;height:{height}px;border:1px solid #8884;border-radius:8px' srcdoc='{page}'></iframe>"
)
#: Without one of them no window can be shown on Linux and its like.
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")


class FramedPage:
    """A page: the last expression of a notebook's cell shows it, `save` writes it as a file that needs neither a server
    nor a network, `open` shows it in the browser. `made` makes its text when it is asked for first.
    """

    def __init__(self, title: str, made: Callable[[], str]) -> None:
        self.title = title
        self._made = made

    @cached_property
    def html(self) -> str:
        """The whole page as text."""
        return self._made()

    def save(self, path: str | Path) -> None:
        """Write the page as one HTML file, which is there whole or not at all; `DataError` when it cannot be."""
        with atomic_file(path) as file:
            file.write(self.html.encode())

    def open(self) -> Path:
        """Write the page to a new file in the folder for temporary files and show it in the browser, where there is a
        screen; return the file.
        """
        path = self.save_aside()
        show_in_browser(path)
        return path

    def save_aside(self) -> Path:
        """Write the page to a new file in the folder for temporary files, which stays there; return it."""
        try:
            number, name = tempfile.mkstemp(prefix="perpsim-", suffix=".html")
            os.close(number)
        except OSError as error:
            raise DataError(f"there is no place for a temporary file: {error.strerror or error}") from error
        path = Path(name)
        self.save(path)
        return path

    def _repr_html_(self) -> str:
        page = self.html.replace("&", "&amp;").replace("'", "&#39;")
        title = self.title.replace("&", "&amp;").replace("'", "&#39;").replace("<", "&lt;")
        return _FRAME.format(title=title, height=_HEIGHT, page=page)

    def __repr__(self) -> str:
        return f"<page of {self.title}: .save(path) writes it, .open() shows it in the browser>"


class ResultPage(FramedPage):
    """The page of one result."""

    def __init__(self, described: DescribedResult) -> None:
        super().__init__(described.title, partial(page_html, described))


def show_in_browser(path: Path) -> bool:
    """Show a file in the browser; return whether there is one, and a screen to show it on."""
    is_windowed = sys.platform in ("win32", "darwin", "cygwin") or any(map(os.environ.get, _DISPLAYS))
    return (is_windowed or "BROWSER" in os.environ) and webbrowser.open(path.resolve().as_uri())


def result_page(result: BacktestResult, market: MarketHistory | None = None) -> ResultPage:
    """Return the page of a result in memory, with the prices of a market or else those that the result keeps."""
    return ResultPage(describe_result(result, market))


def stored_page(database: Database, run_id: int, journal: Journal | None = None) -> ResultPage:
    """Return the page of a stored result, with what led to its trades where its journal is stored, or another `journal`
    of its run is given; raises `DataError` for an unknown id, or one without figures.
    """
    return ResultPage(describe_stored(database, run_id, journal))
