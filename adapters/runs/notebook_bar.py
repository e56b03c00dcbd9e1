"""A bar in a notebook: the output of a cell, written anew as it goes on. It needs IPython, which is there, and no more.

The bars of rich themselves want ipywidgets there.
"""

from __future__ import annotations

import io
import sys
import time
from typing import Any

from rich.console import Console
from rich.progress import Progress, ProgressColumn, TaskID

_WIDTH = 100
_REFRESH_S = 0.1


def is_notebook() -> bool:
    """Tell whether this process is the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return getattr(shell, "kernel", None) is not None


class NotebookBar(Progress):
    """A progress bar that is text in the output of the present cell, and is gone when it ends."""

    def __init__(self, *columns: str | ProgressColumn) -> None:
        self._text = io.StringIO()
        self._shown: Any = None
        self._due = 0.0
        super().__init__(
            *columns,
            console=Console(file=self._text, width=_WIDTH, force_jupyter=False, force_terminal=False),
            auto_refresh=False,
        )

    def start(self) -> None:
        """Show it."""
        from IPython.display import display

        self._shown = display({"text/plain": ""}, raw=True, display_id=True)

    def stop(self) -> None:
        """Take it away."""
        if self._shown is not None:
            self._shown.update({"text/plain": ""}, raw=True)

    def refresh(self) -> None:
        """Show how far things have come, unless that was shown just now."""
        if self._shown is None or time.monotonic() < self._due:
            return
        self._text.seek(0)
        self._text.truncate()
        self.console.print(self.get_renderable())
        self._shown.update({"text/plain": self._text.getvalue().strip()}, raw=True)
        self._due = time.monotonic() + _REFRESH_S

    def advance(self, task_id: TaskID, advance: float = 1) -> None:
        """Add to what is done of a task, and show it."""
        super().advance(task_id, advance)
        self.refresh()
