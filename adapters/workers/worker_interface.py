"""Where calls are made: in this process, in processes of this machine, or on a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

from engine import PerpsimError

#: Answers one argument after another; a context, which ends what it holds.
Runner = AbstractContextManager[Callable[[Any], Any]]


class Setup(Protocol):
    """Makes what answers arguments, once in each worker: it is sent there once, and what it holds of columns is there
    once a machine. One that equals the one before is not sent again.
    """

    def __call__(self) -> Runner:
        """Return the runner of this worker."""


class Done(NamedTuple):
    """An argument that was submitted under `ticket` is answered: with `value`, or there is none because of `error`."""

    ticket: int
    value: Any
    error: Exception | None = None


class WorkersFailed(PerpsimError):
    """Nothing can be run on the workers: they do not start, cannot be made ready, or are of another version."""


class WorkerDied(PerpsimError):
    """Each worker that was to answer this argument has died of it."""


class Workers(Protocol):
    """Makes calls elsewhere, `size` at the same time; a context, which ends them.

    `setup` says what answers the arguments of `submit`. A worker that dies is replaced and its argument submitted
    again; one with which several have died is answered by a `WorkerDied`. `as_completed` raises `WorkersFailed` where
    nothing can be answered at all.
    """

    @property
    def size(self) -> int:
        """How many arguments are answered at the same time; it may change."""

    @property
    def message_ms(self) -> float:
        """How long it should at least take to answer an argument, in ms, so that sending it costs little beside."""

    def setup(self, setup: Setup) -> None:
        """Say what answers the arguments that are submitted from now on; nothing may be under way."""

    def submit(self, argument: Any) -> int:
        """Have an argument answered and return its ticket; does not wait."""

    def as_completed(self) -> Iterator[Done]:
        """Yield what was submitted as it is answered, also what is submitted meanwhile; end when nothing is left."""

    def cancel(self) -> None:
        """Forget what is submitted and not yet answered, and stop what is under way, within two seconds."""

    def __enter__(self) -> Workers: ...

    def __exit__(self, *error: object) -> None: ...
