"""Progress on standard error, for people only: nothing is written when that is not a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TextIO, cast

from engine import BacktestConfig, Simulation, utc_text

if TYPE_CHECKING:  # a bar that is drawn loads it
    from rich.progress import Progress, ProgressColumn

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


def _progress(*columns: ProgressColumn, **options: Any) -> Progress:
    """Return what draws columns on standard error as long as it is used."""
    from rich.console import Console
    from rich.progress import Progress

    return Progress(*columns, console=Console(file=cast(TextIO, _Terminal())), transient=True, **options)


@contextmanager
def progress_bar(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar while the context lasts; call what it gives with how many more are done."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with _progress(*columns, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(what, total=total)
        yield lambda done: progress.advance(task, done)


@contextmanager
def run_progress(config: BacktestConfig) -> Iterator[Callable[[Simulation], None] | None]:
    """Show how far a run has come while the context lasts; give what the run is to call as its `report`."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn

    text = TextColumn("{task.description}  {task.fields[figures]}")
    columns = (BarColumn(), TaskProgressColumn(), text, TimeRemainingColumn())
    with _progress(*columns, auto_refresh=False) as progress:
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
