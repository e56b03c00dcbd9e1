"""What is too large to be a program, and how a text becomes a tree."""

from __future__ import annotations

import ast
import gc

from engine.program.language.limits import parsed


def test_a_tree_is_made_though_another_one_is_made_meanwhile() -> None:
    """What is collected while a tree is made may make one, too: a room is imported by it, say."""
    made = []

    def collected(phase: str, info: dict[str, int]) -> None:
        if len(made) < 3:
            made.append(phase)
            ast.parse("(" * 20 + "1" + ")" * 20)

    before = gc.get_threshold()
    gc.callbacks.append(collected)
    gc.set_threshold(20, 1, 1)
    try:
        tree = parsed("class A:\n" + "    def f(self):\n        return [1, (2, {3: 4})]\n" * 200)
    finally:
        gc.set_threshold(*before)
        gc.callbacks.remove(collected)
    assert len(tree.body[0].body) == 200  # type: ignore[attr-defined]
    assert made
