"""Progress for people: on standard error when that is a terminal, in the output of a notebook's cell, else nowhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TextIO, cast

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from engine import BacktestConfig, Simulation, utc_text

from .notebook_bar import NotebookBar, is_notebook

_REFRESH_S = 0.1


class _Terminal:
    """Standard error; once it cannot be written, as a terminal that was closed, what is shown there goes nowhere."""

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr, name)

    def write(self, text: str) -> int:
        with suppress(OSError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            sys.stderr.flush()


def _console() -> Console:
    return Console(file=cast(TextIO, _Terminal()))


def _progress(columns: Sequence[ProgressColumn], auto_refresh: bool = True) -> Progress:
    if is_notebook():
        return NotebookBar(*columns)
    is_hidden = not sys.stderr.isatty()
    return Progress(*columns, console=_console(), transient=True, disable=is_hidden, auto_refresh=auto_refresh)


@contextmanager
def progress_bar(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar while the context lasts; call what it gives with how many more are done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with _progress(columns) as progress:
        task = progress.add_task(what, total=total)
        yield lambda done: progress.advance(task, done)


@contextmanager
def run_progress(config: BacktestConfig) -> Iterator[Callable[[Simulation], None] | None]:
    """Show how far a run has come while the context lasts; give what the run is to call as its `report`."""
    if not (sys.stderr.isatty() or is_notebook()):
        yield None
        return
    text = TextColumn("{task.description}  {task.fields[figures]}")
    columns = (BarColumn(), TaskProgressColumn(), text, TimeRemainingColumn())
    with _progress(columns, auto_refresh=False) as progress:
        task = progress.add_task(utc_text(config.start_ms), total=config.end_ms - config.start_ms, figures="")
        due = 0.0

        def report(simulation: Simulation) -> None:
            nonlocal due
            if time.monotonic() < due:
                return
            figures = f"{len(simulation.trigger_log):,} triggers  equity {simulation.account.equity():,.2f}"
            begun, ends = config.start_ms, simulation.end_ms
            progress.update(
                task,
                completed=simulation.now - begun,
                total=ends - begun,
                description=utc_text(simulation.now),
                figures=figures,
                refresh=True,
            )
            due = time.monotonic() + _REFRESH_S

        yield report
