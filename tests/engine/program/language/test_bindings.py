"""What the names of a program stand for."""

import ast

import pytest

from engine.program.language.bindings import Bindings, Use

LITERALS = [
    ("x = '1h'", "x", ["1h"]),
    ("x = -5", "x", [-5]),
    ("x = y = 3", "y", [3]),
    ("x = 3\ny = x", "y", [3]),
    ("x = 3 if y else 4", "x", [3, 4]),
    ("x = 3\nx = 4", "x", None),
    ("x = 3\nx += 1", "x", None),
    ("x = 3\nexec('x = 4')", "x", None),
    ("x = 3\ndef f():\n    global x\n    x = 4", "x", None),
    ("for x in (1, 2): pass", "x", None),
    ("x = y\ny = x", "x", None),
    ("x, y = 1, 2", "x", None),
    ("(x := 7)", "x", [7]),
    ("x: int = 7", "x", [7]),
    ("import x", "x", None),
    ("class A:\n    x = 1", "self.x", [1]),
    ("class A:\n    x = 1\n    def f(self): self.x = 2", "self.x", None),
    ("class A:\n    x: int = 1", "self.x", None),
    ("class A:\n    x = 1\n    def f(self): self.__dict__.update(y)", "self.x", None),
    ("def f(x=1): pass", "x", None),
]


@pytest.mark.parametrize(("text", "asked", "expected"), LITERALS)
def test_a_literal_is_known_where_it_is_bound_once(text, asked, expected):
    tree = ast.parse(f"{text}\nwanted({asked})")
    bindings = Bindings(tree)
    (use,) = (each for each in bindings.calls if getattr(each.node.func, "id", "") == "wanted")
    assert bindings.literals(Use(use.node.args[0], use.scope)) == expected


def test_a_name_belongs_to_the_nearest_scope_but_not_to_a_class_around():
    tree = ast.parse("a = b = c = 1\nclass K:\n    a = 2\n    def f(self, b):\n        return a, b, c, len")
    bindings = Bindings(tree)
    homes = [bindings.home(use.node.id, use.scope) for use in bindings.names]
    kinds = [None if home is None else type(home.node).__name__ for home in homes]
    assert kinds == ["Module", "FunctionDef", "Module", None]


def test_annotations_are_no_reads():
    bindings = Bindings(ast.parse("x: A = 1\ndef f(y: B, *z: C) -> D: pass\nclass K:\n    w: E"))
    assert bindings.names == []
