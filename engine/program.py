"""Programs as source text: static validation, and the class that the text defines."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from types import CodeType, SimpleNamespace
from typing import Any

from .decision import ActionType, Decision
from .errors import Problem, ProgramError, StrategyError
from .executor import InProcessExecutor, ProgramLog
from .market_data import MarketData
from .strategy import Strategy

FILE_NAME = "<program>"

SAFE_BUILTINS = (
    "abs min max sum len round int float str bool list dict tuple set frozenset range enumerate zip map filter sorted "
    "reversed any all isinstance issubclass type repr iter next pow divmod ord chr print property staticmethod "
    "classmethod super object True False None "
    "ArithmeticError AssertionError AttributeError BaseException Exception FloatingPointError IndexError KeyError "
    "LookupError NameError NotImplementedError OverflowError RuntimeError StopIteration TypeError ValueError "
    "ZeroDivisionError"
).split()
FORBIDDEN_CALLS = frozenset(
    "eval exec compile open input __import__ globals locals vars dir getattr setattr delattr hasattr breakpoint exit "
    "quit memoryview help".split()
)
READY_MODULES = ("math", "time")


def validate_program(source: str) -> list[Problem]:
    """Return every problem of a program's source text, by line; those of severity "warning" do not forbid running."""
    try:
        tree = ast.parse(source, FILE_NAME)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        return [Problem(line, f"syntax: {getattr(error, 'msg', None) or error}")]
    problems = [problem for node in ast.walk(tree) for problem in _forbidden(node)]
    problems.extend(_class_problems(tree))
    return sorted(problems)


def _forbidden(node: ast.AST) -> list[Problem]:
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [_import_problem(node)]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FORBIDDEN_CALLS:
        return [Problem(node.lineno, f"{node.func.id}() is not available to programs")]
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "type"
        and len(node.args) != 1
    ):
        return [Problem(node.lineno, "type() takes one argument here")]
    return []


def _import_problem(node: ast.Import | ast.ImportFrom) -> Problem:
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
    if all(name in READY_MODULES for name in names):
        return Problem(node.lineno, f"imports are not allowed; {' and '.join(names)} is already there: drop the line")
    return Problem(node.lineno, f"imports are not allowed (only {' and '.join(READY_MODULES)} exist, without import)")


def _class_problems(tree: ast.Module) -> list[Problem]:
    methods = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            found = {each.name: each for each in node.body if isinstance(each, ast.FunctionDef)}
            if "should_trade" in found:
                methods = found
    if not methods:
        return [Problem(1, "there is no class with a method should_trade(self, data)")]
    problems = []
    decide = methods["should_trade"]
    if len(decide.args.args) + len(decide.args.posonlyargs) < 2 and decide.args.vararg is None:
        problems.append(Problem(decide.lineno, "should_trade needs two parameters: self and data"))
    if "init" not in methods:
        problems.append(Problem(decide.lineno, "the class has no init(self, params)", "warning"))
    return problems


def compile_program(source: str) -> CodeType:
    """Return the compiled text; `ProgramError` with every problem when it cannot be used."""
    errors = [problem for problem in validate_program(source) if problem.severity == "error"]
    if errors:
        raise ProgramError(errors)
    return compile(source, FILE_NAME, "exec", dont_inherit=True)


def program_class(code: CodeType, scope: dict[str, Any]) -> type:
    """Run a program's text in `scope` and return the last class with a `should_trade` of its own that it defines."""
    defined: list[type] = []
    builtins = scope["__builtins__"]
    build = builtins["__build_class__"]

    def note(*args: Any, **kwargs: Any) -> type:
        kind: type = build(*args, **kwargs)
        defined.append(kind)
        return kind

    builtins["__build_class__"] = note
    exec(code, scope)  # noqa: S102 - source text is trusted here, as the README says
    builtins["__build_class__"] = build
    classes = [kind for kind in defined if getattr(kind, "should_trade", None) not in (None, Strategy.should_trade)]
    if not classes:
        raise ProgramError([Problem(1, "there is no class with a method should_trade(self, data)")])
    return classes[-1]


def program_scope(now: Callable[[], int], log: Callable[..., None]) -> dict[str, Any]:
    """Return the names that a program finds: the contract's, the safe builtins, and a simulated `time`."""
    builtins: Mapping[str, Any] = vars(__import__("builtins"))
    safe = {name: builtins[name] for name in SAFE_BUILTINS}
    safe.update(print=log, __build_class__=builtins["__build_class__"], __name__="program")
    return {
        "__builtins__": safe,
        "__name__": "program",
        "ActionType": ActionType,
        "Decision": Decision,
        "MarketData": MarketData,
        "Strategy": Strategy,
        "log": log,
        "math": math,
        "time": SimpleNamespace(time=lambda: now() / 1_000),
    }


class SourceExecutor:
    """Runs a program given as source text in this process: nothing protects the machine from it."""

    def __init__(self, source: str, params: Mapping[str, Any], fresh_each_time: bool = False) -> None:
        self._code = compile_program(source)
        self._params = params
        self._fresh = fresh_each_time
        self._inner: InProcessExecutor | None = None
        self.log = ProgramLog()

    def start(self, now: Callable[[], int]) -> None:
        """Run the text, construct its class and call `init`."""
        kind = program_class(self._code, program_scope(now, self.log.write))
        self._inner = InProcessExecutor(kind, self._params, self._fresh, self.log)
        self._inner.start(now)

    def execute(self, data: MarketData) -> Decision | None:
        """Call the program's `should_trade`."""
        if self._inner is None:
            raise StrategyError("the program was not started")
        return self._inner.execute(data)


def failing_line(error: BaseException) -> int | None:
    """Return the last line of a program's own text that an error passed through, or None."""
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILE_NAME:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
