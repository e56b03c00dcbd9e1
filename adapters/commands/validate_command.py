"""``perpsim validate``."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import click

from engine import Language, find_mistakes, validate_program
from engine.errors import Problem, ProgramFailed

from ..configuration import read_text, read_toml
from ..sandbox import Sandbox
from ..terminal import INPUT_FILE


@click.command("validate")
@click.argument("program", type=INPUT_FILE, metavar="PROGRAM.py")
@click.option("--platform", is_flag=True, help="Judge it as the live platform would.")
@click.option("--symbol", "symbols", multiple=True, metavar="SYMBOL", help="A symbol of the run; repeatable.")
@click.option("--config", type=INPUT_FILE, metavar="RUN.toml", help="Take symbols and language from this file.")
@click.option("--trust", is_flag=True, help="Look at it in this process: for programs of your own only.")
def validate(program: Path, platform: bool, symbols: tuple[str, ...], config: Path | None, trust: bool) -> None:
    """Say everything that is wrong with the source text of a program, by line and column, with a hint.

    That is what keeps it from running, and what the text shows to be wrong when it runs: unknown names, attributes,
    indicators, periods and flow metrics, decisions that nobody takes, and symbols that are not among those of the run.
    It is looked at in the sandbox, for at most 2 s, unless --trust says otherwise.
    Exit status: 0 nothing but warnings, 1 there are errors, 2 wrong usage.
    """
    try:
        source = read_text(program)
    except ValueError as error:
        raise ProgramFailed(f"{program} {error}") from None
    values: dict[str, Any] = read_toml(config) if config is not None else {}
    language: Language = "platform" if platform or values.get("language") == "platform" else "python"
    there = symbols or [each for each in values.get("symbols", ()) if isinstance(each, str)]
    refused, mistakes = _found(source, there, language, trust)
    for problem in sorted([*refused, *mistakes], key=lambda each: (each.line, each.column)):
        hint = f" ({problem.hint})" if problem.hint else ""
        click.echo(f"{program}:{problem.line}:{problem.column}: {problem.severity}: {problem.message}{hint}")
    _conclude(program, sum(problem.severity == "error" for problem in refused), len(mistakes))


def _found(
    source: str, symbols: Collection[str], language: Language, trust: bool
) -> tuple[list[Problem], list[Problem]]:
    """Return what is refused in a text, and the mistakes in it where nothing is refused already."""
    if trust:
        refused = validate_program(source, language)
        return refused, find_mistakes(source, symbols, language, refused)
    with Sandbox() as sandbox:
        return sandbox.look_at(source, language, symbols)


def _conclude(program: Path, refused: int, mistakes: int) -> None:
    """Say what comes of it."""
    errors = refused + mistakes
    if not errors:
        click.echo(f"{program} can be run")
        return
    what = "the program cannot be run" if refused else "the program can be run, but not as it is meant"
    click.echo(f"{errors} error{'s' * (errors > 1)}: {what}", err=True)
    click.get_current_context().exit(1)
