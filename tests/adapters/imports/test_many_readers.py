from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from adapters.imports.many_readers import read_each, readers_for
from engine import DataError
from engine.errors import FileFormatError


def slow_for_the_first(path: str) -> tuple[str, int]:
    time.sleep(0.2 if path == "0" else 0)
    return path, os.getpid()


def bad_from_three_on(path: str) -> str:
    if int(path) >= 3:
        raise FileFormatError(path, 7, "price", "is bad")
    return path


def killed(path: str) -> str:
    os._exit(9)


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_what_several_processes_read_comes_in_order() -> None:
    paths = [str(number) for number in range(9)]
    found = list(read_each(slow_for_the_first, paths, 2))
    assert [path for path, _ in found] == paths
    assert os.getpid() not in {pid for _, pid in found}
    assert not any(is_alive(pid) for _, pid in found)
    assert [path for path, _ in read_each(slow_for_the_first, paths, 1)] == paths


@pytest.mark.parametrize("readers", [1, 2])
def test_the_first_error_in_order_is_the_one_that_is_raised(readers: int) -> None:
    read = []
    with pytest.raises(FileFormatError, match="3, row 7, column price: is bad"):
        read.extend(read_each(bad_from_three_on, [str(number) for number in range(6)], readers))


def test_processes_end_with_who_stops_asking() -> None:
    reading = read_each(slow_for_the_first, [str(number) for number in range(50)], 2)
    _, pid = next(reading)
    reading.close()  # type: ignore[attr-defined]
    assert not is_alive(pid)


def test_a_process_that_is_killed_is_told() -> None:
    with pytest.raises(DataError, match=r"[xy]: the process that read it was ended"):
        list(read_each(killed, ["x", "y"], 2))


@pytest.mark.parametrize(("sizes", "several"), [((1, 1), False), ((40 << 20, 40 << 20), True), ((90 << 20,), False)])
def test_processes_are_started_for_much_work_alone(tmp_path: Path, sizes: Sequence[int], several: bool) -> None:
    paths = []
    for place, size in enumerate(sizes):
        paths.append(str(tmp_path / str(place)))
        with open(paths[-1], "wb") as file:
            file.truncate(size)
    processors = len(os.sched_getaffinity(0))
    assert readers_for(paths) == (min(processors, len(paths)) if several else 1)
