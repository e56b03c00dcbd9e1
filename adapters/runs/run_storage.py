"""A run that is stored while it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from engine import BacktestConfig

from ..results import ResultStore, StoredRun


@contextmanager
def saved_run(store: ResultStore | None, config: BacktestConfig) -> Iterator[StoredRun | None]:
    """Begin a stored run (no store, no run); what ends the context by an exception becomes its error."""
    run = None if store is None else store.begin(config)
    try:
        yield run
    except BaseException as error:
        if run is not None:
            run.fail(str(error) or type(error).__name__)
        raise
