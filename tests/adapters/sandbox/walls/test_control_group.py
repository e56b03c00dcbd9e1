"""The group of all workers: made where the kernel lets it, and nowhere half."""

import os
from pathlib import Path

import pytest

from adapters.sandbox.walls import control_group
from adapters.sandbox.walls.control_group import ControlGroup


def test_where_none_can_be_made_nothing_is_left():
    folder = control_group._own_folder()
    before = None if folder is None else sorted(os.listdir(folder))
    group = ControlGroup.make(1 << 30, 3)
    if group is not None:
        group.close()
    assert before == (None if folder is None else sorted(os.listdir(folder)))


def test_its_processes_share_one_limit():
    group = ControlGroup.make(64 << 20, 3)
    if group is None:
        pytest.skip("this process may not make a group with a limit of memory (cgroup v2)")
    try:
        assert Path(group._folder, "memory.max").read_text().strip() == str(64 << 20)
        assert Path(group._folder, "pids.max").read_text().strip() == "3"
    finally:
        group.close()
