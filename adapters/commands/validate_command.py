"""``perpsim validate``."""

from __future__ import annotations

from pathlib import Path

import click

from engine import Language, validate_program
from engine.errors import Problem, ProgramFailed

from ..configuration import read_text
from ..sandbox import Sandbox
from .options import INPUT_FILE


@click.command("validate")
@click.argument("program", type=INPUT_FILE, metavar="PROGRAM.py")
@click.option("--platform", is_flag=True, help="Say what the live platform would refuse, too.")
@click.option("--trust", is_flag=True, help="Look at it in this process: for programs of your own only.")
def validate(program: Path, platform: bool, trust: bool) -> None:
    """Say everything that is wrong with the source text of a program, by line and column, with a hint.

    It is looked at in the sandbox, for at most 2 s, unless --trust says otherwise. Warnings do not keep it from
    running. Exit status: 0 it can be run, 1 it cannot, 2 wrong usage.
    """
    try:
        source = read_text(program)
    except ValueError as error:
        raise ProgramFailed(f"{program} {error}") from None
    problems = _problems(source, "platform" if platform else "python", trust)
    for problem in problems:
        hint = f" ({problem.hint})" if problem.hint else ""
        click.echo(f"{program}:{problem.line}:{problem.column}: {problem.severity}: {problem.message}{hint}")
    errors = sum(problem.severity == "error" for problem in problems)
    if errors:
        click.echo(f"{errors} error{'s' * (errors > 1)}: the program cannot be run", err=True)
        click.get_current_context().exit(1)
    click.echo(f"{program} can be run")


def _problems(source: str, language: Language, trust: bool) -> list[Problem]:
    if trust:
        return validate_program(source, language)
    with Sandbox() as sandbox:
        return sandbox.validate(source, language)
