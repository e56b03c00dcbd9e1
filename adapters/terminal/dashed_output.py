"""Files that may be standard output: their name is a dash."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import click

from engine import DataError

from ..output import FORMATS, written_file
from .standard_streams import output_problem

#: What stands for standard output in place of a file's name.
STANDARD_OUTPUT = Path("-")

Told = TypeVar("Told")


def require_one_for_standard_output(paths: Sequence[Path | None]) -> None:
    """Refuse several files that are all standard output."""
    if paths.count(STANDARD_OUTPUT) > 1:
        raise click.UsageError("only one of the files can be -: name a file for each of the others")


def writable_file(context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    """Refuse a file that cannot be written before what it is to hold is made: a callback of options."""
    if path is None or path == STANDARD_OUTPUT or (path.exists() and not path.is_file()):
        return path
    try:
        folder = written_file(path).parent
    except DataError as error:
        raise click.BadParameter(str(error)) from error
    if not os.access(folder, os.W_OK):
        raise click.BadParameter(f"there is no folder {folder} that can be written to")
    return path


def picture_file(context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    """Refuse a file that is no picture by its ending, or that cannot be written, before it is drawn: a callback of
    options.
    """
    if path is not None and path.suffix.lower() not in [f".{ending}" for ending in FORMATS]:
        raise click.BadParameter(f"{path} must end in .{', .'.join(FORMATS)}")
    return writable_file(context, parameter, path)


def written_to(path: Path, write: Callable[[Path], Told]) -> Told:
    """Let `write` write a file, and return what it returns.

    For the path `STANDARD_OUTPUT` the file comes out there when it is complete, and nothing does when it cannot be
    made. Raises `DataError` for what standard output does not take; a reader who has left has had what it wanted.
    """
    if path != STANDARD_OUTPUT:
        return write(path)
    with tempfile.TemporaryDirectory(prefix="perpsim-") as folder:
        made = Path(folder, "output")
        told = write(made)
        with made.open("rb") as file:
            sys.stdout.flush()
            shutil.copyfileobj(file, sys.stdout.buffer)
    problem = output_problem()
    if problem is not None:
        raise DataError(problem)
    return told
