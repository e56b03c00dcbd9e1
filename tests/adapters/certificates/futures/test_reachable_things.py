"""What can be reached from a program: by which name, and whether another can be put in its place."""

from __future__ import annotations

from functools import partial

import numpy as np

from adapters.certificates.futures.reachable_things import held_things

GLOBAL = np.array([1.0])
UNUSED = np.array([2.0])


def arrays(*roots):
    return {each.name: each for each in held_things(roots) if isinstance(each.value, np.ndarray)}


class Base:
    shared = np.array([3.0])


class Program(Base):
    __slots__ = ("slot",)
    own = np.array([4.0])

    def __init__(self):
        self.slot = np.array([5.0])

    def should_trade(self, data):
        def inner():
            return GLOBAL[0]

        return inner()

    @staticmethod
    def fixed(table=np.array([6.0])):  # noqa: B008
        return table

    @property
    def made(self):
        return self.slot


def closing_over(table):
    def call(*, other=np.array([7.0])):  # noqa: B008
        return table, other

    return call


def test_attributes_slots_classes_globals_and_defaults_are_reached():
    found = arrays(Program())
    assert set(found) == {
        "slot of Program", "own of Program", "shared of Base", "global GLOBAL", "a default of Program.fixed",
    }  # fmt: skip
    assert [name for name, each in found.items() if each.put is None] == ["a default of Program.fixed"]


def test_closures_partials_dicts_lists_and_tuples_are_reached():
    table = np.array([8.0])
    found = arrays(partial(closing_over(table), 1), {"a": [np.array([9.0])]}, (np.array([10.0]),))
    assert {"variable table of call", "other of call"} <= set(found)
    assert [each.value[0] for name, each in found.items() if "['a'][0]" in name] == [9.0]
    assert 10.0 in [each.value[0] for each in found.values()]


def test_another_can_be_put_in_their_places():
    table, program = np.array([8.0]), Program()
    call = closing_over(table)
    holder = {"a": np.array([1.5])}
    found = arrays(program, call, holder)
    for each in found.values():
        if each.put is not None:
            each.put("another")
    try:
        assert call() == ("another", "another")
        assert (program.slot, Program.own, Base.shared, holder["a"]) == ("another",) * 4
        assert GLOBAL == "another"
    finally:
        for each in found.values():
            if each.put is not None:
                each.put(each.value)
    assert call()[0] is table


def test_circles_end_and_libraries_are_left_alone():
    class Ring:
        pass

    ring = Ring()
    ring.ring, ring.numpy, ring.dtype = ring, np, np.dtype("f8")
    names = {each.name for each in held_things([ring]) if not each.name.startswith(("__", "object"))}
    assert names == {"Ring", "ring of Ring", "numpy of Ring", "dtype of Ring"}
