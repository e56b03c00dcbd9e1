"""Tests that share something expensive run in one process, one after another."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT, group_of

MARKED = """
import os
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("one")


@pytest.mark.parametrize("number", range(12))
def test_each(number):
    (Path(os.environ["HERE"]) / os.environ["PYTEST_XDIST_WORKER"]).touch()
"""


def test_a_group_stays_in_one_process(tmp_path: Path) -> None:
    """In a folder of its own, with what sends the tests of this one."""
    (tmp_path / "test_a.py").write_text(MARKED)
    (tmp_path / "test_b.py").write_text(MARKED)
    conftest = (
        "import tests.conftest\n"
        "from tests.conftest import pytest_xdist_make_scheduler\n"
        f"tests.conftest.ROOT = __import__('pathlib').Path({str(tmp_path)!r})\n"
    )
    (tmp_path / "conftest.py").write_text(conftest)
    here = tmp_path / "here"
    here.mkdir()
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--rootdir", tmp_path, "-c", "/dev/null", tmp_path]
    environment = {"PYTHONPATH": str(ROOT), "HERE": str(here), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert "24 passed" in done.stdout, done.stdout + done.stderr
    assert len(list(here.iterdir())) == 1


def test_groups_are_named_where_they_are_looked_for() -> None:
    """A mark on one test alone would not be seen."""
    for path in (ROOT / "tests").rglob("test_*.py"):
        named = re.findall(r"^.*mark\.xdist_group\(.*$", path.read_text("utf-8"), re.MULTILINE)
        if named and path != Path(__file__):
            assert len(named) == 1, path
            assert group_of(str(path.relative_to(ROOT))) is not None, path
