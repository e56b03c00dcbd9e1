"""A factor's expression: Python's syntax of sums, comparisons and calls over columns of klines; nothing else of it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from ..market.series import FloatColumn, KlineColumns
from ..near_names import near
from .errors import FactorError
from .functions import FUNCTIONS, PLAIN_FUNCTIONS, Argument, FactorFunction, Kind

#: How long an expression may be, in characters, how deep in brackets and signs, and of how few klines it has a value.
LONGEST_EXPRESSION, DEEPEST, FEWEST_KLINES = 500, 60, 10

#: The longest period that a function takes.
LONGEST_PERIOD = 10_000

#: The columns of klines that an expression can name.
COLUMNS = ("open", "high", "low", "close", "volume")


class _Is(Enum):
    """What a part of an expression comes to."""

    NUMBER = "a number"
    SERIES = "a series"
    #: A series of yes and no, which counts as 1 and 0.
    CONDITION = "a comparison"


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of an expression that has been read: what it comes to, and how it is worked out."""

    comes_to: _Is
    work: Callable[[Any], Any]


_ARITHMETIC: Mapping[type[ast.AST], Callable[..., Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.FloorDiv: np.floor_divide,
    ast.Mod: np.mod,
    ast.Pow: np.power,
}
_LOGIC: Mapping[type[ast.AST], Callable[..., Any]] = {ast.BitAnd: np.logical_and, ast.BitOr: np.logical_or}
_COMPARISONS: Mapping[type[ast.AST], Callable[..., Any]] = {
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}
#: What an expression cannot contain, in words.
_WORDS: Mapping[type[ast.expr], str] = {
    ast.BoolOp: "`and` or `or`, which series do not have (write & and | between brackets, or AND and OR),",
    ast.IfExp: "if ... else, which series do not have (write IF),",
    ast.Attribute: "an attribute",
    ast.Subscript: "an index",
    ast.Lambda: "lambda",
    ast.NamedExpr: "an assignment",
    ast.Starred: "a star",
    ast.Tuple: "a comma outside of a call",
    ast.List: "a list",
    ast.JoinedStr: "a text",
}


class FactorExpression:
    """An expression that has been read. Raises `FactorError` with the place of the first mistake.

    ``SMA(close, 20) / close - 1``: numbers, the columns open, high, low, close and volume, ``+ - * / // % **``,
    comparisons, ``& | ~`` between comparisons, brackets, and calls of `FUNCTIONS` and `PLAIN_FUNCTIONS` by position or
    keyword. It can reach nothing else.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._work = _Reader(text).read()

    def __reduce__(self) -> tuple[type[FactorExpression], tuple[str]]:
        return type(self), (self.text,)

    def values(self, klines: KlineColumns) -> FloatColumn:
        """Return the value at each of `klines`, oldest first (float64; NaN where there is none).

        Functions begin at the first of them, and RANK and ZSCORE see all: what it was at an instant is the last value
        over the klines up to there. Raises `FactorError` with fewer than 10 klines, or than a
        function needs.
        """
        if len(klines) < FEWEST_KLINES:
            raise FactorError(f"{len(klines)} klines, and an expression needs {FEWEST_KLINES} or more")
        with np.errstate(all="ignore"):
            found = np.broadcast_to(np.asarray(self._work(klines), dtype=float), len(klines))
        return found.copy()


class _Reader:
    """Reads one expression."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._nodes: Mapping[type[ast.expr], Callable[[Any, int], _Part]] = {
            ast.Constant: self._number,
            ast.Name: self._column,
            ast.UnaryOp: self._sign,
            ast.BinOp: self._operation,
            ast.Compare: self._comparison,
            ast.Call: self._call,
        }

    def read(self) -> Callable[[KlineColumns], Any]:
        if len(self._text) > LONGEST_EXPRESSION:
            raise FactorError(f"{len(self._text)} characters, and an expression has {LONGEST_EXPRESSION} at most")
        if not self._text.strip():
            raise FactorError("an expression is empty")
        try:
            body = ast.parse(self._text.strip(), mode="eval").body
        except SyntaxError as error:
            raise FactorError(f"it cannot be read: {error.msg}", self._place(error.lineno, error.offset)) from None
        except (ValueError, MemoryError, RecursionError):
            raise FactorError("it cannot be read") from None
        return self._part(body, DEEPEST).work

    def _place(self, line: int | None, offset: int | None) -> int | None:
        """Return which character of the text stands at a line and a column of what was parsed, from 1."""
        if line is None or offset is None:
            return None
        if not offset:  # the end
            return len(self._text)
        blanks = len(self._text) - len(self._text.lstrip())
        before = sum(len(each) for each in self._text.strip().splitlines(keepends=True)[: line - 1])
        return min(blanks + before + offset, len(self._text))

    def _error(self, node: ast.expr, problem: str) -> FactorError:
        line = self._text.strip().splitlines()[node.lineno - 1]
        return FactorError(problem, self._place(node.lineno, len(line.encode()[: node.col_offset].decode()) + 1))

    def _part(self, node: ast.expr, depth: int) -> _Part:
        if not depth:
            raise self._error(node, f"more than {DEEPEST} brackets, signs and operations inside each other")
        read = self._nodes.get(type(node))
        if read is None:
            raise self._error(node, f"{_WORDS.get(type(node), 'this')} is not part of the language of factors")
        return read(node, depth - 1)

    def _number(self, node: ast.Constant, depth: int) -> _Part:
        if isinstance(node.value, bool) or not isinstance(node.value, (int, float)):
            raise self._error(node, f"{node.value!r:.40} is no number")
        try:
            value = np.float64(node.value)
        except OverflowError:
            raise self._error(node, "the number is too large") from None
        return _Part(_Is.NUMBER, lambda klines: value)

    def _column(self, node: ast.Name, depth: int) -> _Part:
        name = node.id
        if name in COLUMNS:
            return _Part(_Is.SERIES, lambda klines: getattr(klines, name))
        if name in FUNCTIONS or name in PLAIN_FUNCTIONS:
            raise self._error(node, f"{name} is a function and is called: {_function(name).signature}")
        raise self._error(node, _unknown("column", name, (*COLUMNS, *FUNCTIONS)))

    def _sign(self, node: ast.UnaryOp, depth: int) -> _Part:
        part = self._part(node.operand, depth)
        if isinstance(node.op, ast.Not):
            raise self._error(node, "a series has no `not`: write ~(...) or NOT(...)")
        if isinstance(node.op, ast.Invert):
            if part.comes_to is not _Is.CONDITION:
                raise self._error(node, f"~ takes a comparison, not {part.comes_to.value}")
            return _Part(_Is.CONDITION, lambda klines: np.logical_not(part.work(klines)))
        work = np.negative if isinstance(node.op, ast.USub) else np.positive
        return _Part(_sum_of(part), lambda klines: work(_counted(part, klines)))

    def _operation(self, node: ast.BinOp, depth: int) -> _Part:
        left, right = self._part(node.left, depth), self._part(node.right, depth)
        if type(node.op) in _LOGIC:
            for part, at in ((left, node.left), (right, node.right)):
                if part.comes_to is not _Is.CONDITION:
                    raise self._error(at, f"& and | stand between comparisons, in brackets, not {part.comes_to.value}")
            both = _LOGIC[type(node.op)]
            return _Part(_Is.CONDITION, lambda klines: both(left.work(klines), right.work(klines)))
        work = _ARITHMETIC.get(type(node.op))
        if work is None:
            raise self._error(node, "the operators are + - * / // % ** & | ~ and comparisons")
        return _Part(_sum_of(left, right), lambda klines: work(_counted(left, klines), _counted(right, klines)))

    def _comparison(self, node: ast.Compare, depth: int) -> _Part:
        if len(node.ops) > 1:
            raise self._error(node, "one comparison at a time: write (a < b) & (b < c)")
        work = _COMPARISONS.get(type(node.ops[0]))
        if work is None:
            raise self._error(node, "the comparisons are > >= < <= == and !=")
        left, right = self._part(node.left, depth), self._part(node.comparators[0], depth)
        return _Part(_Is.CONDITION, lambda klines: work(_counted(left, klines), _counted(right, klines)))

    def _call(self, node: ast.Call, depth: int) -> _Part:
        function = self._called(node.func)
        given = self._given(node, function)
        parts = [self._argument(node, function, each, given, depth) for each in function.arguments]
        periods = {
            each.name: part.work(None)
            for each, part in zip(function.arguments, parts, strict=True)
            if each.kind is Kind.PERIOD
        }
        needed = function.rows_needed(periods)
        is_series = any(each.comes_to is not _Is.NUMBER for each in parts)
        comes_to = (_Is.CONDITION if function.is_condition else _Is.SERIES) if is_series else _Is.NUMBER
        short = self._error(node, f"{function.name} has no value with fewer than {needed} klines")

        def work(klines: KlineColumns) -> Any:
            if needed and len(klines) < needed:
                if function.zeros_below:
                    return np.zeros(len(klines))
                raise short
            values = [_counted(each, klines) for each in parts]
            return function.work(klines, *values) if function.sees_klines else function.work(*values)

        return _Part(comes_to, work)

    def _called(self, node: ast.expr) -> FactorFunction:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "np":
            if node.attr not in PLAIN_FUNCTIONS:
                raise self._error(node, _unknown("function", f"np.{node.attr}", [f"np.{n}" for n in PLAIN_FUNCTIONS]))
            return PLAIN_FUNCTIONS[node.attr]
        if not isinstance(node, ast.Name):
            raise self._error(node, "only functions are called, by their names")
        found = FUNCTIONS.get(node.id) or PLAIN_FUNCTIONS.get(node.id)
        if found is None:
            raise self._error(node, _unknown("function", node.id, (*FUNCTIONS, *PLAIN_FUNCTIONS)))
        return found

    def _given(self, node: ast.Call, function: FactorFunction) -> dict[str, ast.expr]:
        """Return what a call gives, by the name of the argument."""
        names = [each.name for each in function.arguments]
        if len(node.args) > len(names):
            raise self._error(node.args[len(names)], f"too many arguments: {function.signature}")
        given = dict(zip(names, node.args, strict=False))
        for keyword in node.keywords:
            if keyword.arg not in names:
                raise self._error(keyword.value, f"no such argument: {function.signature}")
            if keyword.arg in given:
                raise self._error(keyword.value, f"{keyword.arg} is given twice: {function.signature}")
            given[keyword.arg] = keyword.value
        return given

    def _argument(
        self, node: ast.Call, function: FactorFunction, argument: Argument, given: dict[str, ast.expr], depth: int
    ) -> _Part:
        if argument.name not in given:
            default = argument.default
            if default is None:
                raise self._error(node, f"{argument.name} is missing: {function.signature}")
            return _Part(_Is.NUMBER, lambda klines: default)
        at = given[argument.name]
        part = self._part(at, depth)
        if argument.kind is Kind.PERIOD:
            return self._period(at, argument, part)
        if argument.kind is Kind.SERIES and part.comes_to is _Is.NUMBER:
            raise self._error(at, f"{argument.name} is a series, not a number: {function.signature}")
        return part

    def _period(self, at: ast.expr, argument: Argument, part: _Part) -> _Part:
        if part.comes_to is not _Is.NUMBER:
            raise self._error(at, f"{argument.name} is a number of rows, not {part.comes_to.value}")
        with np.errstate(all="ignore"):
            value = float(part.work(None))  # a number does not look at klines
        if not 1.0 <= value < LONGEST_PERIOD + 1:
            raise self._error(at, f"{argument.name} is {value:g}: it is a number of rows from 1 to {LONGEST_PERIOD}")
        rows = int(value)
        return _Part(_Is.NUMBER, lambda klines: rows)


def _function(name: str) -> FactorFunction:
    return FUNCTIONS.get(name) or PLAIN_FUNCTIONS[name]


def _unknown(what: str, name: str, there: Collection[str]) -> str:
    hint = near(name, there)
    return f"there is no {what} {name}" + (f"; {hint}" if hint else "")


def _sum_of(*parts: _Part) -> _Is:
    """Return what arithmetic on these comes to."""
    return _Is.NUMBER if all(each.comes_to is _Is.NUMBER for each in parts) else _Is.SERIES


def _counted(part: _Part, klines: KlineColumns) -> Any:
    """Return the value of a part as numbers: yes is 1, no is 0."""
    value = part.work(klines)
    return np.multiply(value, 1.0) if part.comes_to is _Is.CONDITION else value
