"""What several processes share of what is worked out."""

from __future__ import annotations

import multiprocessing
import os

import numpy as np

from adapters.workers import SharedColumns


def column(rows=300_000):
    return {"value": np.arange(float(rows)), "small": np.ones(3)}


def never():
    raise AssertionError("it is there already")


def slowly_made(folder, results):
    def make():
        results.put("made")
        return column()

    results.put(float(SharedColumns(folder).get(("a",), make)["value"].sum()))


def test_what_one_has_made_the_next_one_maps(tmp_path):
    first = SharedColumns(tmp_path).get(("klines", 60_000), column)
    again = SharedColumns(tmp_path).get(("klines", 60_000), never)
    for found in (first, again):
        assert found["value"].tolist() == column()["value"].tolist()
        assert not found["value"].flags.writeable
        assert not found["small"].flags.writeable
        assert found["value"].ctypes.data % 64 == 0


def test_another_key_and_another_scope_are_other_things(tmp_path):
    store = SharedColumns(tmp_path)
    made = [
        store.get(("a",), lambda: 1),
        store.get(("b",), lambda: 2),
        store.within("x").get(("a",), lambda: 3),
        store.within("x", "a").get((), lambda: 4),
    ]
    assert made == [1, 2, 3, 4]


def test_two_processes_that_ask_at_once_make_it_once(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    results = spawn.Queue()
    processes = [spawn.Process(target=slowly_made, args=(tmp_path, results)) for _ in range(3)]
    for process in processes:
        process.start()
    found = [results.get(timeout=60) for _ in range(4)]
    for process in processes:
        process.join()
    assert found.count("made") == 1
    assert {each for each in found if each != "made"} == {float(column()["value"].sum())}


def test_where_there_is_no_room_everybody_makes_it(tmp_path):
    store = SharedColumns(tmp_path, most_bytes=3_000_000)
    assert store.get(("a",), column)["value"].sum() == store.get(("a",), never)["value"].sum()
    beyond = store.get(("b",), column)
    assert beyond["value"].sum() == column()["value"].sum()
    assert beyond["value"].flags.writeable  # its own
    assert len([path for path in tmp_path.iterdir() if not path.suffix]) == 1


def test_a_folder_that_is_gone_is_no_failure(tmp_path):
    store = SharedColumns(tmp_path / "sub")
    os.mkdir(tmp_path / "sub")
    store.get(("a",), column)
    for path in (tmp_path / "sub").iterdir():
        path.write_bytes(b"")
    (tmp_path / "sub").chmod(0o500)
    assert store.get(("c",), lambda: 5) == 5
