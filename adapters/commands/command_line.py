"""The ``perpsim`` command."""

from __future__ import annotations

import click

from ..terminal import CommandGroup

#: What the list of commands says about each.
COMMANDS = {
    "cache": "Clear the cache of loaded columns.",
    "database": "Add the tables that a database lacks.",
    "doctor": "Say whether runs can work on this machine.",
    "download": "Download klines or funding rates of a venue.",
    "explain": "List the figures of a result, or explain some.",
    "fields": "List the fields of a configuration, or explain some.",
    "import": "Import data from files.",
    "inspect": "Show what is in a database.",
    "look": "Show what a program would have seen at a time.",
    "new": "Write a program and its configuration that run as they are.",
    "report": "Write a stored result as one HTML file.",
    "results": "List, show, compare, change and export stored results.",
    "run": "Back-test a program.",
    "serve": "Serve the HTTP API and the web page.",
    "signals": "List, show, add and preview signals and pools.",
    "synth": "Write a seeded synthetic market.",
    "validate": "Say what is wrong with a program.",
}

#: Those of many runs, in a room of their own.
STUDY_COMMANDS: dict[str, str] = {
    "card": "Say how far a back-test is to be believed.",
    "monte-carlo": "Say what luck would have done to a run.",
    "search": "Back-test the values that earlier trials make promising.",
    "studies": "List, show, compare, change and export stored studies.",
    "sweep": "Back-test every combination of values.",
    "walk-forward": "Choose parameters on one stretch of time, test them on the next.",
}

#: Those about what programs are made of, in rooms of their own.
FACTOR_COMMANDS: dict[str, str] = {"factors": "List, show, preview and rank factors."}

#: Those that prove a result, or disturb a run.
PROOF_COMMANDS: dict[str, str] = {
    "certify": "Prove what can be proved of a back-test.",
    "diff": "Say what sets two runs apart, or a run and real fills.",
    "replay": "Check a journal, and apply it to an empty account.",
    "stress": "Say what each of many faults does to a back-test.",
    "what-if": "Say what a result would be if something had been other.",
}


def _show_version(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if not wanted:
        return
    from importlib.metadata import PackageNotFoundError, version  # with what reads letters: for nothing else

    try:
        click.echo(f"perpsim {version('perpsim')}")
    except PackageNotFoundError:
        click.echo("perpsim (not installed)")
    context.exit()


@click.group(
    cls=CommandGroup,
    package=__package__,
    short_helps={**COMMANDS, **STUDY_COMMANDS, **PROOF_COMMANDS, **FACTOR_COMMANDS},
    elsewhere={
        **dict.fromkeys(STUDY_COMMANDS, "adapters.study_commands"),
        **dict.fromkeys(PROOF_COMMANDS, "adapters.proof_commands"),
        **dict.fromkeys(FACTOR_COMMANDS, "adapters.factor_commands"),
    },
    sandboxed=("run", "validate", "what-if"),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show the version."
)
def main() -> None:
    """Back-test trading programs on perpetual futures.

    A database is named by a URL such as sqlite:///market.db, with --database or in PERPSIM_DATABASE.
    """
