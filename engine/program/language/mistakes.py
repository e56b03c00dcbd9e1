"""What a program's text shows to be wrong without running it: names, attributes and literal values that are not there.

Only what is literal is judged, and only where nothing else in the text can give it another meaning.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterator, Mapping
from inspect import Parameter

from ...contract import FIELDS, ActionType, Decision
from ...errors import Problem
from ...market.indicators import parse_indicator
from ...near_names import near
from .. import INDICATOR_IS_A_DICT, MarketData, argument_hint, attribute_hint, is_special, keyword_hint, name_hint
from .asked_data import SIGNATURES, AskedData, arguments, is_open
from .bindings import HIDDEN_NAMES, Bindings, Scope, Use
from .limits import parsed, shape_problem, size_problem
from .literal_values import ARGUMENT_CHECKS, Check, field_check, operation_finding, symbol_check, together_finding
from .names import MISSING_NAME_HINTS
from .scope import NAMES

_DECISION, _ACTION = Decision.__name__, ActionType.__name__
_OPENING = [ActionType.BUY.value, ActionType.SELL.value]
_TRADES = [*_OPENING, ActionType.CLOSE.value]
_PYTHON_NAMES = frozenset({*NAMES, *dir(builtins)})
_ORDERINGS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def find_mistakes(
    source: str, symbols: Collection[str] = (), language: str = "python", refused: Collection[Problem] = ()
) -> list[Problem]:
    """Return what a program's text shows to be wrong, by line, but not where it is `refused` already; nothing for a
    text that cannot be parsed.

    Names, attributes of the market data, arguments of queries and of `Decision` are judged, and the literal values of
    these: periods, indicators, flow metrics, figures out of range; with `symbols` (the configured ones) also symbols.
    A program with mistakes can be run: a query with one has the empty answer, and the others fail when they are met.
    """
    if size_problem(source) is not None:
        return []
    try:
        tree = parsed(source)
        if shape_problem(tree) is not None:
            return []
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    places = {(each.line, each.column) for each in refused if each.severity == "error"}
    found = {each for each in _Mistakes(tree, symbols, language).found() if (each.line, each.column) not in places}
    return sorted(found, key=lambda each: (each.line, each.column, each.message))


class _Mistakes:
    """The search in one program."""

    def __init__(self, tree: ast.Module, symbols: Collection[str], language: str) -> None:
        self._bindings = Bindings(tree)
        self._asked = AskedData(self._bindings)
        self._is_live = language == "platform"
        self._there = NAMES if self._is_live else _PYTHON_NAMES
        self._hints = MISSING_NAME_HINTS if self._is_live else {}
        self._caught = {kind: _tried(tree, kind) for kind in ("NameError", "AttributeError", "TypeError")}
        self._tested = _names_tested(tree)
        self._is_changed_later = _sets_fields(tree)
        self._symbol_check = symbol_check(symbols)
        self._checks: dict[str, Check] = {**ARGUMENT_CHECKS, "symbol": self._symbol_check}

    def found(self) -> Iterator[Problem]:
        """Yield every mistake."""
        for use in self._bindings.names:
            yield from self._of_name(use)
        for use in self._bindings.attributes:
            yield from self._of_attribute(use)
        for use in self._bindings.calls:
            yield from self._of_call(use)
        for use in self._bindings.operations:
            yield from self._of_operation(use)
        for use in self._bindings.items:
            yield from self._of_item(use)

    # --- names and attributes

    def _of_name(self, use: Use) -> Iterator[Problem]:
        node, bindings = use.node, self._bindings
        assert isinstance(node, ast.Name)
        name = node.id
        if name in self._there or is_special(name) or node in self._caught["NameError"]:
            return
        if not bindings.binds(name) and not bindings.hidden & HIDDEN_NAMES:
            yield _problem(node, f"{name} is not defined", name_hint(name, self._there, self._hints))

    def _of_attribute(self, use: Use) -> Iterator[Problem]:
        node = use.node
        assert isinstance(node, ast.Attribute)
        kind: type = MarketData if self._asked.is_data(Use(node.value, use.scope)) else ActionType
        if kind is ActionType and not self._is_ours(node.value, _ACTION):
            return
        if hasattr(kind, node.attr) or node.attr in self._tested or node in self._caught["AttributeError"]:
            return
        what = "data" if kind is MarketData else _ACTION
        yield _problem(node, f"{what} has no attribute {node.attr}", attribute_hint(kind, node.attr))

    def _is_ours(self, node: ast.expr, name: str) -> bool:
        """Tell whether an expression is a name of the contract that the program has not given another meaning."""
        return isinstance(node, ast.Name) and node.id == name and not self._bindings.binds(name)

    # --- calls

    def _of_call(self, use: Use) -> Iterator[Problem]:
        call = use.node
        assert isinstance(call, ast.Call)
        if self._is_ours(call.func, _DECISION):
            yield from self._of_decision(call, use.scope)
        query = self._asked.query(use)
        if query is None:
            return
        if call not in self._caught["TypeError"]:
            yield from self._of_arguments(call, query)
        for name, value in arguments(call, SIGNATURES[query].parameters):
            if name in self._checks:
                yield from self._of_literals(value, use.scope, self._checks[name])

    def _of_arguments(self, call: ast.Call, query: str) -> Iterator[Problem]:
        """Tell what a query does not take, or lacks."""
        takes = SIGNATURES[query].parameters
        for keyword in call.keywords:
            if keyword.arg is not None and keyword.arg not in takes:
                hint = argument_hint(query, keyword.arg)
                yield _problem(keyword.value, f"{query} has no argument {keyword.arg}", hint)
        for further in call.args[len(takes) :]:
            yield _problem(further, f"{query} has not so many arguments", argument_hint(query, ""))
        given = {name for name, _ in arguments(call, takes)}
        needed = [name for name, each in takes.items() if each.default is Parameter.empty and name not in given]
        if needed and not is_open(call):
            yield _problem(call, f"{query} needs {' and '.join(needed)}", argument_hint(query, ""))

    def _of_literals(self, value: ast.expr, scope: Scope, check: Check) -> Iterator[Problem]:
        for literal in self._bindings.literals(Use(value, scope)) or ():
            finding = check(literal)
            if finding is not None:
                yield _problem(value, *finding)

    # --- decisions

    def _of_decision(self, call: ast.Call, scope: Scope) -> Iterator[Problem]:
        given = dict(arguments(call, FIELDS))
        yield from self._of_fields(call, given)
        operations = self._operations(given.get("operation"), scope)
        if ActionType.HOLD.value in operations:  # nothing else of it is looked at
            return
        alone: list[Problem] = []
        for name, value in given.items():
            check = self._symbol_check if name == "symbol" else field_check(name, operations, self._is_live)
            alone += self._of_literals(value, scope, operation_finding if name == "operation" else check)
        yield from alone
        if not (alone or self._is_changed_later or is_open(call)):
            yield from self._of_fields_together(call, given, operations, scope)

    def _of_fields_together(
        self, call: ast.Call, given: Mapping[str, ast.expr], operations: list[str], scope: Scope
    ) -> Iterator[Problem]:
        """Tell what the literal values of several fields mean together."""
        found = {name: self._bindings.literals(Use(value, scope)) for name, value in given.items()}
        literal = {name: values[0] for name, values in found.items() if values is not None and len(values) == 1}
        if "operation" in literal or len(operations) == 1:
            finding = together_finding(operations, literal, found.keys() - literal.keys())
            if finding is not None:
                yield _problem(call, *finding)

    def _of_fields(self, call: ast.Call, given: Collection[str]) -> Iterator[Problem]:
        """Tell what a decision does not have, or lacks."""
        foreign = [each for each in call.keywords if each.arg is not None and each.arg not in FIELDS]
        for keyword in foreign:
            yield _problem(keyword.value, f"Decision has no field {keyword.arg}", keyword_hint(keyword.arg or ""))
        lacking = [name for name in ("operation", "symbol") if name not in given]
        if lacking and not foreign and not is_open(call):
            yield _problem(call, f"Decision needs {' and '.join(lacking)}", 'such as Decision("buy", "BTC", ...)')

    def _operations(self, operation: ast.expr | None, scope: Scope) -> list[str]:
        """Return which operations a decision may have: all that trade where its text does not say."""
        if isinstance(operation, ast.Attribute) and self._is_ours(operation.value, _ACTION):
            return [member.value for member in ActionType if member.name == operation.attr]
        literals = None if operation is None else self._bindings.literals(Use(operation, scope))
        if literals is None:
            return _TRADES
        return [each.strip().lower() for each in literals if operation_finding(each) is None] or _OPENING

    # --- answers that are dicts

    def _of_operation(self, use: Use) -> Iterator[Problem]:
        for operand in _as_numbers(use.node):
            asked = self._asked.dict_query(Use(operand, use.scope))
            if asked is None or use.node in self._caught["TypeError"]:
                continue
            query = self._asked.query(asked)
            hint = INDICATOR_IS_A_DICT if query == "get_indicator" else f"{query} returns a dict: use one of its values"
            yield _problem(operand, "a dict is no number", hint)

    def _of_item(self, use: Use) -> Iterator[Problem]:
        """Tell of a key that no such indicator has."""
        match use.node:
            case ast.Subscript(value=owner, slice=ast.Constant(value=str(key))):
                asked = self._asked.dict_query(Use(owner, use.scope))
            case _:
                return
        if asked is None or self._asked.query(asked) != "get_indicator" or key in self._bindings.keys:
            return
        assert isinstance(asked.node, ast.Call)
        names = dict(arguments(asked.node, SIGNATURES["get_indicator"].parameters))
        literals = self._bindings.literals(Use(names["indicator"], asked.scope)) if "indicator" in names else None
        for name in literals or ():
            indicator = parse_indicator(name)
            there = [] if indicator is None else [*indicator.fillers, *["series"] * indicator.has_series]
            if there and key not in there:
                yield _problem(use.node, f"{name} has no key {key!r}", near(key, there) or f"it has {', '.join(there)}")


def _problem(node: ast.AST, message: str, hint: str) -> Problem:
    return Problem(getattr(node, "lineno", 1), message, "error", getattr(node, "col_offset", 0) + 1, hint)


# --- shapes of the text


def _sets_fields(tree: ast.Module) -> bool:
    """Tell whether a field of a decision may be set after it is made."""
    nodes = list(ast.walk(tree))
    is_set = any(
        isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store) and each.attr in FIELDS for each in nodes
    )
    return is_set or any(isinstance(each, ast.Name) and each.id in ("setattr", "replace") for each in nodes)


def _as_numbers(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the operands that must be numbers, or the like."""
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        for left, operator, right in zip(sides, node.ops, sides[1:], strict=False):
            if isinstance(operator, _ORDERINGS):
                yield from (left, right)
    elif isinstance(node, ast.BinOp) and not isinstance(node.op, (ast.BitOr, ast.Mod)):
        yield from (node.left, node.right)
    elif isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not):
        yield node.operand


def _tried(tree: ast.Module, kind: str) -> frozenset[ast.AST]:
    """Return every node in a try block whose handlers name a kind of error."""
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Try, ast.TryStar)) and any(_names_kind(each.type, kind) for each in node.handlers):
            found.update(inner for statement in node.body for inner in ast.walk(statement))
    return frozenset(found)


def _names_kind(node: ast.expr | None, kind: str) -> bool:
    return node is not None and any(isinstance(each, ast.Name) and each.id == kind for each in ast.walk(node))


def _names_tested(tree: ast.Module) -> frozenset[str]:
    """Return the attributes that the program itself asks for before it reads them."""
    return frozenset(
        each.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("hasattr", "getattr")
        for each in node.args
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    )
