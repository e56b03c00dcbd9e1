"""What a program keeps on its object from one trigger to the next, as far as its text shows it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from ...errors import Problem

#: The hint of a program that keeps something, by which it is known.
LIVE_FORGETS = (
    'the live platform makes a fresh object at each trigger, as strategy_lifetime = "trigger" and profile = "live" do'
)

_AT_START = ("__init__", "init")
_CHANGES = frozenset(
    "append appendleft add extend insert update setdefault pop popleft popitem remove discard clear".split()
)


def keeping_problem(methods: Mapping[str, ast.FunctionDef]) -> Problem | None:
    """Return a warning that names the first attribute which methods of a class change after its start and read; None
    where there is none. What is only used within one trigger looks the same.
    """
    later = [method for name, method in methods.items() if name not in _AT_START and method.args.args]
    changed = [each for method in later for each in _changed(method)]
    read = {name for method in later for name in _read(method)}
    kept = sorted((node.lineno, node.col_offset + 1, name) for node, name in changed if name in read)
    if not kept:
        return None
    line, column, name = kept[0]
    return Problem(line, f"self.{name} is kept from one trigger to the next", "warning", column, LIVE_FORGETS)


def _changed(method: ast.FunctionDef) -> Iterator[tuple[ast.expr, str]]:
    """Yield what writes to an attribute of the object, or to what stands in one, and the attribute's name."""
    for node in ast.walk(method):
        match node:
            case ast.Attribute(ctx=ast.Store() | ast.Del()):
                name = _own(method, node)
            case ast.Subscript(value=holder, ctx=ast.Store() | ast.Del()):
                name = _own(method, holder)
            case ast.Call(func=ast.Attribute(value=holder, attr=change)) if change in _CHANGES:
                name = _own(method, holder)
            case _:
                continue
        if name is not None:
            yield node, name


def _read(method: ast.FunctionDef) -> Iterator[str]:
    """Yield the names of the object's attributes that are read, by += too."""
    for node in ast.walk(method):
        target = node.target if isinstance(node, ast.AugAssign) else node
        if isinstance(target, ast.Attribute) and (target is not node or isinstance(target.ctx, ast.Load)):
            name = _own(method, target)
            if name is not None:
                yield name


def _own(method: ast.FunctionDef, node: ast.expr) -> str | None:
    """Return the name of an attribute of the method's own object, None for anything else."""
    match node:
        case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner == method.args.args[0].arg:
            return name
    return None
