"""Progress for people: on standard error when that is a terminal, in the output of a notebook's cell, else nowhere:
then nothing is loaded to draw it either.

All bars that are under way at a time stand in one display, whichever step, room or thread they belong to.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import RLock
from typing import TYPE_CHECKING, Any, TextIO, cast

if TYPE_CHECKING:  # rich is for bars that are drawn, the engine for runs
    from rich.progress import Progress, Task, TaskID

    from engine import BacktestConfig, Simulation

Advance = Callable[[int], None]
#: Is told of a step: what it is, how much of it is done, and how much there is to do, None where nobody knows.
Told = Callable[[str, int, int | None], None]
#: How much there is to do, where that is known; what takes time to find out is found out for a bar that is drawn.
Total = int | Callable[[], int | None] | None

_REFRESH_S = 0.1
_DAY_MS = 86_400_000
#: Whether bars are shown: where they are asked for by name (None), those of every long step too, or none at all.
_shown: list[bool | None] = [None]
#: Who is told of steps in the place of people, the innermost last.
_told: list[Told] = []


@contextmanager
def long_steps_shown() -> Iterator[None]:
    """A context in which every long step shows a bar, as a command does for the people at its terminal."""
    _shown.append(True)
    try:
        yield
    finally:
        _shown.pop()


@contextmanager
def no_bars() -> Iterator[None]:
    """A context in which nothing shows a bar."""
    _shown.append(False)
    try:
        yield
    finally:
        _shown.pop()


@contextmanager
def steps_told(tell: Told) -> Iterator[None]:
    """A context in which no step shows a bar, and `tell` is called with how far each has come."""
    _told.append(tell)
    try:
        yield
    finally:
        _told.pop()


@contextmanager
def progress_bar(what: str, total: Total, unit: str = "rows", scale: int = 1) -> Iterator[Advance]:
    """Show a bar while the context lasts, with the rate and the time that is left; call what it gives with how many
    more are done.

    Of `total` and what is done, `scale` make one `unit`.
    """
    if _told:
        yield _telling(_told[-1], what, total() if callable(total) else total)
        return
    if _shown[-1] is False or not _is_seen():
        yield unseen
        return
    with _display.bar(what, total, unit, scale) as task:
        yield lambda done: _display.advance(task, done)


@contextmanager
def long_step(what: str, total: Total, unit: str = "rows", scale: int = 1) -> Iterator[Advance]:
    """The same as `progress_bar`, where long steps are shown: for what is also used without anybody looking."""
    if _told:
        yield _telling(_told[-1], what, total() if callable(total) else total)
        return
    if _shown[-1] is not True:
        yield unseen
        return
    with progress_bar(what, total, unit, scale) as advance:
        yield advance


@contextmanager
def run_progress(config: BacktestConfig, what: str = "") -> Iterator[Callable[[Simulation], None] | None]:
    """Show how far a run has come while the context lasts, and in front of that `what` it is; give what the run is to
    call as its `report`.
    """
    if _shown[-1] is False or not _is_seen():
        yield None
        return
    from engine.instants import utc_text

    begun = config.start_ms
    with _display.bar(what + _minute(utc_text(begun)), config.end_ms - begun, "days", _DAY_MS) as task:
        due = 0.0

        def report(simulation: Simulation) -> None:
            nonlocal due
            if time.monotonic() < due:
                return
            _display.update(
                task,
                completed=simulation.now - begun,
                total=simulation.end_ms - begun,
                description=what + _minute(utc_text(simulation.now)),
                figures=f"{len(simulation.trigger_log):,} triggers  equity {simulation.account.equity():,.2f}",
            )
            due = time.monotonic() + _REFRESH_S

        yield report


@contextmanager
def trials_progress(what: str, total: int | None, done: int = 0) -> Iterator[Callable[[int, str], None]]:
    """Show how many trials of many are done while the context lasts, `done` of them before; call what it gives with how
    many are done now, and with what is told beside, as the best so far.
    """
    if _shown[-1] is False or not _is_seen():
        yield lambda count, figures: None
        return
    with _display.bar(what, total, "trials", 1) as task:
        _display.update(task, completed=done)
        due = 0.0

        def report(count: int, figures: str) -> None:
            nonlocal due
            if time.monotonic() >= due:
                _display.update(task, completed=count, figures=figures)
                due = time.monotonic() + _REFRESH_S

        yield report


def _telling(tell: Told, what: str, total: int | None) -> Advance:
    """Return what adds up what is done, and tells it."""
    done = 0

    def advance(more: int) -> None:
        nonlocal done
        done += more
        tell(what, done, total)

    advance(0)
    return advance


def _minute(text: str) -> str:
    """Return an instant without its seconds and zone."""
    return text[: -len(":00 UTC")]


def unseen(done: int) -> None:
    """Take what a bar is told that is not drawn."""


def _is_seen() -> bool:
    return _is_in_notebook() or (sys.stderr is not None and sys.stderr.isatty())


def _is_in_notebook() -> bool:
    if "IPython" not in sys.modules:
        return False
    from .notebook_bar import is_notebook

    return is_notebook()


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


class _Display:
    """The bars that are under way, drawn when they are told of something new: no thread of its own does it."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._progress: Progress | None = None
        self._bars = 0
        self._due = 0.0

    @contextmanager
    def bar(self, what: str, total: Total, unit: str, scale: int) -> Iterator[TaskID]:
        """A context in which a bar is there; the last one takes the display away."""
        known = total() if callable(total) else total
        with self._lock:
            if self._progress is None:
                self._progress = _new_progress()
                self._progress.start()
                self._due = time.monotonic() + _REFRESH_S
            self._bars += 1
            task = self._progress.add_task(what, total=known, unit=unit, scale=scale, figures="")
        try:
            yield task
        finally:
            with self._lock:
                self._bars -= 1
                self._progress.remove_task(task)
                if not self._bars:
                    self._progress.stop()
                    self._progress = None

    def advance(self, task: TaskID, done: int) -> None:
        """Note that so many more are done."""
        with self._lock:
            if self._progress is not None:
                self._progress.advance(task, done)
                if time.monotonic() >= self._due:
                    self._progress.refresh()
                    self._due = time.monotonic() + _REFRESH_S

    def update(self, task: TaskID, **changes: Any) -> None:
        """Change a bar and draw it."""
        with self._lock:
            if self._progress is not None:
                self._progress.update(task, refresh=True, **changes)


_display = _Display()


def _new_progress() -> Progress:
    """Return a display whose figures of a run give way first where a terminal is narrow."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn
    from rich.table import Column
    from rich.text import Text

    class Written(ProgressColumn):
        def __init__(self, write: Callable[[Task], str], column: Column) -> None:
            super().__init__(column)
            self._write = write

        def render(self, task: Task) -> Text:
            return Text(self._write(task), no_wrap=True, overflow="ellipsis")

    whole = [Written(write, Column(no_wrap=True)) for write in (amount_text, rate_text, left_text)]
    figures = Written(lambda task: str(task.fields["figures"]), Column(no_wrap=True, ratio=1))
    name = TextColumn("{task.description}", table_column=Column(no_wrap=True))
    columns = name, BarColumn(bar_width=12), *whole, figures
    if _is_in_notebook():
        from .notebook_bar import NotebookBar

        return NotebookBar(*columns)
    console = Console(file=cast(TextIO, _Terminal()))
    return Progress(*columns, console=console, transient=True, auto_refresh=False, expand=True)


def amount_text(task: Task) -> str:
    """Return how much is done, of how much."""
    scale, unit = task.fields["scale"], task.fields["unit"]
    done = f"{task.completed / scale:,.0f}"
    return f"{done} {unit}" if task.total is None else f"{done} of {task.total / scale:,.0f} {unit}"


def rate_text(task: Task) -> str:
    """Return how much is done in a second; nothing as long as that is not known."""
    speed = task.finished_speed or task.speed
    if not speed:
        return ""
    rate = speed / task.fields["scale"]
    return f"{rate:,.{0 if rate >= 100 else 1}f} {task.fields['unit']}/s"


def left_text(task: Task) -> str:
    """Return how much time is left, and as long as that is not known, how much has gone."""
    left = task.time_remaining
    return f"{_duration(task.elapsed or 0.0)}" if left is None else f"{_duration(left)} left"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
