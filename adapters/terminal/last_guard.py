"""What is left when a command fails: one line for whatever it was, and a status; the whole traceback on request."""

from __future__ import annotations

import errno
import traceback

import click

FAILED = 1
#: A defect of perpsim, EX_SOFTWARE of sysexits.h: no other failure ends with it.
DEFECT = 70

_DEBUG = f"{__name__}.debug"
_OURS = ("engine", "processes", "adapters")
_LONGEST = 300
_REPORT = (
    "this is a defect of perpsim; please report it with this line, the whole command, what perpsim --version says and, "
    "if it may be shown, the input; --debug shows the traceback"
)
_MEMORY = "there is not enough memory for this; take fewer symbols, a shorter time or smaller files"
#: What the system refuses is no defect: how large files may be, how many are open, how much a disk or memory holds.
_REFUSED = {
    errno.EFBIG: "no file may become so large here; allow larger ones (ulimit -f)",
    errno.EMFILE: "no more files may be open at a time here; allow more (ulimit -n)",
    errno.ENFILE: "the system has no more open files to give; try again later",
    errno.ENOSPC: "no space is left on the disk",
    errno.EDQUOT: "the quota of the disk is used up",
    errno.ENOMEM: _MEMORY,
}
#: As Python says it, without a kind of its own.
_NO_THREAD = "can't start new thread"
_THREADS = (
    "no more threads can be started here; free memory, or allow more of it (ulimit -v) or more processes (ulimit -u)"
)


def _remember(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        context.meta[_DEBUG] = True


debug_option = click.Option(
    ["--debug"], is_flag=True, is_eager=True, expose_value=False, callback=_remember,
    help="Show the whole traceback of a failure.",
)  # fmt: skip


def with_debug(command: click.Command) -> click.Command:
    """Return a command that has the option --debug, as have the commands in it."""
    if debug_option not in command.params:
        command.params.append(debug_option)
    for each in command.commands.values() if isinstance(command, click.Group) else ():
        with_debug(each)
    return command


def tell_failure(context: click.Context, error: Exception) -> int:
    """Tell on standard error why a command failed, without the passwords in it, and return its exit status."""
    from ..output import without_secrets

    if context.meta.get(_DEBUG):
        click.echo(without_secrets("".join(traceback.format_exception(error))), err=True, nl=False)
    status, text = _explained(error)
    click.echo(without_secrets(f"Error: {text}"), err=True)
    return status


def _explained(error: Exception) -> tuple[int, str]:
    from engine import PerpsimError
    from engine.plain_values import printable

    if isinstance(error, PerpsimError):
        return FAILED, str(error)
    if isinstance(error, MemoryError):
        return FAILED, _MEMORY
    if isinstance(error, OSError) and error.errno in _REFUSED:
        return FAILED, f"{f'{error.filename}: ' if error.filename else ''}{_REFUSED[error.errno]}"
    if isinstance(error, RuntimeError) and f"{error}" == _NO_THREAD:
        return FAILED, _THREADS
    said = printable(traceback.format_exception_only(error)[-1].strip(), _LONGEST)
    return DEFECT, f"{said}{_place(error)}: {_REPORT}"


def _place(error: Exception) -> str:
    """Return where in perpsim an error came up."""
    names = [(frame.f_globals.get("__name__", ""), line) for frame, line in traceback.walk_tb(error.__traceback__)]
    ours = [f" ({name}, line {line})" for name, line in names if str(name).partition(".")[0] in _OURS]
    return ours[-1] if ours else ""
