"""The script that is run: what stands in it is found by workers too, who import it under another name than it has here.

That is why it must begin its work under ``if __name__ == "__main__":``, as scripts that start processes do everywhere.
"""

from __future__ import annotations

import ast
import multiprocessing.spawn
import os
import sys
from types import FrameType
from typing import NamedTuple

from .worker_interface import WorkersFailed

MAIN = "__main__"


class MainScript(NamedTuple):
    """Where the module `__main__` comes from: a file, and the module's own name where it was started by ``-m``."""

    path: str
    name: str | None


def script_of_main() -> MainScript | None:
    """Return the script that this process runs, None for a notebook, a prompt, or ``python -c``."""
    main = sys.modules[MAIN]
    path = getattr(main, "__file__", None)
    if not path or not os.path.isfile(path):
        return None
    return MainScript(os.path.abspath(path), getattr(getattr(main, "__spec__", None), "name", None))


def require_main_guard() -> None:
    """Raise `WorkersFailed` where the script is at a line now that would also be run when a worker imports it."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_code.co_name == "<module>" and frame.f_globals is vars(sys.modules[MAIN]):
            _require_guard_around(frame.f_code.co_filename, frame.f_lineno)
        frame = frame.f_back


def _require_guard_around(path: str, line: int) -> None:
    try:
        with open(path, "rb") as file:
            body = ast.parse(file.read()).body
    except (OSError, SyntaxError):  # changed meanwhile: who imports it will see
        return
    for statement in body:
        if _is_around(statement, line) and not any(_is_guard(each, line) for each in ast.walk(statement)):
            raise WorkersFailed(guard_is_missing(path, line))


def _is_around(node: ast.stmt | ast.expr, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def _is_guard(node: ast.AST, line: int) -> bool:
    """Tell whether this is a condition on the name of the module, with the line behind it."""
    if not isinstance(node, ast.If | ast.IfExp | ast.BoolOp) or not _is_around(node, line):
        return False
    condition = node.values[0] if isinstance(node, ast.BoolOp) else node.test
    return any(isinstance(each, ast.Name) and each.id == "__name__" for each in ast.walk(condition))


def guard_is_missing(path: str, line: int) -> str:
    """Return the sentence that says what to write."""
    return (
        f'{path}, line {line}: write if __name__ == "__main__": before what the script does and indent that below it: '
        "worker processes import the script to find its strategy, and would begin all of it again; or run it with "
        "workers=1"
    )


_script: list[MainScript] = []
_loading: list[bool] = []


def expect_main(script: MainScript | None) -> None:
    """Say in a worker which script `load_main` imports."""
    _script[:] = [] if script is None else [script]


def load_main() -> None:
    """Import the script of the process that started this one, once, as `__mp_main__` and `__main__`."""
    if not _script:
        return
    script = _script.pop()
    how = {"init_main_from_path": script.path} if script.name is None else {"init_main_from_name": script.name}
    _loading.append(True)
    try:
        multiprocessing.spawn.prepare(how)
    except SystemExit as error:
        raise WorkersFailed(f"{script.path} ends its process (status {error.code}) when a worker imports it") from None
    finally:
        _loading.pop()


def is_loading_main() -> bool:
    """Whether this is a worker that imports the script."""
    return bool(_loading)
