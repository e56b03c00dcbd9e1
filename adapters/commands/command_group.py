"""A click group that imports a command only when it is run, and ends every failure with one message."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click

INTERRUPTED = 130


class LazyCommand(NamedTuple):
    """Where a command is (``module:attribute``, beside this file) and what the list of commands says about it."""

    place: str
    short_help: str


class CommandGroup(click.Group):
    """Commands by name, imported when used.

    Exit status: 0 success, 1 a failure that perpsim explains, 2 bad usage, 130 interrupted. Errors that perpsim does
    not raise on purpose are defects and keep their traceback.
    """

    def __init__(self, *args: Any, lazy_commands: Mapping[str, LazyCommand], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lazy = dict(lazy_commands)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, without importing any."""
        return sorted(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command, or None when there is none of this name."""
        lazy = self._lazy.get(cmd_name)
        if lazy is None:
            return None
        module, attribute = lazy.place.split(":")
        command = getattr(import_module(f".{module}", __package__), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from what is known without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, lazy.short_help) for name, lazy in sorted(self._lazy.items())])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a failure that perpsim explains ends with its text and status 1."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            ctx.exit(INTERRUPTED)
        except Exception as error:
            from engine import PerpsimError

            if not isinstance(error, PerpsimError):
                raise
            click.echo(f"Error: {error}", err=True)
            ctx.exit(1)
