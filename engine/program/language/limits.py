"""How large a program may be: what the compiler takes without trouble, and far more than a person writes."""

from __future__ import annotations

import ast

from ...errors import Problem
from .. import FILE_NAME

MAX_SOURCE_BYTES = 65_536
MAX_NODES = 20_000
MAX_DEPTH = 150
_TRIES = 50


def size_problem(source: str) -> Problem | None:
    """Return why a text is too long to be parsed, or None."""
    size = len(source.encode("utf-8", "surrogatepass"))
    if size <= MAX_SOURCE_BYTES:
        return None
    return Problem(1, f"the text is {size:,} bytes long; a program has at most {MAX_SOURCE_BYTES:,}")


def parsed(source: str) -> ast.Module:
    """Return a text parsed; raises as `ast.parse`. CPython keeps count of how deep a tree is in one place, and fails
    where something that is collected meanwhile makes another tree, as a room does that is imported when it is first
    used (python/cpython#106905): then it is asked again.
    """
    for _ in range(_TRIES):
        try:
            return ast.parse(source, FILE_NAME)
        except SystemError:
            continue
    return ast.parse(source, FILE_NAME)


def shape_problem(tree: ast.Module) -> Problem | None:
    """Return why a parsed program is too large or too deeply nested, or None; without recursion of its own."""
    waiting: list[tuple[ast.AST, int, int]] = [(tree, 0, 1)]
    nodes = 0
    while waiting:
        node, depth, line = waiting.pop()
        line = getattr(node, "lineno", line)
        nodes += 1
        if depth > MAX_DEPTH:
            return Problem(line, f"nested more than {MAX_DEPTH} levels deep", hint="split the expression or the block")
        if nodes > MAX_NODES:
            return Problem(line, f"the program is too large (more than {MAX_NODES:,} syntax elements)")
        waiting.extend((child, depth + 1, line) for child in ast.iter_child_nodes(node))
    return None
