"""The folder that processes share: whose it is, and what becomes of one whose process was killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys

import pytest

from adapters.workers import WorkersFailed
from adapters.workers.shared_folder import SharedFolder
from tests.conftest import ROOT

HOLDER = """
import sys
from adapters.workers.shared_folder import SharedFolder
folder = SharedFolder(sys.argv[1])
print(folder.path, flush=True)
sys.stdin.read()
"""


def started(within):
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(within)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def test_the_folder_of_a_process_that_was_killed_is_removed_by_the_next_and_that_of_a_living_one_stays(tmp_path):
    with started(tmp_path) as living, started(tmp_path) as other:
        kept, left = living.stdout.readline().strip(), other.stdout.readline().strip()
        assert sorted(map(str, tmp_path.iterdir())) == sorted([kept, left])
        other.send_signal(signal.SIGKILL)
        other.wait()
        assert os.path.isdir(left)
        own = SharedFolder(str(tmp_path))
        assert sorted(map(str, tmp_path.iterdir())) == sorted([kept, str(own.path)])
        own.close()
        living.communicate()
    assert [*tmp_path.iterdir()] == []


def test_what_only_bears_such_a_name_stays(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").touch()
    (tmp_path / "perpsim-workers-link").symlink_to(elsewhere)
    (tmp_path / "perpsim-workers-file").touch()
    SharedFolder(str(tmp_path)).close()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "elsewhere", "perpsim-workers-file", "perpsim-workers-link",
    ]  # fmt: skip
    assert (elsewhere / "kept").exists()


def test_one_that_is_taken_for_a_leftover_while_it_is_made_is_made_again(tmp_path, monkeypatch):
    made = []

    def made_and_removed(**given):
        made.append(tmp_path / f"{given['prefix']}{len(made)}")
        made[-1].mkdir()
        if len(made) == 1:
            shutil.rmtree(made[-1])
        return str(made[-1])

    monkeypatch.setattr("tempfile.mkdtemp", made_and_removed)
    folder = SharedFolder(str(tmp_path))
    assert folder.path == made[1]
    folder.close()
    assert not made[1].exists()


def test_where_none_can_be_made_the_way_out_is_said(tmp_path):
    with pytest.raises(WorkersFailed, match="set TMPDIR to one"):
        SharedFolder(str(tmp_path / "missing"))
