"""Programs as source text: what is wrong with one, and running it in this process."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping
from typing import Any

from ...errors import Problem, ProgramError
from .. import FILE_NAME, InProcessExecutor, Strategy, definition_line
from .policy import check_program
from .scope import NO_CLASS, ProgramScope


def validate_program(source: str) -> list[Problem]:
    """Return every problem of a program's source text, by line; those of severity "warning" do not forbid running."""
    return list(check_program(source).problems)


class SourceExecutor(InProcessExecutor):
    """Runs a program given as source text in this process: nothing but the policy of its language protects from it.

    `line` is that of its `should_trade`, once started. Raises `ProgramError` with every problem when the text cannot
    be used. Without `restricted` it may be any Python: that is for tests of walls around this process.
    """

    def __init__(
        self, source: str, params: Mapping[str, Any], fresh_each_time: bool = False, restricted: bool = True
    ) -> None:
        super().__init__(Strategy, params, fresh_each_time)
        self._code = None
        self._source = source
        if restricted:
            self._code, problems = check_program(source)
            if self._code is None:
                raise ProgramError([problem for problem in problems if problem.severity == "error"])
        self.line: int | None = None

    def start(self, now: Callable[[], int]) -> None:
        """Run the text, construct its class and call `init`."""
        scope = ProgramScope(now, self.log.write)
        self._strategy = scope.run(self._code) if self._code is not None else _run_anything(self._source, scope)
        self.line = definition_line(self._strategy.should_trade)
        super().start(now)


def _run_anything(source: str, scope: ProgramScope) -> type:
    """Run any Python text, with every builtin, and return the last class with a `should_trade` that is left behind."""
    names = {**scope.names, "__builtins__": builtins}
    exec(compile(source, FILE_NAME, "exec", dont_inherit=True), names)  # noqa: S102 - behind a wall, or not at all
    classes = [each for each in names.values() if isinstance(each, type) and each.__module__ == names["__name__"]]
    found = [kind for kind in classes if callable(getattr(kind, "should_trade", None))]
    if not found:
        raise ProgramError([NO_CLASS])
    return found[-1]
