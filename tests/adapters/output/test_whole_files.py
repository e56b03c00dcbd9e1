"""Files that take the place of others: their mode, and what writers leave that were killed."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.output import atomic_file
from engine import DataError
from tests.conftest import ROOT

HANGS = """
import sys, time
from adapters.output import atomic_file
with atomic_file(sys.argv[1]) as file:
    file.write(b"half")
    file.flush()
    print("here", flush=True)
    time.sleep(600)
"""


def write(path: Path, content: bytes = b"new") -> None:
    with atomic_file(path) as file:
        file.write(content)


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o400])
def test_a_file_has_the_mode_of_the_one_that_it_replaces(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "result.json"
    path.write_bytes(b"old")
    path.chmod(mode)
    write(path)
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_it_has_that_mode_before_anything_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.touch(0o600)
    with atomic_file(path) as file:
        assert stat.S_IMODE(os.fstat(file.fileno()).st_mode) == 0o600


def test_a_new_file_has_the_mode_that_new_files_have(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    write(tmp_path / "result.json")
    assert (tmp_path / "result.json").stat().st_mode == (tmp_path / "other").stat().st_mode


@pytest.mark.parametrize("name", ["result.json", "*[a]*.json"])
def test_what_a_killed_writer_has_left_goes_with_the_next_write_and_what_is_being_written_stays(
    tmp_path: Path, name: str
) -> None:
    path, notes = tmp_path / name, tmp_path / f".{name}.notes.part"
    notes.touch()
    killed, alive = (
        subprocess.Popen([sys.executable, "-c", HANGS, path], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    )
    for each in (killed, alive):
        assert each.stdout is not None
        assert each.stdout.readline() == "here\n"
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert len(list(tmp_path.iterdir())) == 3
    write(path)
    (left,) = set(tmp_path.iterdir()) - {path, notes}
    assert left.read_bytes() == b"half"
    alive.kill()
    alive.wait()
    write(path)
    assert set(tmp_path.iterdir()) == {path, notes}
    for each in (killed, alive):
        assert each.stdout is not None
        each.stdout.close()


def test_a_file_is_complete_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("before")

    def fail() -> None:
        with atomic_file(path) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]
    with atomic_file(path) as file:
        file.write(b"after")
    assert path.read_text() == "after"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with atomic_file(tmp_path / "link") as file:
        file.write(b"text")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "text"


def test_a_device_is_written_to_and_stays() -> None:
    with atomic_file("/dev/null") as file:
        file.write(b"text")
    assert not Path("/dev/null").is_file()


def test_a_file_that_cannot_be_written_is_a_data_error(tmp_path: Path) -> None:
    with (
        pytest.raises(DataError, match=r"no/where cannot be written: No such file or directory"),
        atomic_file(tmp_path / "no" / "where"),
    ):
        pass


def test_links_that_lead_in_a_circle_are_refused_and_stay(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.symlink_to(other)
    other.symlink_to(one)
    with pytest.raises(DataError, match="one cannot be written: Too many levels of symbolic links"):
        write(one)
    assert one.is_symlink()
    assert sorted(tmp_path.iterdir()) == [one, other]
