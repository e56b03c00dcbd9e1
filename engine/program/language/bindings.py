"""What the names of a program stand for, as far as its text alone tells: bindings by scope, and literal values."""

from __future__ import annotations

import ast
from typing import Any, NamedTuple

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

#: What binds names in ways that a text does not show, and what does so with attributes.
HIDDEN_NAMES = frozenset({"globals", "locals", "vars", "exec", "eval", "__builtins__", "builtins"})
HIDDEN_ATTRIBUTES = frozenset({"setattr", "delattr", "__dict__", "__setattr__", "vars"})


class Scope:
    """The names that a function, a class, or the text as a whole binds, each with what it is bound to: the node of the
    value where it is assigned, None where that cannot be said.
    """

    def __init__(self, node: ast.AST, parent: Scope | None) -> None:
        self.node, self.parent = node, parent
        self.bound: dict[str, list[ast.AST | None]] = {}

    def bind(self, name: str, value: ast.AST | None) -> None:
        """Note one more binding of a name."""
        self.bound.setdefault(name, []).append(value)

    def only(self, name: str) -> ast.AST | None:
        """Return what a name is bound to where that is said once."""
        first, *further = self.bound[name]
        return None if further else first


class Use(NamedTuple):
    """A node that reads something, and the scope that it stands in."""

    node: ast.expr
    scope: Scope


class Bindings(ast.NodeVisitor):
    """The scopes of a program and what is read in them, but in annotations: nothing looks at these.

    `names`, `attributes`, `calls` and `operations` (comparisons among them) are what is read, in the order of the text.
    `stored` are the attributes that are written to, with their values; `keys` the literal keys that are; `hidden` is
    what was met of `HIDDEN_NAMES` and `HIDDEN_ATTRIBUTES`, `moved` the names of global and nonlocal statements.
    """

    def __init__(self, tree: ast.Module) -> None:
        self._scope = Scope(tree, None)
        self._scopes = [self._scope]
        self.names: list[Use] = []
        self.attributes: list[Use] = []
        self.calls: list[Use] = []
        self.operations: list[Use] = []
        self.items: list[Use] = []
        self.functions: list[tuple[Function, Scope, Scope]] = []
        self.stored: dict[str, list[Use | None]] = {}
        self.keys: set[object] = set()
        self.hidden: set[str] = set()
        self.imports_all = False
        self.moved: set[str] = set()
        self.visit(tree)
        self._names = frozenset(name for scope in self._scopes for name in scope.bound)

    # --- what binds

    def _visit_function(self, node: Function) -> None:
        arguments = node.args
        outer, inner = self._scope, Scope(node, self._scope)
        for default in (*arguments.defaults, *filter(None, arguments.kw_defaults)):
            self.visit(default)
        if not isinstance(node, ast.Lambda):
            outer.bind(node.name, node)
            for decorator in node.decorator_list:
                self.visit(decorator)
        for each in parameters(node):
            inner.bind(each.arg, each)
        self.functions.append((node, outer, inner))
        self._scope = self._inside(inner, node)
        for part in node.body if isinstance(node.body, list) else [node.body]:
            self.visit(part)
        self._scope = outer

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = _visit_function

    def _inside(self, scope: Scope, node: ast.AST) -> Scope:
        """Take a new scope, in which the node's type parameters are bound."""
        self._scopes.append(scope)
        for each in getattr(node, "type_params", ()):
            scope.bind(each.name, None)
        return scope

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Take the names of a class as those of a scope of its own."""
        self._scope.bind(node.name, node)
        for part in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(part)
        outer, self._scope = self._scope, self._inside(Scope(node, self._scope), node)
        for statement in node.body:
            self.visit(statement)
        self._scope = outer

    def visit_Assign(self, node: ast.Assign) -> None:
        """Note the value with the names and attributes that get it alone."""
        self.visit(node.value)
        for target in node.targets:
            self._take(target, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Leave the annotation alone."""
        if node.value is not None:
            self.visit(node.value)
            if isinstance(self._scope.node, ast.ClassDef):  # a field, which each object may have another value of
                self.visit(node.target)
            else:
                self._take(node.target, node.value)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        """Note the value with its name."""
        self.visit(node.value)
        self._take(node.target, node.value)

    def _take(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self._scope.bind(target.id, value)
        elif isinstance(target, ast.Attribute):
            self.visit(target.value)
            self.stored.setdefault(target.attr, []).append(Use(value, self._scope))
        else:
            self.visit(target)

    def _visit_import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            self.imports_all |= alias.name == "*"
            self._scope.bind(alias.asname or alias.name.partition(".")[0], None)

    visit_Import = visit_ImportFrom = _visit_import

    def _visit_moved(self, node: ast.Global | ast.Nonlocal) -> None:
        self.moved.update(node.names)

    visit_Global = visit_Nonlocal = _visit_moved

    def generic_visit(self, node: ast.AST) -> None:
        """Bind what the other kinds of syntax give a name."""
        for field in ("name", "rest"):
            name = getattr(node, field, None)
            if isinstance(name, str) and not isinstance(node, ast.alias):
                self._scope.bind(name, None)
        super().generic_visit(node)

    # --- what reads

    def visit_Name(self, node: ast.Name) -> None:
        """Note a name that is read; one that is bound here has no value of its own."""
        if isinstance(node.ctx, ast.Load):
            self.names.append(Use(node, self._scope))
            self.hidden |= {node.id} & (HIDDEN_NAMES | HIDDEN_ATTRIBUTES)
        else:
            self._scope.bind(node.id, None)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """Note an attribute that is read, or written to with no value of its own."""
        self.hidden |= {node.attr} & HIDDEN_ATTRIBUTES
        if isinstance(node.ctx, ast.Load):
            self.attributes.append(Use(node, self._scope))
        else:
            self.stored.setdefault(node.attr, []).append(None)
        self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        """Note a call."""
        self.calls.append(Use(node, self._scope))
        self.generic_visit(node)

    def _visit_operation(self, node: ast.Compare | ast.BinOp | ast.UnaryOp) -> None:
        self.operations.append(Use(node, self._scope))
        self.generic_visit(node)

    visit_Compare = visit_BinOp = visit_UnaryOp = _visit_operation

    def visit_Subscript(self, node: ast.Subscript) -> None:
        """Note an item that is read, or the key of one that is written."""
        if isinstance(node.ctx, ast.Load):
            self.items.append(Use(node, self._scope))
        elif isinstance(node.slice, ast.Constant):
            self.keys.add(node.slice.value)
        self.generic_visit(node)

    # --- what follows

    def home(self, name: str, scope: Scope) -> Scope | None:
        """Return the scope that binds a name which is read in another one, None for a name from outside."""
        found: Scope | None = scope
        while found is not None:
            if name in found.bound and (found is scope or not isinstance(found.node, ast.ClassDef)):
                return found
            found = found.parent
        return None

    def binds(self, name: str) -> bool:
        """Tell whether the program gives a name a meaning, wherever that is."""
        return self.imports_all or name in self._names

    def value(self, name: str, scope: Scope) -> Use | None:
        """Return what a name is bound to, once and for all; None where that cannot be said."""
        home = self.home(name, scope)
        if home is None or name in self.moved or self.hidden & HIDDEN_NAMES:
            return None
        node = home.only(name)
        return Use(node, home) if isinstance(node, ast.expr) else None

    def attribute_values(self, name: str) -> list[Use | None]:
        """Return all that an attribute of the program's own objects is set to; None stands for what cannot be said."""
        values = list(self.stored.get(name, ()))
        if self.hidden & HIDDEN_ATTRIBUTES:
            values.append(None)
        for scope in self._scopes:
            if isinstance(scope.node, ast.ClassDef):
                bound = scope.bound.get(name, ())
                values += [Use(each, scope) if isinstance(each, ast.expr) else None for each in bound]
        return values

    def literals(self, use: Use, depth: int = 8) -> list[Any] | None:
        """Return the values that an expression may have, as literals of the text; None where that cannot be said."""
        node, scope = use
        if depth < 0:
            return None
        match node:
            case ast.Constant(value=value):
                return [value]
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return [-number]
            case ast.IfExp(body=body, orelse=otherwise):
                sides = [self.literals(Use(side, scope), depth - 1) for side in (body, otherwise)]
                return [value for side in sides if side is not None for value in side]
            case ast.Name(id=name):
                found = self.value(name, scope)
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name):
                found, *further = self.attribute_values(name) or [None]
                found = None if further else found
            case _:
                return None
        return None if found is None else self.literals(found, depth - 1)


def parameters(node: Function) -> list[ast.arg]:
    """Return every parameter of a function: those by position first, in order."""
    listed = node.args
    rest = [each for each in (listed.vararg, listed.kwarg) if each is not None]
    return [*listed.posonlyargs, *listed.args, *listed.kwonlyargs, *rest]
