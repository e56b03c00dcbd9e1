"""Programs as source text: what is wrong with one, and running it in this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from ...errors import Problem, ProgramError
from .. import InProcessExecutor, Strategy, definition_line
from .imports import load_imports
from .policy import check_program, check_python
from .python_text import run_python
from .scope import ProgramScope

#: "python": any syntax and any import that can be had. "platform": what the live platform takes.
Language = Literal["python", "platform"]
_CHECKS = {"python": check_python, "platform": check_program}


def validate_program(source: str, language: Language = "python") -> list[Problem]:
    """Return every problem of a program's source text, by line; those of severity "warning" do not forbid running.

    It is parsed and compiled, which a hostile text can make very slow: strangers' text belongs in `Sandbox.validate`.
    """
    return list(_CHECKS[language](source).problems)


class SourceExecutor(InProcessExecutor):
    """Runs a program given as source text in this process, of which nothing protects the process.

    `line` is that of its `should_trade`, once started. Raises `ProgramError` with every problem when the text cannot
    be used in this `language`.
    """

    def __init__(
        self, source: str, params: Mapping[str, Any], fresh_each_time: bool = False, language: Language = "python"
    ) -> None:
        super().__init__(Strategy, params, fresh_each_time)
        code, problems = _CHECKS[language](source)
        errors = [problem for problem in problems if problem.severity == "error"]
        if code is None or errors:
            raise ProgramError(errors)
        if language == "python":
            load_imports(code)
        self._code, self._language = code, language
        self.line: int | None = None

    def _prepare(self, now: Callable[[], int]) -> None:
        """Run the text, construct its class and call `init`."""
        if self._language == "platform":
            self._strategy = ProgramScope(now, self.log.write).run(self._code)
        else:
            self._strategy = run_python(self._code, self.log.write)
        self.line = definition_line(self._strategy.should_trade)
        super()._prepare(now)
