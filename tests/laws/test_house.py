"""The plan of the house: which room may import which, through which face, and what keeps the rooms small.

A room is a folder with an `__init__.py`, its face; at the root of engine each file is a room of its own.
"""

from __future__ import annotations

import ast
import importlib
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import ROOT

FOLDERS = ("engine", "processes", "adapters", "scenarios")
#: The package that users import once it is installed, and the folder that it is packaged from.
FACE = "perpsim"
FACE_ROOT = ROOT / "adapters" / "face"

#: Who may import whom: the arrows of the house, and no others. A new one is a decision: draw it here.
ARROWS: dict[str, str] = {
    "engine.errors": "engine.plain_values",
    "engine.periods": "engine.plain_values",
    "engine.durations": "engine.periods engine.plain_values",
    "engine.json_text": "engine.plain_values",
    "engine.instants": "engine.periods engine.plain_values",
    "engine.market.series": "engine.errors engine.periods",
    "engine.contract": "engine.periods engine.plain_values engine.instants",
    "engine.settings": "engine.periods engine.plain_values engine.instants engine.faults",
    "engine.market.flow": "engine.errors engine.periods engine.market.series",
    "engine.market.indicators": "engine.periods engine.market.series",
    "engine.faults": "engine.durations engine.instants engine.periods engine.plain_values",
    "engine.kernel": "engine.errors engine.plain_values engine.instants engine.contract",
    "engine.config": (
        "engine.errors engine.periods engine.plain_values engine.instants engine.contract engine.profiles "
        "engine.settings engine.faults"
    ),
    "engine.market": (
        "engine.errors engine.periods engine.plain_values engine.instants engine.market.series engine.contract "
        "engine.market.flow engine.market.indicators"
    ),
    "engine.market.past": (
        "engine.errors engine.market.series engine.market.flow engine.market.indicators engine.market"
    ),
    "engine.signals": (
        "engine.errors engine.periods engine.plain_values engine.kept_values engine.market.series engine.market.flow "
        "engine.market.indicators engine.market"
    ),
    "engine.venue.models": "engine.periods engine.config engine.market",
    "engine.venue": (
        "engine.errors engine.periods engine.instants engine.market.series engine.config engine.venue.models"
    ),
    "engine.account": "engine.errors engine.contract engine.kernel engine.venue",
    "engine.exchange.orders": (
        "engine.errors engine.periods engine.plain_values engine.reasons engine.market.series engine.contract "
        "engine.kernel engine.profiles engine.config engine.market engine.venue"
    ),
    "engine.exchange": (
        "engine.errors engine.periods engine.plain_values engine.instants engine.reasons engine.market.series "
        "engine.contract engine.kernel engine.config engine.market engine.venue.models engine.venue engine.account "
        "engine.exchange.orders"
    ),
    "engine.program": (
        "engine.errors engine.periods engine.plain_values engine.market.series engine.contract engine.market.flow "
        "engine.market.indicators engine.kernel engine.market engine.account engine.factors engine.near_names"
    ),
    "engine.program.language": (
        "engine.errors engine.periods engine.plain_values engine.reasons engine.contract engine.profiles "
        "engine.market.flow engine.market.indicators engine.exchange engine.program engine.near_names"
    ),
    "engine.presenting": "engine.errors",
    "engine.triggers": (
        "engine.plain_values engine.kept_values engine.contract engine.kernel engine.account engine.exchange "
        "engine.program"
    ),
    "engine.journal": (
        "engine.errors engine.periods engine.plain_values engine.reasons engine.version engine.contract "
        "engine.kernel engine.config engine.market engine.market.flow engine.venue engine.account engine.exchange "
        "engine.exchange.orders engine.program engine.triggers"
    ),
    "engine.result": (
        "engine.errors engine.periods engine.plain_values engine.instants engine.json_text engine.presenting "
        "engine.market.series engine.contract engine.kernel engine.config engine.market engine.venue.models "
        "engine.account engine.exchange engine.program engine.triggers engine.journal engine.version"
    ),
    "engine.resampling": (
        "engine.errors engine.periods engine.instants engine.market.series engine.market.flow engine.market"
    ),
    "engine.selection": "engine.errors engine.plain_values engine.resampling",
    "engine.disturbance": (
        "engine.errors engine.faults engine.instants engine.kernel engine.market engine.market.flow "
        "engine.market.series engine.plain_values engine.program"
    ),
    "engine.simulation": (
        "engine.errors engine.periods engine.plain_values engine.instants engine.kernel engine.config engine.market "
        "engine.venue.models engine.venue engine.account engine.exchange engine.program engine.triggers "
        "engine.journal engine.result engine.disturbance engine.faults"
    ),
    "engine": (
        "engine.errors engine.periods engine.instants engine.market.series engine.contract engine.market.flow "
        "engine.market.indicators engine.kernel engine.config engine.market engine.signals engine.venue.models "
        "engine.venue engine.account engine.exchange engine.program engine.program.language engine.result "
        "engine.simulation"
    ),
    "processes.faults": "engine engine.disturbance engine.faults engine.instants",
    "processes": (
        "engine.errors engine.plain_values engine.instants engine.kernel engine.contract engine.signals "
        "engine.config engine.account engine.exchange engine.program engine.triggers engine.result engine "
        "engine.disturbance processes.faults"
    ),
    "adapters.readiness": (
        "adapters.database adapters.signals engine engine.instants engine.market.indicators engine.periods "
        "engine.market.flow engine.signals engine.venue"
    ),
    "adapters.orders": (
        "adapters.database engine engine.account engine.contract engine.exchange engine.kernel engine.market "
        "engine.triggers"
    ),
    "adapters.kept_programs": "adapters.database engine",
    "adapters.desk": (
        "adapters.configuration adapters.database adapters.output adapters.results engine.contract engine.periods "
        "engine.result"
    ),
    "adapters.series": "adapters.database adapters.packing engine engine.market.series engine.result",
    "adapters.packing": "engine.market.series",
    "adapters.input": "engine",
    "adapters.configuration": (
        "engine.errors engine.plain_values engine.instants engine.settings engine.config engine.program.language "
        "engine adapters.input"
    ),
    "adapters.database": "engine.periods engine.plain_values engine.market.series engine.market engine adapters.runs",
    "adapters.output": "engine.market.series engine",
    "adapters.synthetic": "engine.periods engine.market.series engine.market.flow engine",
    "adapters.sandbox": (
        "engine.errors engine.plain_values engine.contract engine.market.flow engine.market.indicators engine.kernel "
        "engine.market engine.market.past engine.account engine.program engine processes adapters.sandbox.walls "
        "adapters.output"
    ),
    "adapters.download": "engine.periods engine.market.series engine adapters.runs adapters.database",
    "adapters.files.tables": (
        "engine.errors engine.periods engine.plain_values engine.instants engine.market engine adapters.input "
        "adapters.database adapters.runs"
    ),
    "adapters.files": (
        "engine.errors engine.periods engine.plain_values engine.instants engine.market.series engine.market.flow "
        "engine.market engine adapters.database adapters.files.tables"
    ),
    "adapters.imports": (
        "engine.errors engine.periods engine.plain_values engine adapters.database adapters.files adapters.runs"
    ),
    "adapters.doctor": "engine processes adapters.database adapters.output adapters.sandbox adapters.market",
    "adapters.inspection": (
        "engine.periods engine.instants engine.market.series engine.market.flow engine.market engine "
        "adapters.database adapters.output"
    ),
    "adapters.market": (
        "engine.periods engine.market.series engine.market.flow engine.market engine.journal engine "
        "adapters.database adapters.runs"
    ),
    "adapters.results": (
        "engine.periods engine.plain_values engine.instants engine.json_text engine.market.series engine.contract "
        "engine.exchange engine.program engine.triggers engine.journal engine.result engine adapters.database "
        "adapters.output adapters.runs adapters.series adapters.input adapters.orders engine.near_names"
    ),
    "adapters.workers": "engine.plain_values engine processes",
    "adapters.trials": (
        "engine.instants engine.market.series engine.config engine.program engine.result engine processes "
        "adapters.database adapters.market adapters.signals adapters.sandbox adapters.workers engine.disturbance"
    ),
    "adapters.study_pictures.shapes": "engine.periods engine.instants engine.market.series adapters.output",
    "adapters.study_pictures": (
        "engine.plain_values engine.instants engine.market.series engine.config engine.result engine adapters.output "
        "adapters.report adapters.study_pictures.shapes engine.near_names"
    ),
    "adapters.studies": (
        "engine.plain_values engine.settings engine.market.series engine.config engine.result engine "
        "adapters.configuration adapters.database adapters.output adapters.report adapters.results adapters.runs "
        "adapters.study_pictures adapters.trials adapters.workers engine.selection engine.near_names"
    ),
    "adapters.searches": (
        "engine.periods engine.plain_values engine.result engine adapters.studies adapters.trials adapters.workers "
        "engine.near_names"
    ),
    "adapters.walking": (
        "engine.durations engine.periods engine.plain_values engine.json_text engine.settings engine.market.series "
        "engine.market engine.result engine adapters.output adapters.report adapters.results adapters.workers "
        "adapters.trials adapters.study_pictures.shapes adapters.study_pictures adapters.studies adapters.searches"
    ),
    "adapters.study_commands": (
        "engine.plain_values engine.profiles engine.result engine adapters.configuration adapters.database "
        "adapters.output adapters.sandbox adapters.results adapters.runs adapters.terminal adapters.workers "
        "adapters.trials adapters.studies adapters.study_pictures adapters.searches adapters.walking "
        "adapters.ensembles adapters.robustness"
    ),
    "adapters.ensembles": (
        "engine.durations engine.periods engine.plain_values engine.json_text engine.market.series engine.config "
        "engine.resampling engine.result engine adapters.database adapters.output adapters.report adapters.results "
        "adapters.trials adapters.runs adapters.study_pictures adapters.workers"
    ),
    "adapters.report.summary": "adapters.results engine.market.series engine.result",
    "adapters.report.curves": (
        "adapters.database adapters.report.prices adapters.results engine engine.instants engine.market "
        "engine.market.indicators engine.market.series engine.periods adapters.series"
    ),
    "adapters.report.prices": (
        "engine.periods engine.market.series engine.faults engine.market engine.disturbance engine "
        "engine.plain_values adapters.database adapters.market adapters.packing"
    ),
    "adapters.report.trades": (
        "engine.contract engine.exchange engine.journal engine adapters.database adapters.results "
        "adapters.explanations adapters.orders"
    ),
    "adapters.report": (
        "engine.plain_values engine.instants engine.settings engine.market.series engine.contract engine.profiles "
        "engine.config engine.exchange engine.triggers engine.result engine engine.journal adapters.database "
        "adapters.output adapters.market adapters.results adapters.explanations adapters.report.prices "
        "adapters.report.trades adapters.report.curves adapters.desk adapters.orders adapters.report.summary "
        "engine.kernel"
    ),
    "adapters.signals": (
        "engine.errors engine.periods engine.plain_values engine.instants engine.market.series engine.signals "
        "engine.result engine processes adapters.configuration adapters.database adapters.output adapters.runs "
        "engine.market.flow engine.market.indicators"
    ),
    "adapters.runs": "engine.instants engine processes",
    "adapters.stress": (
        "adapters.output adapters.report adapters.results adapters.runs adapters.trials adapters.workers engine "
        "engine.durations engine.faults engine.instants engine.json_text engine.result"
    ),
    "adapters.robustness": (
        "engine.periods engine.plain_values engine.instants engine.json_text engine.market.series engine.selection "
        "engine.result engine adapters.output adapters.runs adapters.report adapters.results adapters.workers "
        "adapters.trials adapters.studies adapters.ensembles adapters.stress engine.near_names"
    ),
    "adapters.certificates": (
        "engine.periods engine.plain_values engine.instants engine.json_text engine.market.flow engine.faults "
        "engine.disturbance engine.version engine.journal engine.result engine.config engine processes "
        "adapters.database adapters.output adapters.market adapters.runs adapters.trials adapters.workers "
        "adapters.certificates.futures adapters.certificates.reruns adapters.results"
    ),
    "adapters.certificates.futures": (
        "engine.periods engine.instants engine.market.series engine.market.flow engine.market engine.resampling "
        "engine adapters.database adapters.market"
    ),
    "adapters.certificates.reruns": (
        "engine.contract engine.instants engine.market.flow engine.program engine.triggers engine processes"
    ),
    "adapters.proof_commands": (
        "engine.journal engine adapters.results adapters.runs adapters.terminal adapters.workers "
        "adapters.study_commands adapters.certificates adapters.stress adapters.database adapters.journals "
        "adapters.branches adapters.configuration adapters.ensembles adapters.trials adapters.report"
    ),
    "adapters.workbench": (
        "engine.durations engine.periods engine.plain_values engine.instants engine.config engine.market "
        "engine.result engine.journal engine.faults engine processes adapters.configuration adapters.database "
        "adapters.sandbox adapters.market adapters.results adapters.signals adapters.runs adapters.report "
        "adapters.trials adapters.journals adapters.workers adapters.studies adapters.searches adapters.walking "
        "adapters.ensembles adapters.robustness adapters.stress adapters.certificates adapters.explanations "
        "adapters.branches engine.near_names"
    ),
    "adapters.web.shapes": (
        "adapters.database adapters.results adapters.web.safety engine.result adapters.desk adapters.readiness"
    ),
    "adapters.web.runs": (
        "engine processes adapters.database adapters.sandbox adapters.market adapters.results adapters.signals "
        "adapters.runs adapters.report adapters.explanations adapters.journals adapters.output adapters.certificates "
        "adapters.download adapters.files adapters.imports adapters.input adapters.robustness adapters.searches "
        "adapters.stress adapters.studies adapters.trials adapters.walking adapters.web.forms adapters.workers "
        "engine.market engine.plain_values engine.periods engine.signals"
    ),
    "adapters.web.forms": (
        "engine.config engine adapters.sandbox adapters.web.safety engine.plain_values adapters.certificates "
        "adapters.results adapters.searches adapters.stress adapters.studies adapters.trials adapters.walking "
        "engine.durations engine.faults engine.market.flow engine.market.indicators engine.program "
        "engine.program.language"
    ),
    "adapters.web.routes.requests": (
        "adapters.results adapters.web.forms adapters.web.safety engine.config engine.instants engine.settings "
        "engine.faults engine.plain_values adapters.desk adapters.input adapters.kept_programs engine.periods"
    ),
    "adapters.web.routes": (
        "engine.periods engine.contract engine.config engine.program.language engine adapters.configuration "
        "adapters.database adapters.results adapters.report adapters.signals adapters.web.forms adapters.web.safety "
        "adapters.web.services adapters.web.routes.requests adapters.web.shapes adapters.desk adapters.inspection "
        "adapters.kept_programs adapters.readiness adapters.stress adapters.studies adapters.trials "
        "adapters.web.runs engine.instants engine.kernel engine.result"
    ),
    "adapters.web.safety": "engine.errors engine adapters.output adapters.report",
    "adapters.web.services": (
        "engine adapters.database adapters.results adapters.report adapters.web.runs adapters.web.forms "
        "adapters.web.safety adapters.output adapters.desk adapters.inspection adapters.kept_programs "
        "adapters.signals adapters.studies adapters.study_pictures adapters.trials adapters.walking engine.instants "
        "engine.plain_values engine.result"
    ),
    "adapters.web": (
        "adapters.report adapters.database adapters.results adapters.runs adapters.web.routes adapters.web.safety "
        "adapters.web.services engine"
    ),
    "adapters.explanations": (
        "engine.periods engine.plain_values engine.instants engine.contract engine.account engine.journal engine"
    ),
    "adapters.journals": (
        "engine.errors engine.durations engine.periods engine.plain_values engine.market.series engine.market "
        "engine.journal engine adapters.database adapters.output adapters.files.tables adapters.files "
        "adapters.imports adapters.results adapters.trials adapters.ensembles adapters.market"
    ),
    "adapters.branches": (
        "engine.plain_values engine.instants engine.kernel engine.faults engine.disturbance engine.journal "
        "engine.config engine.program engine.result engine processes.faults adapters.configuration adapters.journals "
        "adapters.results adapters.runs adapters.sandbox.walls adapters.trials adapters.workers engine.near_names"
    ),
    "adapters.terminal": (
        "engine.durations engine.periods engine.plain_values engine.instants engine.result engine adapters.output "
        "adapters.sandbox adapters.runs"
    ),
    "adapters.commands": (
        "engine.errors engine.periods engine.instants engine.market.series engine.profiles engine.config "
        "engine.market engine.signals engine.result engine processes adapters.configuration adapters.database "
        "adapters.output adapters.synthetic adapters.sandbox adapters.download adapters.files adapters.imports "
        "adapters.inspection adapters.market adapters.results adapters.signals adapters.runs adapters.report "
        "adapters.web adapters.terminal adapters.doctor adapters.explanations adapters.journals engine.journal "
        "adapters.certificates"
    ),
    "adapters": (
        "adapters.configuration adapters.database adapters.synthetic adapters.sandbox adapters.files "
        "adapters.inspection adapters.market adapters.results adapters.signals adapters.runs adapters.commands "
        "adapters.workbench"
    ),
    "scenarios": "engine processes adapters engine.faults processes.faults",
    "perpsim": "engine processes adapters adapters.studies adapters.walking adapters.workbench processes.faults",
    "engine.factors": (
        "engine.errors engine.factors.functions engine.market engine.market.flow engine.market.indicators "
        "engine.market.series engine.near_names"
    ),
    "engine.factors.functions": "engine.market.indicators engine.market.series",
    "adapters.factor_commands": (
        "adapters.database adapters.market adapters.results adapters.terminal engine engine.factors engine.instants "
        "engine.market.series engine.periods adapters.inspection"
    ),
}
MOST_FILES = 22
MOST_NAMES_FOR_USERS = 75

#: Tests of a room as a whole: all others are named for the module that they test.
THEMES = {
    "adapters/face/perpsim": {"typing"},
    "adapters/commands": {"import_command_of_folders", "import_command_of_klines"},
    "adapters/sandbox": {"attacks", "orders_behind_the_wall", "programs"},
    "adapters/web": {"load", "monsters", "openapi", "told_texts"},
    "adapters/web/static": {"accessibility", "page_scripts", "page_sources"},
    "engine/exchange": {"mark_triggers", "pause"},
    "engine/factors": {"document"},
    "engine/factors/functions": {"reference"},
    "engine/kernel": {"announcements"},
    "engine/market/flow": {"metrics"},
    "engine/result": {"other_processes"},
    "engine/market/indicators": {"indicators"},
}


class Import(NamedTuple):
    """One import of the project's own: from which file, of which module, with which names."""

    file: str
    module: str
    names: tuple[str, ...]


@cache
def modules() -> dict[str, Path]:
    """Every module and package of the four folders and of the face, by its dotted name."""
    found = {}
    for path in sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py*")):
        if path.suffix in (".py", ".pyi"):
            root = FACE_ROOT if path.is_relative_to(FACE_ROOT) else ROOT
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def is_face(module: str) -> bool:
    return modules()[module].stem == "__init__"


def room_of(module: str) -> str:
    """The room that a module stands in: its folder, or itself at the root of engine."""
    if is_face(module):
        return module
    folder = module.rpartition(".")[0]
    return module if folder == "engine" else folder


def imports_of(text: str, module: str, face: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The modules that a text imports, absolute, `import_module` calls with a constant included."""
    package = module if face else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            yield ".".join([*base, *filter(None, [node.module])]), tuple(alias.name for alias in node.names)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in (
            "import_module",
            "__import__",
        ):
            yield from ((str(each.value), ()) for each in node.args[:1] if isinstance(each, ast.Constant))


@cache
def imports() -> list[Import]:
    """Every import among the four folders and the face; `from . import module` counts as one of that module."""
    found = []
    for module, path in modules().items():
        for target, names in imports_of(path.read_text("utf-8"), module, is_face(module)):
            if target.partition(".")[0] not in (*FOLDERS, FACE, "tests"):
                continue
            inner = [f"{target}.{name}" for name in names if f"{target}.{name}" in modules()]
            others = tuple(name for name in names if f"{target}.{name}" not in inner)
            found += [Import(module, each, ()) for each in inner]
            if others or not inner:
                found.append(Import(module, target, others))
    return found


def arrows() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for each in imports():
        here, there = room_of(each.file), room_of(each.module) if each.module in modules() else each.module
        if here != there:
            found.setdefault(here, set()).add(there)
    return found


def test_no_arrow_is_missing_in_the_plan_and_none_is_drawn_in_vain() -> None:
    drawn = {room: set(targets.split()) for room, targets in ARROWS.items()}
    assert arrows() == {room: targets for room, targets in drawn.items() if targets}


def test_the_arrows_run_one_way() -> None:
    order = [*TopologicalSorter(arrows()).static_order()]  # raises CycleError for a circle
    assert order.index("engine.kernel") < order.index("engine.exchange") < order.index("engine")
    assert order.index("engine") < order.index("processes") < order.index("adapters.runs")
    assert order.index("adapters") < order.index(FACE)


@pytest.mark.parametrize(
    ("text", "module", "expected"),
    [
        ("import scenarios.quickstart", "engine.config", ["scenarios.quickstart"]),
        ("def f():\n    from tests import oracles", "engine.config", ["tests"]),
        ("from .bus import Bus", "engine.kernel.clock", ["engine.kernel.bus"]),
        ("from ..market import series", "engine.kernel.clock", ["engine.market"]),
        ("from ... import reasons", "engine.exchange.orders.intent", ["engine"]),
        ("importlib.import_module('adapters.web')", "engine.config", ["adapters.web"]),
    ],
)
def test_the_walk_sees_every_kind_of_import(text: str, module: str, expected: list[str]) -> None:
    assert [target for target, _ in imports_of(text, module, False)] == expected


def test_across_rooms_names_come_from_a_face() -> None:
    past = [
        f"{each.file} imports {', '.join(each.names)} of {each.module}"
        for each in imports()
        if room_of(each.file) != room_of(each.module)
        and not is_face(each.module)
        and room_of(each.module) != each.module
    ]
    assert past == []


def test_inside_a_folder_imports_are_relative() -> None:
    absolute = [
        f"{path.relative_to(ROOT)}: {node.module}"
        for module, path in modules().items()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and not node.level
        if (node.module or "").partition(".")[0] == module.partition(".")[0] != "scenarios"
    ]
    assert absolute == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_bare_names_resolve_to_this_project(folder: str) -> None:
    assert Path(str(importlib.import_module(folder).__file__)).parent == ROOT / folder


def test_the_face_is_one_package_and_its_folder_none() -> None:
    assert Path(str(importlib.import_module(FACE).__file__)).parent == FACE_ROOT / FACE
    assert [path.name for path in FACE_ROOT.iterdir() if path.is_dir() and path.name != "__pycache__"] == [FACE]
    assert [*FACE_ROOT.glob("*.py*")] == []


@pytest.mark.parametrize(
    "room", [name for name in modules() if is_face(name) and name.partition(".")[0] != "scenarios"]
)
def test_a_face_offers_what_it_imports_each_once_and_in_groups(room: str) -> None:
    module, path = importlib.import_module(room), modules()[room]
    text = path.read_text("utf-8")
    names = list(getattr(module, "__all__", ()))
    imported = [
        alias.asname or alias.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ImportFrom) and (node.level or room == FACE)
        for alias in node.names
    ]
    assert sorted(names) == sorted(set(imported))
    assert [name for name in names if not hasattr(module, name)] == []
    assert len(names) < 12 or text.count("\n# ") >= 2, "its contents stand in groups, each under a comment"


def test_the_face_for_users_is_small() -> None:
    assert len(importlib.import_module("engine").__all__) <= MOST_NAMES_FOR_USERS


def test_no_folder_is_crowded() -> None:
    files = Counter(str(path.parent.relative_to(ROOT)) for path in modules().values() if path.stem != "__init__")
    assert {folder: count for folder, count in files.items() if count > MOST_FILES} == {}


def defined(path: Path) -> set[str]:
    """The names that a module defines at its top."""
    return {
        node.name
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    }


def test_no_module_bears_the_name_of_what_it_exports() -> None:
    assert [name for name, path in modules().items() if path.stem in defined(path)] == []


def test_no_two_modules_of_the_adapters_bear_one_name() -> None:
    names = Counter(path.stem for name, path in modules().items() if name.startswith("adapters.") and not is_face(name))
    assert [name for name, count in names.items() if count > 1] == []


def test_nobody_asks_which_kind_an_order_or_a_condition_is() -> None:
    from engine.exchange import PendingOrder
    from engine.signals import Condition

    kinds = {"PendingOrder", "Condition"}
    for path in [*modules().values()] * 2:  # a base may come later than what is made of it
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and kinds & {getattr(base, "id", "") for base in node.bases}:
                kinds.add(node.name)
    kinds |= {name for name in dir(importlib.import_module("engine.signals")) if name.endswith("Condition")}
    assert {PendingOrder.__name__, Condition.__name__, "LimitOrder", "MarketExit", "IndicatorCondition"} <= kinds
    asked = [
        f"{name}:{node.lineno}"
        for name, path in modules().items()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance"
        if kinds & {getattr(each, "id", "") for each in ast.walk(node.args[1])}
    ]
    assert asked == []


def test_nothing_else_stands_at_the_top_level_of_the_packages() -> None:
    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} <= {*FOLDERS, "tests"}
    assert not set(FOLDERS) & set(sys.stdlib_module_names)


def test_the_tests_mirror_the_tree() -> None:
    """A test in a folder `static` is named for a script of a page, in whichever room that stands."""
    scripts = {path.stem for path in (ROOT / "adapters").rglob("static/**/*.js")}
    themes: dict[str, set[str]] = {}
    for folder in FOLDERS[:3]:
        for path in (ROOT / "tests" / folder).rglob("test_*.py"):
            room, module = path.parent.relative_to(ROOT / "tests"), path.name.removeprefix("test_")
            is_of_script = room.name == "static" and module.removesuffix(".py") in scripts
            if not (ROOT / room / module).is_file() and not is_of_script:
                themes.setdefault(str(room), set()).add(module.removesuffix(".py"))
    assert themes == THEMES
