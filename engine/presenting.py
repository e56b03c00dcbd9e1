"""How a result gets its looks: the engine knows no HTML, and who does offers itself here.

`adapters` offers its report as soon as a name of it is used, and loads it when a result is looked at first.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol


class ResultPage(Protocol):
    """A page with everything of a result, for notebooks, browsers and files."""

    def save(self, path: str | Path) -> None:
        """Write it as one HTML file; `DataError` when it cannot be written."""

    def open(self) -> Path:
        """Show it in the browser, and return the file that it was written to for that."""

    def _repr_html_(self) -> str: ...


class Explained(Protocol):
    """What led to something, in words: `print` shows it."""

    def text(self, width: int = ...) -> str:
        """Return it as lines of at most about `width` characters, times in UTC."""

    def to_dict(self) -> dict[str, Any]:
        """Return its steps as plain values: texts, rules, rows, lines of the journal, numbers as they are."""


class Presenter(Protocol):
    """Makes what people look at from a `BacktestResult`; `market` is a `MarketHistory` or None."""

    def summary_html(self, result: Any) -> str:
        """Return a small picture of it for a notebook, without a script."""

    def result_page(self, result: Any, market: Any) -> ResultPage:
        """Return its page, with the prices of a market."""

    def explain_result(self, result: Any, market: Any, **asked: Any) -> Explained:
        """Return what led to a trade, an order or an instant, which `asked` names."""


_offers: list[Callable[[], Any]] = []


def present_with(load: Callable[[], Any]) -> None:
    """Let results be presented by the `Presenter` that `load` returns; the last that was offered presents them."""
    if load not in _offers:
        _offers.append(load)


def presenter() -> Presenter:
    """Return who presents results; `PerpsimError` where nobody does."""
    if not _offers:
        from .errors import PerpsimError  # with numpy, which `import perpsim` alone does not need

        raise PerpsimError("nothing is loaded that can show a result: write import perpsim, or import adapters, first")
    found: Presenter = _offers[-1]()
    return found


def html_of(result: Any) -> str | None:
    """Return what a notebook shows of a result; None where nobody presents results."""
    return presenter().summary_html(result) if _offers else None
