"""What an installed package has: every file that a room needs beside its modules."""

from __future__ import annotations

import tomllib
from pathlib import Path

from tests.conftest import ROOT
from tests.laws.test_house import FOLDERS

#: Compiled modules, and what is for readers of the repository alone.
LEFT_OUT = {".py", ".pyc", ".md", ".png", ".ipynb"}


def package_of(path: Path) -> Path:
    """The innermost package that a file stands in."""
    return next(folder for folder in path.parents if (folder / "__init__.py").is_file())


def test_every_file_of_a_package_is_packaged() -> None:
    data = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["package-data"]
    needed = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()]
    missing = []
    for path in (each for each in needed if each.suffix not in LEFT_OUT):
        package = package_of(path)
        name = ".".join(package.relative_to(ROOT).parts).removeprefix("adapters.face.")
        patterns = [*data["*"], *data.get(name, ())]
        if not any(path in package.glob(each) for each in patterns):
            missing.append(f"{name}: {path.relative_to(package)}")
    assert len(needed) > 100
    assert missing == []
