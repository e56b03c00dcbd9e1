"""A user's own engine.py: what hides one of our packages is named, and nothing of it is run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PATHS = os.pathsep.join(map(str, (ROOT, ROOT / "adapters" / "face")))
#: What a user's file does when it is run: nobody sees this.
LOUD = "print('the own file is run')"


def python(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder of a user's, which comes first on the search path."""
    return subprocess.run(
        [sys.executable, *words], cwd=folder, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": PATHS}
    )


def place(folder: Path, name: str, kind: str) -> Path:
    """Write a file, a package, or a folder without `__init__.py` before ours, and return what is to be named."""
    if kind == "file":
        found = folder / f"{name}.py"
    else:
        (folder / name).mkdir()
        found = folder / name / ("__init__.py" if kind == "package" else "notes.txt")
    found.write_text(LOUD)
    return found if kind != "folder" else folder / name


@pytest.mark.parametrize("kind", ["file", "package"])
@pytest.mark.parametrize("name", ["engine", "processes", "adapters"])
def test_an_import_names_the_file_that_hides_a_package(tmp_path: Path, name: str, kind: str) -> None:
    found = place(tmp_path, name, kind)
    ended = python(tmp_path, "-c", "import perpsim")
    last = ended.stderr.strip().splitlines()[-1]
    assert last.startswith(f"ImportError: {found if kind == 'file' or name != 'adapters' else found.parent} hides")
    assert f"the package {name} of perpsim, which has the same name: rename it" in last
    assert (ended.returncode, ended.stdout) == (1, "")


@pytest.mark.parametrize("kind", ["file", "package"])
@pytest.mark.parametrize("name", ["engine", "processes"])
def test_the_command_says_it_in_one_line(tmp_path: Path, name: str, kind: str) -> None:
    found = place(tmp_path, name, kind)
    ended = python(tmp_path, "-m", "adapters", "--help")
    assert ended.stderr == (
        f"Error: {found} hides the package {name} of perpsim, which has the same name: rename it, or start Python "
        "where it is not found first\n"
    )
    assert (ended.returncode, ended.stdout) == (1, "")


def test_a_folder_that_is_no_package_hides_nothing_of_ours_on_the_path(tmp_path: Path) -> None:
    place(tmp_path, "engine", "folder")
    ended = python(tmp_path, "-c", "import perpsim; print(perpsim.Decision.__module__)")
    assert (ended.stdout, ended.stderr) == ("engine.contract.decision\n", "")


#: As in an editable installation: ours is found after the path has been searched.
BEHIND = """
import importlib.machinery, sys
class Behind:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if path is None:
            return importlib.machinery.PathFinder.find_spec(name, {paths!r}.split({separator!r}))
place = sys.meta_path.index(importlib.machinery.PathFinder) + 1
sys.meta_path.insert(place, Behind)
import perpsim
"""


@pytest.mark.parametrize("name", ["engine", "processes", "adapters"])
def test_where_it_does_it_is_named_too(tmp_path: Path, name: str) -> None:
    found = place(tmp_path, name, "folder")
    code = BEHIND.format(paths=PATHS, separator=os.pathsep)
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": ""}
    )
    assert ended.stderr.splitlines()[-1].startswith(f"ImportError: {found} hides the package {name} of perpsim")


@pytest.mark.parametrize("name", ["engine", "processes", "adapters"])
def test_a_program_of_that_name_that_uses_perpsim_is_told_so(tmp_path: Path, name: str) -> None:
    program = tmp_path / f"{name}.py"
    program.write_text("import perpsim")
    ended = python(tmp_path, str(program))
    assert ended.stderr.splitlines()[-1].startswith(f"ImportError: {program} hides the package {name} of perpsim")


def test_other_files_hide_nothing(tmp_path: Path) -> None:
    for name in ("strategy", "scenarios", "database", "results"):
        place(tmp_path, name, "file")
    ended = python(tmp_path, "-c", "import perpsim; print(perpsim.BacktestConfig.__name__)")
    assert (ended.stdout, ended.stderr) == ("BacktestConfig\n", "")
