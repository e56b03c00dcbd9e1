"""Standard output and standard error, which may be closed, a full disk, a terminal that is gone, a reader who left."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

_NAMES = {"stdin": 0, "stdout": 1, "stderr": 2}


class _Descriptor(io.FileIO):
    """A descriptor to write to. Once something cannot be written there, it and what follows go nowhere; `problem` says
    why, and is None for a reader who has left (``| head``): it has had what it wanted.
    """

    problem: str | None = None
    _is_lost = False

    def write(self, data: Any, /) -> int:
        """Write what can be; see the class."""
        if not self._is_lost:
            try:
                return super().write(data)
            except OSError as error:
                self._is_lost = True
                if not isinstance(error, BrokenPipeError):
                    self.problem = error.strerror or str(error)
        return memoryview(data).nbytes


@contextmanager
def lasting_streams() -> Iterator[None]:
    """A context in which nothing fails because of standard output or error; `output_problem` says what is missing.

    Those that are closed lead nowhere: otherwise the next file that is opened would stand in their place.
    """
    before = sys.stdout, sys.stderr
    for name, number in _NAMES.items():
        if getattr(sys, f"__{name}__") is None:
            _open_nowhere(number)
    sys.stdout, sys.stderr = _lasting(before[0], 1), _lasting(before[1], 2)
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        sys.stdout, sys.stderr = before


def output_problem() -> str | None:
    """Return once, as a sentence, why something could not be written to standard output; None when all was."""
    sys.stdout.flush()
    descriptor = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    if not isinstance(descriptor, _Descriptor) or descriptor.problem is None:
        return None
    problem, descriptor.problem = descriptor.problem, None
    return f"standard output cannot be written: {problem}"


def _open_nowhere(number: int) -> None:
    try:
        os.fstat(number)
    except OSError:
        found = os.open(os.devnull, os.O_RDWR)
        if found != number:
            os.dup2(found, number)
            os.close(found)


def _lasting(stream: TextIO | None, number: int) -> TextIO:
    """Return a stream to the same place that does not fail; what is no descriptor, as in tests, is left as it is."""
    if stream is not None:
        try:
            number = stream.fileno()
        except (OSError, ValueError):
            return stream
        stream.flush()
    encoding, errors = (None, None) if stream is None else (stream.encoding, stream.errors)
    descriptor = _Descriptor(number, "wb", closefd=False)
    is_prompt = number == _NAMES["stderr"] or descriptor.isatty()
    return io.TextIOWrapper(io.BufferedWriter(descriptor), encoding, errors, line_buffering=is_prompt)
