"""Which expressions of a program are the market data that it is asked with, and what is asked of it."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from inspect import Signature, signature

from .. import MarketData
from .bindings import Bindings, Function, Scope, Use

_DATA = MarketData.__name__
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
        self._data = self._data_parameters()

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

    def _data_parameters(self) -> set[ast.AST | None]:
        """Return the parameters that are the market data: those of `should_trade`, those that are annotated so, and
        those to which all calls in the text give it.
        """
        self._data = {
            each for function, outer, _ in self._bindings.functions for each in self._declared(function, outer)
        }
        while True:
            further = {each for each in self._given_data() if each not in self._data}
            if not further:
                return self._data
            self._data |= further

    def _declared(self, function: Function, outer: Scope) -> Iterator[ast.arg]:
        listed = [*function.args.posonlyargs, *function.args.args]
        is_method = isinstance(outer.node, ast.ClassDef)
        if is_method and getattr(function, "name", "") == "should_trade" and len(listed) > 1:
            yield listed[1]
        for each in (*listed, *function.args.kwonlyargs):
            match each.annotation:
                case ast.Name(id=name) | ast.Constant(value=name) if name == _DATA and not self._bindings.binds(_DATA):
                    yield each

    def _given_data(self) -> Iterator[ast.arg]:
        for function, outer, _ in self._bindings.functions:
            calls = self._calls.get(getattr(function, "name", ""), ())
            listed = [*function.args.posonlyargs, *function.args.args]
            own = listed[1:] if isinstance(outer.node, ast.ClassDef) and not _is_static(function) else listed
            for place, each in enumerate(own):
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


def _is_static(function: Function) -> bool:
    decorators = getattr(function, "decorator_list", [])
    return any(isinstance(each, ast.Name) and each.id == "staticmethod" for each in decorators)


def _is_none(use: Use | None) -> bool:
    return use is not None and isinstance(use.node, ast.Constant) and use.node.value is None
