"""Files that may be standard output: their name is a dash."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from engine import DataError

from .standard_streams import output_problem

#: What stands for standard output in place of a file's name.
STANDARD_OUTPUT = Path("-")


def written_to(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` write a file; for the path `STANDARD_OUTPUT` it comes out there when it is complete, and nothing does
    when it cannot be made. Raises `DataError` for what standard output does not take; a reader who has left has had
    what it wanted.
    """
    if path != STANDARD_OUTPUT:
        write(path)
        return
    with tempfile.TemporaryDirectory(prefix="perpsim-") as folder:
        made = Path(folder, "output")
        write(made)
        with made.open("rb") as file:
            sys.stdout.flush()
            shutil.copyfileobj(file, sys.stdout.buffer)
    problem = output_problem()
    if problem is not None:
        raise DataError(problem)
