"""A program whose answers somebody sees before the run does."""

from __future__ import annotations

from collections.abc import Callable

from .executor import Answer, ProgramExecutor
from .market_data import MarketData


class WatchedExecutor:
    """Asks the program of `inner`, and hands each answer to `answered`: what that returns is what the program is taken
    to have answered. The program itself does not know of it.
    """

    def __init__(self, inner: ProgramExecutor, answered: Callable[[MarketData, Answer], Answer]) -> None:
        #: What asks the program.
        self.inner = inner
        self._answered = answered
        self.log, self.parameters = inner.log, inner.parameters

    def start(self, now: Callable[[], int]) -> None:
        """Make the program ready."""
        self.inner.start(now)

    def execute(self, data: MarketData) -> Answer:
        """Return what the program is taken to have answered; what it raises is raised."""
        return self._answered(data, self.inner.execute(data))

    def finish(self, whole: bool) -> str | None:
        """Release everything."""
        return self.inner.finish(whole)
