"""What several processes share of what is worked out."""

from __future__ import annotations

import gc
import multiprocessing
from pathlib import Path

import numpy as np

from adapters.workers import SharedColumns, mapped_files


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
    beyond = store.within("x").get(("b",), column)
    assert beyond["value"].sum() == column()["value"].sum()
    assert beyond["value"].flags.writeable  # its own
    assert len([path for path in tmp_path.iterdir() if not path.suffix]) == 1


def test_a_folder_that_is_gone_is_no_failure(tmp_path):
    assert SharedColumns(tmp_path / "gone").get(("a",), lambda: 5) == 5


def test_what_is_damaged_or_cannot_be_opened_is_made_again(tmp_path):
    store = SharedColumns(tmp_path)
    store.get(("a",), column)
    (path,) = [each for each in tmp_path.iterdir() if not each.suffix]
    path.unlink()
    path.mkdir()
    assert store.get(("a",), lambda: 5) == 5


def opened_below(folder):
    """How many descriptors of this process are of files below `folder`; others come and go with the tests before."""
    return sum(str(each.resolve()).startswith(str(folder.resolve())) for each in Path("/proc/self/fd").iterdir())


def test_of_many_files_only_some_are_mapped_and_those_that_are_let_go_count_no_more(tmp_path, monkeypatch):
    monkeypatch.setattr("adapters.workers.mapped_files._MOST_MAPPED", len(mapped_files._mapped) + 2)
    store = SharedColumns(tmp_path)
    kept = [store.get((number,), column) for number in range(5)]
    assert opened_below(tmp_path) == 2
    assert {each["value"].sum() for each in kept} == {column()["value"].sum()}
    kept.clear()
    gc.collect()
    assert opened_below(tmp_path) == 0
