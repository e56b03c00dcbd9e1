"""The policy: which Python a program may be written in, decided when it is compiled.

Attribute names are constants of the source text, so reading them costs nothing at run time: only writing to attributes
and items goes through a check. RestrictedPython refuses every kind of syntax that this class does not know.
"""

from __future__ import annotations
import __future__

import ast
from collections.abc import Iterable, Iterator
from types import CodeType
from typing import Any, NamedTuple

from RestrictedPython.transformer import RestrictingNodeTransformer

from ...errors import Problem
from .. import FILE_NAME, is_importable, is_special, marked, readable
from .kept_state import keeping_problem
from .limits import parsed, shape_problem, size_problem
from .names import (
    BASES,
    DENIED_ATTRIBUTES,
    EXIT_EXCEPTIONS,
    FORBIDDEN_CALLS,
    MISSING_NAME_HINTS,
    OTHER_LANGUAGE,
    SPECIAL_METHODS,
    TYPE_NAME,
    WRITE,
)
from .scope import IMPORTABLE_NAMES, NO_CLASS, READY_MODULES

#: What is said of a program that takes no parameters.
NO_INIT = "the class has no init(self, params)"

_REFUSED_SYNTAX = {
    "With": ("with blocks", "call the functions one after another"),
    "AsyncFunctionDef": ("async functions", "write def"),
    "AsyncFor": ("async for", "write for"),
    "AsyncWith": ("async with", ""),
    "Await": ("await", "call the function without it"),
    "TryStar": ("except*", "write except"),
    "TypeAlias": ("type statements", "drop the line"),
    "TemplateStr": ("template strings", "write an f-string"),
}


class Checked(NamedTuple):
    """A program's code, None where there are errors, and all findings by line."""

    code: CodeType | None
    problems: tuple[Problem, ...]


def check_program(source: str) -> Checked:
    """Parse, judge and compile a program; every problem is found at once, warnings among them."""
    problem = size_problem(source)
    if problem is not None:
        return Checked(None, (problem,))
    try:
        tree = parsed(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return Checked(None, (_syntax_problem(error),))
    problem = shape_problem(tree)
    if problem is not None:
        return Checked(None, (problem,))
    policy = ProgramPolicy(_bound_names(tree))
    problems = [*_class_problems(tree)]
    restricted = policy.visit(tree)
    problems += policy.problems
    code = None
    if not any(problem.severity == "error" for problem in problems):
        try:
            code = compile(ast.fix_missing_locations(restricted), FILE_NAME, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            problems.append(_syntax_problem(error))
    return Checked(code, tuple(sorted(set(problems), key=lambda each: (each.line, each.column, each.message))))


def check_python(source: str) -> Checked:
    """Parse and compile a program in plain Python, which is not judged: only what keeps it from running is found.

    Annotations are not looked at when it runs, as on the live platform.
    """
    problem = size_problem(source)
    if problem is not None:
        return Checked(None, (problem,))
    try:
        tree = parsed(source)
        code = compile(tree, FILE_NAME, "exec", __future__.annotations.compiler_flag, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return Checked(None, (_syntax_problem(error),))
    problems = tuple(_class_problems(tree))
    names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    if problems == (NO_CLASS,) and "should_trade" in names:  # in a way that only running it shows
        problems = ()
    return Checked(None if problems == (NO_CLASS,) else code, problems)


def _syntax_problem(error: Exception) -> Problem:
    if isinstance(error, (RecursionError, MemoryError)):
        return Problem(1, "syntax: nested too deeply", hint="split the expression or the block")
    text = readable(getattr(error, "msg", None) or str(error))
    line, column = getattr(error, "lineno", None) or 1, getattr(error, "offset", None) or 1
    return Problem(line, f"syntax: {text}", column=max(column, 1))


def _bound_names(tree: ast.Module) -> frozenset[str]:
    """Return every name that the program gives a meaning to, wherever that is."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        else:
            found.update(name for name in (getattr(node, "name", None), getattr(node, "rest", None)) if name)
    return frozenset(found)


def _class_problems(tree: ast.Module) -> Iterator[Problem]:
    deciding = list(_deciding(tree))
    if not deciding:
        yield NO_CLASS
        return
    methods = _methods(deciding[0])
    decide = methods["should_trade"]
    if len(decide.args.args) + len(decide.args.posonlyargs) < 2 and decide.args.vararg is None:
        yield _problem(decide, "should_trade needs two parameters: self and data")
    if "init" not in methods:
        yield _problem(decide, NO_INIT, severity="warning")
    for other in deciding[1:]:
        what = "another class with should_trade: the first one counts"
        yield _problem(_methods(other).get("should_trade", other), what, severity="warning")
    kept = keeping_problem(methods)
    if kept is not None:
        yield kept


def _deciding(tree: ast.Module) -> Iterator[ast.ClassDef]:
    """Yield the classes that have a should_trade which is not abstract, or get one from such a class of the text."""
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            decide = _methods(node).get("should_trade")
            own = decide is not None and not any("abstractmethod" in ast.dump(each) for each in decide.decorator_list)
            if own or (decide is None and any(isinstance(base, ast.Name) and base.id in names for base in node.bases)):
                names.add(node.name)
                yield node


def _methods(node: ast.ClassDef) -> dict[str, ast.FunctionDef]:
    return {each.name: each for each in node.body if isinstance(each, ast.FunctionDef)}


def _problem(node: ast.AST, message: str, hint: str = "", severity: str = "error") -> Problem:
    return Problem(getattr(node, "lineno", 1), message, severity, getattr(node, "col_offset", 0) + 1, hint)


class ProgramPolicy(RestrictingNodeTransformer):
    """Turns a program's syntax tree into the one that is compiled, and collects what is wrong with it.

    `bound` are the names that the program itself defines. Annotations are dropped, a bare except catches Exception.
    """

    def __init__(self, bound: frozenset[str]) -> None:
        super().__init__()
        self.problems: list[Problem] = []
        self._bound = bound
        self._methods: set[ast.AST] = set()

    def error(self, node: ast.AST, info: str) -> None:
        """Take a finding of RestrictedPython itself."""
        self._refuse(node, readable(info))

    def not_allowed(self, node: ast.AST) -> None:
        """Refuse a kind of syntax by a name that its users know."""
        kind = type(node).__name__
        what, hint = _REFUSED_SYNTAX.get(kind, (kind, ""))
        self._refuse(node, f"{what} cannot be used in programs", hint)

    def _refuse(self, node: ast.AST, message: str, hint: str = "", way_out: str = OTHER_LANGUAGE) -> None:
        self.problems.append(_problem(node, message, "; ".join(filter(None, (hint, way_out)))))

    def _refuse_binding(self, node: ast.AST, name: str) -> None:
        if name == "super":
            self._refuse(node, "super cannot be given another meaning", "use another name")
        elif is_special(name):
            self._refuse(node, f"{name} cannot be used in programs", "names of one's own have no __ at their end")

    def _bind(self, node: ast.AST, field: str, place: ast.AST | None = None) -> None:
        """Judge the name in a field that gives it a meaning, where there is one, and mark it if it is private."""
        name = getattr(node, field)
        if name is not None:
            self._refuse_binding(place or node, name)
            setattr(node, field, marked(name))

    def _bind_name(self, node: Any) -> Any:
        self._bind(node, "name")
        return self.node_contents_visit(node)

    def _not_there(self, node: Any) -> Any:
        self.not_allowed(node)
        return node

    def _allow(self, node: Any) -> Any:
        """Allow a kind of syntax as it is; what stands in it is judged by itself."""
        return self.node_contents_visit(node)

    visit_Module = visit_Assign = visit_AugAssign = visit_For = visit_comprehension = visit_Lambda = _allow
    visit_Match = visit_match_case = visit_MatchValue = visit_MatchSingleton = visit_MatchSequence = _allow
    visit_MatchOr = _allow
    visit_MatchAs = visit_MatchStar = _bind_name
    # There is nothing to be used in a with block, and its exit could swallow any error.
    visit_With = visit_TemplateStr = visit_Await = _not_there

    # --- names and attributes

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """Mark private names; refuse special ones, and errors that end a process."""
        if isinstance(node.ctx, ast.Load):
            if node.id == "__name__":
                return ast.copy_location(ast.Constant("program"), node)
            self._check_exit(node)
        if is_special(node.id) or not isinstance(node.ctx, ast.Load):
            self._refuse_binding(node, node.id)
        node.id = marked(node.id)
        return node

    def _check_exit(self, node: ast.Name) -> None:
        name = node.id
        if name in EXIT_EXCEPTIONS and name not in self._bound:
            self._refuse(node, f"{name} is not available to programs", MISSING_NAME_HINTS[name])

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """Refuse special and denied attributes, mark private ones, send what is written to through the check."""
        named = _named_value(node)
        if named is not None:
            hook = ast.copy_location(ast.Name(TYPE_NAME, ast.Load()), node)
            return ast.copy_location(ast.Call(hook, [self.visit(named)], []), node)
        if not _is_parents_init(node):
            self._check_attribute(node, node.attr)
        node.attr = marked(node.attr)
        node = self.node_contents_visit(node)
        self._guard_target(node)
        return node

    def _check_attribute(self, node: ast.AST, name: str) -> None:
        if is_special(name):
            hint = "type(x).__name__ can be used" if name in ("__name__", "__class__") else ""
            self._refuse(node, f"the attribute {name} cannot be used in programs", hint)
        elif name in DENIED_ATTRIBUTES:
            self._refuse(node, f"the attribute {name} cannot be used in programs", DENIED_ATTRIBUTES[name])

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """Let items be read freely and send what is written to through the check."""
        node = self.node_contents_visit(node)
        self._guard_target(node)
        return node

    def _guard_target(self, node: ast.Attribute | ast.Subscript) -> None:
        if not isinstance(node.ctx, ast.Load):
            hook = ast.copy_location(ast.Name(WRITE, ast.Load()), node.value)
            node.value = ast.copy_location(ast.Call(hook, [node.value], []), node.value)

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        """Mark private names of arguments as those of parameters are."""
        self._bind(node, "arg", node.value)
        return self.node_contents_visit(node)

    def visit_Global(self, node: ast.Global | ast.Nonlocal) -> ast.AST:
        """Mark private names."""
        for name in node.names:
            self._refuse_binding(node, name)
        node.names = [marked(name) for name in node.names]
        return node

    visit_Nonlocal = visit_Global

    # --- calls and imports

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Refuse calls of what is not there, with a hint."""
        name = node.func.id if isinstance(node.func, ast.Name) else None
        if name in FORBIDDEN_CALLS and name not in self._bound:
            self._refuse(node, f"{name}() is not available to programs", MISSING_NAME_HINTS.get(name, ""))
            node.func = ast.copy_location(ast.Constant(None), node.func)
        if name == "type" and (len(node.args) != 1 or node.keywords):
            self._refuse(node, "type() takes one argument here")
        return self.node_contents_visit(node)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> ast.AST:
        """Refuse it and say what is there without."""
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        roots = [module.partition(".")[0] for module in modules]
        if all(module in READY_MODULES for module in modules):
            there = " and ".join(modules)
            self._refuse(node, f"imports are not allowed; {there} is already there", "drop the line")
        elif all(root in IMPORTABLE_NAMES for root in roots):
            self._refuse(node, "imports are not allowed", "drop the line: annotations need no import here")
        else:
            known = ", ".join(READY_MODULES)
            hint = "; ".join(sorted({MISSING_NAME_HINTS[root] for root in roots if root in MISSING_NAME_HINTS}))
            way_out = OTHER_LANGUAGE if all(map(is_importable, roots)) else "programs cannot import it in any language"
            self._refuse(node, f"imports are not allowed (only {known} exist, without import)", hint, way_out)
        return node

    visit_ImportFrom = visit_Import

    # --- statements

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        """Make a plain assignment of it, or nothing where there is no value."""
        if node.value is None:
            return ast.copy_location(ast.Pass(), node)
        plain: ast.AST = self.visit(ast.copy_location(ast.Assign([node.target], node.value), node))
        return plain

    def visit_Try(self, node: ast.Try) -> ast.AST:
        """Refuse what would leave a finally block early: it would swallow any error."""
        for leaving in _leaving(node.finalbody, in_loop=False):
            word = type(leaving).__name__.lower()
            self._refuse(leaving, f"{word} cannot stand in a finally block", "move it behind the block")
        return self.node_contents_visit(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        """Let a bare except catch Exception."""
        if node.type is None:
            node.type = ast.copy_location(ast.Name("Exception", ast.Load()), node)
        self._bind(node, "name")
        return self.node_contents_visit(node)

    # --- functions and classes

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Drop annotations; let only methods of classes have special names, and only known ones."""
        if not (node in self._methods and node.name in SPECIAL_METHODS):
            self._bind(node, "name")
        node.returns = None
        self._refuse_type_parameters(node)
        return self.node_contents_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        """Drop the annotation and mark private names."""
        self._bind(node, "arg")
        node.annotation = None
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """Refuse metaclasses, and bases other than the program's own classes and a few that are there."""
        self._bind(node, "name")
        for keyword in node.keywords:
            self._refuse(keyword.value, f"{keyword.arg or '**'}= cannot stand in a class line", "drop it")
        for base in node.bases:
            if not isinstance(base, ast.Name) or not (base.id in self._bound or base.id in BASES):
                self._refuse(base, "a class can derive from classes of the program, Strategy and Exception only")
        self._refuse_type_parameters(node)
        self._methods.update(node.body)
        node.keywords = []
        return self.node_contents_visit(node)

    def _refuse_type_parameters(self, node: ast.FunctionDef | ast.ClassDef) -> None:
        if getattr(node, "type_params", None):
            self._refuse(node, "type parameters cannot be used in programs", "drop what is in the brackets")
            setattr(node, "type_params", [])  # noqa: B010 - the field is there from Python 3.12 on

    # --- match statements, whose patterns read attributes too

    def visit_MatchClass(self, node: ast.MatchClass) -> ast.AST:
        """Judge the attributes that it reads."""
        for name in node.kwd_attrs:
            self._check_attribute(node, name)
        node.kwd_attrs = [marked(name) for name in node.kwd_attrs]
        return self.node_contents_visit(node)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> ast.AST:
        """Mark private names."""
        self._bind(node, "rest")
        return self.node_contents_visit(node)


def _named_value(node: ast.Attribute) -> ast.expr | None:
    """Return x of ``type(x).__name__`` and ``x.__class__.__name__``, None for any other attribute."""
    match node:
        case ast.Attribute(attr="__name__", ctx=ast.Load(), value=ast.Attribute(attr="__class__", value=value)):
            return value
        case ast.Attribute(
            attr="__name__", ctx=ast.Load(), value=ast.Call(func=ast.Name(id="type"), args=[value], keywords=[])
        ):
            return value
    return None


def _is_parents_init(node: ast.Attribute) -> bool:
    match node:
        case ast.Attribute(
            attr="__init__", ctx=ast.Load(), value=ast.Call(func=ast.Name(id="super"), args=[], keywords=[])
        ):
            return True
    return False


def _leaving(body: Iterable[ast.AST], in_loop: bool) -> Iterator[ast.AST]:
    """Return the statements in a block that leave it early, those of inner functions not among them."""
    for node in body:
        if isinstance(node, ast.Return) or (isinstance(node, (ast.Break, ast.Continue)) and not in_loop):
            yield node
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            inside: Any = in_loop or isinstance(node, (ast.For, ast.While))
            yield from _leaving(ast.iter_child_nodes(node), inside)
