"""A click group that imports a command only when it is run, and ends every failure with one message."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from importlib import import_module
from typing import Any

import click

from .last_guard import FAILED, debug_option, tell_failure, with_debug
from .standard_streams import lasting_streams, output_problem

INTERRUPTED = 130

#: The object of a command's context when the process is there for this command and nothing else.
WHOLE_PROCESS = "the whole process"


class CommandGroup(click.Group):
    """Commands by name, each in the module NAME_command of a package, imported when used: of `package`, or of that
    which `elsewhere` names for it; of `sandboxed` those that need a sandbox.

    Exit status: 0 success, 1 a failure that perpsim explains, 2 bad usage, 70 one that it does not, which is a defect,
    130 interrupted (by Ctrl-C, SIGTERM or SIGHUP). Every command has the option --debug, and so has the group.
    """

    def __init__(
        self,
        *args: Any,
        package: str,
        short_helps: Mapping[str, str],
        sandboxed: Collection[str] = (),
        elsewhere: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.params.append(debug_option)
        self._package, self._elsewhere = package, elsewhere or {}
        self._short_helps, self._sandboxed = short_helps, sandboxed

    def main(self, args: Sequence[str] | None = None, **given: Any) -> Any:  # type: ignore[override]
        """Run the command that the arguments name; without any given here, they are those of the process, which is then
        got ready for it first. What cannot be written to standard output is told at its end.
        """
        if args is None:
            self._get_ready(sys.argv[1:])
        with lasting_streams():
            try:
                return super().main(args, obj=WHOLE_PROCESS if args is None else None, **given)
            except SystemExit as end:
                problem = output_problem()
                if problem is None:
                    raise
                click.echo(f"Error: {problem}", err=True)
                sys.exit(end.code or FAILED)
            finally:
                if args is None:
                    gc.freeze()  # the process ends, and what it has loaded since is not looked through for that either

    def _get_ready(self, words: Sequence[str]) -> None:
        """Bring about what the command needs that these words name, while Ctrl-C still ends the process at once: for a
        program its hash seed, or else its sandbox, which starts while the rest is imported.
        """
        name = next((word for word in words if not word.startswith("-")), "")
        if name not in self._short_helps:
            return
        context = click.Context(self, **self.context_settings)
        # what cannot be imported is told when the command is run, and a seed that cannot be fixed in the result
        with suppress(Exception), _keeping():
            if name in self._sandboxed and not {*context.help_option_names}.intersection(words):
                _get_ready_for_program("--trust" in words)
            _interruptible()
            self.get_command(context, name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, without importing any."""
        return sorted(self._short_helps)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command, or None when there is none of this name."""
        if cmd_name not in self._short_helps:
            return None
        package = self._elsewhere.get(cmd_name, self._package)
        there = vars(import_module(f"{package}.{cmd_name.replace('-', '_')}_command")).values()
        return with_debug(next(each for each in there if isinstance(each, click.Command) and each.name == cmd_name))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from what is known without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(self._short_helps.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a failure ends with one line and its status."""
        try:
            with _interruptible()(ctx.obj == WHOLE_PROCESS), _long_steps_shown():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            ctx.exit(INTERRUPTED)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            ctx.exit(tell_failure(ctx, error))


def keeping_everything() -> AbstractContextManager[None]:
    """Return a context in which what is made is there to stay, if the process is there for this command alone: the
    garbage collector does not look through it now, which takes a tenth of the time that imports take, nor later, nor
    when the process ends, which takes another.
    """
    return _keeping() if click.get_current_context().find_root().obj == WHOLE_PROCESS else nullcontext()


@contextmanager
def _keeping() -> Iterator[None]:
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _get_ready_for_program(trusted: bool) -> None:
    """Start this process anew with the hash seed that programs have, or else a sandbox for the program."""
    if trusted:
        from ..runs import fix_hash_seed

        fix_hash_seed()
    else:
        from ..sandbox import start_ahead

        start_ahead()


def _long_steps_shown() -> AbstractContextManager[None]:
    from ..runs import long_steps_shown

    return long_steps_shown()


def _interruptible() -> Callable[[bool], AbstractContextManager[None]]:
    from ..runs import interruptible

    return interruptible
