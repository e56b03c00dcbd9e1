"""A click group that imports a command only when it is run, and ends every failure with one message."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from importlib import import_module
from typing import Any

import click

from .last_guard import FAILED, debug_option, tell_failure, with_debug
from .standard_streams import lasting_streams, output_problem

INTERRUPTED = 130

#: The object of a command's context when the process is there for this command and nothing else.
WHOLE_PROCESS = "the whole process"


class CommandGroup(click.Group):
    """Commands by name, each in the module NAME_command beside this file, imported when used; of `sandboxed` those
    that need a sandbox.

    Exit status: 0 success, 1 a failure that perpsim explains, 2 bad usage, 70 one that it does not, which is a defect,
    130 interrupted (by Ctrl-C, SIGTERM or SIGHUP). Every command has the option --debug, and so has the group.
    """

    def __init__(
        self, *args: Any, short_helps: Mapping[str, str], sandboxed: Collection[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.params.append(debug_option)
        self._short_helps, self._sandboxed = short_helps, sandboxed

    def main(self, args: Sequence[str] | None = None, **given: Any) -> Any:  # type: ignore[override]
        """Run the command that the arguments name; without any given here, they are those of the process. What cannot
        be written to standard output is told at its end.
        """
        with lasting_streams():
            try:
                return super().main(args, obj=WHOLE_PROCESS if args is None else None, **given)
            except SystemExit as end:
                problem = output_problem()
                if problem is None:
                    raise
                click.echo(f"Error: {problem}", err=True)
                sys.exit(end.code or FAILED)

    def import_command(self) -> None:
        """Import what the command needs that the arguments of the process name, so that it is there when it is run."""
        name = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
        if name in self._short_helps:
            with suppress(Exception):  # it comes again, and is told, when the command is run
                _interruptible()
                self.get_command(click.Context(self), name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; the sandbox of one that needs one starts while that is imported."""
        without = {"--trust", *ctx.help_option_names}
        if ctx.obj == WHOLE_PROCESS and args[0] in self._sandboxed and without.isdisjoint(args):
            from ..sandbox import start_ahead

            start_ahead()
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, without importing any."""
        return sorted(self._short_helps)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command, or None when there is none of this name."""
        if cmd_name not in self._short_helps:
            return None
        there = vars(import_module(f".{cmd_name}_command", __package__)).values()
        return with_debug(next(each for each in there if isinstance(each, click.Command) and each.name == cmd_name))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from what is known without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(self._short_helps.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a failure ends with one line and its status."""
        try:
            with _interruptible()(ctx.obj == WHOLE_PROCESS):
                return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            ctx.exit(INTERRUPTED)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            ctx.exit(tell_failure(ctx, error))


def _interruptible() -> Callable[[bool], AbstractContextManager[None]]:
    from ..runs import interruptible

    return interruptible
