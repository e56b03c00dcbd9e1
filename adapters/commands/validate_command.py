"""``perpsim validate``."""

from __future__ import annotations

from pathlib import Path

import click

from engine import validate_program
from engine.errors import ProgramFailed

from ..configuration import read_text
from .options import INPUT_FILE


@click.command("validate")
@click.argument("program", type=INPUT_FILE, metavar="PROGRAM.py")
def validate(program: Path) -> None:
    """Say everything that is wrong with the source text of a program, by line and column, with a hint.

    Warnings do not keep it from running. Exit status: 0 it can be run, 1 it cannot, 2 wrong usage.
    """
    try:
        source = read_text(program)
    except ValueError as error:
        raise ProgramFailed(f"{program} {error}") from None
    problems = validate_program(source)
    for problem in problems:
        hint = f" ({problem.hint})" if problem.hint else ""
        click.echo(f"{program}:{problem.line}:{problem.column}: {problem.severity}: {problem.message}{hint}")
    errors = sum(problem.severity == "error" for problem in problems)
    if errors:
        click.echo(f"{errors} error{'s' * (errors > 1)}: the program cannot be run", err=True)
        click.get_current_context().exit(1)
    click.echo(f"{program} can be run")
