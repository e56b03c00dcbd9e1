"""The arrows between the folders, and each folder's table of contents, are facts of the source."""

import ast
import importlib
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

FOLDERS = ("engine", "processes", "adapters", "scenarios")
MAY_IMPORT = {
    "engine": set(),
    "processes": {"engine"},
    "adapters": {"engine", "processes"},
    "scenarios": {"engine", "processes", "adapters"},
}


def sources(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imported(source: str) -> set[str]:
    """The top-level names that a text imports from other folders, `import_module` calls included."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in (
            "import_module",
            "__import__",
        ):
            found |= {str(a.value).partition(".")[0] for a in node.args[:1] if isinstance(a, ast.Constant)}
    return found


@pytest.mark.parametrize("folder", FOLDERS)
def test_arrows_run_one_way(folder):
    forbidden = {*FOLDERS, "tests"} - MAY_IMPORT[folder] - {folder}
    wrong = {
        str(path.relative_to(ROOT)): names
        for path in sources(folder)
        if (names := imported(path.read_text("utf-8")) & forbidden)
    }
    assert sources(folder)
    assert wrong == {}


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import scenarios.quickstart", {"scenarios"}),
        ("def f():\n    from tests import oracle", {"tests"}),
        ("from .bus import Bus", set()),
        ("importlib.import_module('adapters.web')", {"adapters"}),
    ],
)
def test_the_walk_sees_every_kind_of_import(source, names):
    assert imported(source) == names


@pytest.mark.parametrize("folder", ["engine", "processes", "adapters"])
def test_inside_a_folder_imports_are_relative(folder):
    absolute = [str(path) for path in sources(folder) if folder in imported(path.read_text("utf-8"))]
    assert absolute == []


@pytest.mark.parametrize("folder", ["processes", "scenarios"])
def test_across_folders_names_come_from_the_table_of_contents(folder):
    deep = [
        f"{path.relative_to(ROOT)}: {node.module}"
        for path in sources(folder)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").split(".")[0] in FOLDERS
        if "." in (node.module or "")
    ]
    assert deep == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_bare_names_resolve_to_this_project(folder):
    assert Path(importlib.import_module(folder).__file__).parent == ROOT / folder


@pytest.mark.parametrize("folder", ["engine", "processes", "adapters"])
def test_a_folders_init_is_its_complete_and_sorted_table_of_contents(folder):
    module = importlib.import_module(folder)
    names = module.__all__
    assert names == sorted(set(names), key=lambda name: (not name.isupper(), not name[0].isupper(), name))
    assert [name for name in names if not hasattr(module, name)] == []
    imports = {
        alias.asname or alias.name
        for node in ast.walk(ast.parse(Path(module.__file__).read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level
        for alias in node.names
    }
    assert imports == set(names)


def test_nothing_else_stands_at_the_top_level_of_the_packages():
    known = {*FOLDERS, "tests"}
    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} <= known
    assert not set(FOLDERS) & set(sys.stdlib_module_names)
