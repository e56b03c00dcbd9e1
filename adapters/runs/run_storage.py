"""A run that is stored while it goes on, or one that is not: the run command treats both alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from engine import BacktestConfig, BacktestResult, Simulation

from ..results import ResultStore, StoredRun


class SavedRun:
    """Passes a run on to its stored row; without one it does nothing. `run_id` is None then."""

    def __init__(self, stored: StoredRun | None) -> None:
        self._stored = stored
        self._simulation: Simulation | None = None

    @property
    def run_id(self) -> int | None:
        """The id of the stored result."""
        return None if self._stored is None else self._stored.run_id

    def watch(self, simulation: Simulation) -> None:
        """Name the simulation whose triggers are stored."""
        self._simulation = simulation

    def save_triggers(self) -> None:
        """Store the triggers handled so far, in chunks."""
        if self._stored is not None and self._simulation is not None:
            self._stored.save_triggers(self._simulation)

    def complete(self, result: BacktestResult) -> None:
        """Store the rest and the final status."""
        if self._stored is not None and self._simulation is not None:
            self._stored.complete(self._simulation, result)

    def fail(self, message: str) -> None:
        """Store that the run failed before it had a result."""
        if self._stored is not None:
            self._stored.fail(message)


@contextmanager
def saved_run(store: ResultStore | None, config: BacktestConfig) -> Iterator[SavedRun]:
    """Begin a stored run (None: store nothing); what ends the context by an exception becomes its error."""
    run = SavedRun(None if store is None else store.begin(config))
    try:
        yield run
    except BaseException as error:
        run.fail(str(error) or type(error).__name__)
        raise
