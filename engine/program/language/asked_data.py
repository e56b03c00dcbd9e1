"""Which expressions of a program are the market data that it is asked with, and what is asked of it."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from inspect import Signature, signature

from .. import MarketData, Strategy
from .bindings import Bindings, Function, Scope, Use, parameters

_DATA, _ENTRY = MarketData.__name__, Strategy.should_trade.__name__
_QUERIES = {name: getattr(MarketData, name) for name in dir(MarketData) if name.startswith("get_")}
#: What each query takes, without the data itself.
SIGNATURES: dict[str, Signature] = {
    name: each.replace(parameters=list(each.parameters.values())[1:])
    for name, each in ((name, signature(query)) for name, query in _QUERIES.items())
}
_DICTS = frozenset(name for name, each in SIGNATURES.items() if str(each.return_annotation).startswith("dict["))


class AskedData:
    """The market data in one program: the parameter of `should_trade`, what is annotated so, and what these are handed
    on to, where all that the text shows agrees.
    """

    def __init__(self, bindings: Bindings) -> None:
        self._bindings = bindings
        self._calls = self._calls_by_name()
        self._data: set[ast.AST | None] = set()
        self._find_parameters()

    def query(self, use: Use) -> str | None:
        """Return which query of the market data a call is, or None."""
        match use.node:
            case ast.Call(func=ast.Attribute(value=owner, attr=name)):
                return name if name in _QUERIES and self.is_data(Use(owner, use.scope)) else None
        return None

    def dict_query(self, use: Use) -> Use | None:
        """Return the query whose answer, a dict, an expression is, or None."""
        if isinstance(use.node, ast.Name):
            found = self._bindings.value(use.node.id, use.scope)
            return None if found is None or isinstance(found.node, ast.Name) else self.dict_query(found)
        return use if self.query(use) in _DICTS else None

    def is_data(self, use: Use, depth: int = 8) -> bool:
        """Tell whether an expression is the market data that the program is asked with."""
        node, scope = use
        if depth < 0:
            return False
        if isinstance(node, ast.Name):
            return self._is_data_name(node.id, scope, depth)
        match node:
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                values = [each for each in self._bindings.attribute_values(name) if not _is_none(each)]
                return bool(values) and all(each is not None and self.is_data(each, depth - 1) for each in values)
        return False

    def _is_data_name(self, name: str, scope: Scope, depth: int) -> bool:
        home = self._bindings.home(name, scope)
        if home is None or name in self._bindings.moved:
            return False
        if home.only(name) in self._data:
            return True
        found = self._bindings.value(name, scope)
        return found is not None and isinstance(found.node, ast.Name) and self.is_data(found, depth - 1)

    def _find_parameters(self) -> None:
        """Find the parameters that are the market data: those of `should_trade`, those that are annotated so, and
        those to which all calls in the text give it.
        """
        functions = self._bindings.functions
        asked = {each for function, outer, _ in functions for each in _asked_with(function, outer)}
        noted = {each for function, _, _ in functions for each in self._annotated(function)}
        self._data |= asked | noted
        if not all(self._hands_on(use) for use in self._calls.get(_ENTRY, ())):  # something else goes by that name
            self._data = {*noted}
        known = -1
        while known < len(self._data):
            known = len(self._data)
            self._data |= {*self._given_data()}

    def _hands_on(self, use: Use) -> bool:
        """Tell whether a call gives the market data to a program's entry, of its own class or of another one."""
        assert isinstance(use.node, ast.Call)
        given = [*use.node.args, *(each.value for each in use.node.keywords)]
        return any(self.is_data(Use(each, use.scope)) for each in given)

    def _annotated(self, function: Function) -> Iterator[ast.arg]:
        for each in parameters(function):
            match each.annotation:
                case ast.Name(id=name) | ast.Constant(value=name) if name == _DATA and not self._bindings.binds(_DATA):
                    yield each

    def _given_data(self) -> Iterator[ast.arg]:
        for function, outer, _ in self._bindings.functions:
            calls = () if _is_wrapped(function) else self._calls.get(getattr(function, "name", ""), ())
            listed = [*function.args.posonlyargs, *function.args.args]
            own = listed[1:] if isinstance(outer.node, ast.ClassDef) and not _is_static(function) else listed
            named = ((len(own), each) for each in function.args.kwonlyargs)
            for place, each in (*enumerate(own), *named):
                given = [argument(use, place, each.arg) for use in calls]
                if given and all(found is not None and self.is_data(found) for found in given):
                    yield each

    def _calls_by_name(self) -> dict[str, list[Use]]:
        """Return the calls of each function that is read in no other way."""
        calls: dict[str, list[Use]] = {}
        called = set()
        for use in self._bindings.calls:
            match use.node:
                case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name) as function):
                    calls.setdefault(name, []).append(use)
                    called.add(function)
        for use in (*self._bindings.names, *self._bindings.attributes):
            if use.node not in called:
                calls.pop(getattr(use.node, "id", getattr(use.node, "attr", "")), None)
        return calls


def is_open(call: ast.Call) -> bool:
    """Tell whether a call has arguments that its text does not show."""
    return any(isinstance(each, ast.Starred) for each in call.args) or any(each.arg is None for each in call.keywords)


def arguments(call: ast.Call, names: Collection[str]) -> Iterator[tuple[str, ast.expr]]:
    """Yield the arguments of a call with the names of the parameters that take them, as far as its text shows."""
    for name, value in zip(names, call.args, strict=False):
        if isinstance(value, ast.Starred):
            break
        yield name, value
    for keyword in call.keywords:
        if keyword.arg is not None and keyword.arg in names:
            yield keyword.arg, keyword.value


def argument(use: Use, place: int, name: str) -> Use | None:
    """Return the argument that a call gives to a parameter, None where its text does not show it."""
    call = use.node
    assert isinstance(call, ast.Call)
    if is_open(call):
        return None
    if place < len(call.args):
        return Use(call.args[place], use.scope)
    found = next((each.value for each in call.keywords if each.arg == name), None)
    return None if found is None else Use(found, use.scope)


def _asked_with(function: Function, outer: Scope) -> Iterator[ast.arg]:
    """Yield the parameter that is the market data where a function is a program's entry."""
    listed = [*function.args.posonlyargs, *function.args.args]
    is_entry = isinstance(outer.node, ast.ClassDef) and getattr(function, "name", "") == _ENTRY
    if is_entry and not _decorators(function):
        yield from listed[1:2]


def _decorators(function: Function) -> list[str]:
    return [each.id if isinstance(each, ast.Name) else "" for each in getattr(function, "decorator_list", [])]


def _is_static(function: Function) -> bool:
    return "staticmethod" in _decorators(function)


def _is_wrapped(function: Function) -> bool:
    """Tell whether a function may get something else than its calls give."""
    return not set(_decorators(function)) <= {"staticmethod", "classmethod"}


def _is_none(use: Use | None) -> bool:
    return use is not None and isinstance(use.node, ast.Constant) and use.node.value is None
