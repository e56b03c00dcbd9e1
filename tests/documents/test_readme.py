"""What the READMEs name is there, and what should be in them is."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import fields, is_dataclass
from pathlib import Path

import perpsim
import pytest

import processes
from adapters import create_database, main, open_database
from adapters.web import ServerSettings, create_app
from engine import BacktestConfig, BacktestResult, Decision, MarketData, Phase
from engine.kernel import messages as messages_said
from tests.conftest import ROOT
from tests.documents.readmes import READMES, Readme, anchor

ONE_PAGE = 160
FOLDERS = ("engine", "processes", "adapters", "scenarios", "tests")

BY_NAME = {"argvalues": READMES, "ids": [readme.name for readme in READMES]}


def readme(name: str) -> Readme:
    return Readme(ROOT / name)


def target(source: Readme, link: str) -> Path:
    return (source.path.parent / link.partition("#")[0]).resolve() if not link.startswith("#") else source.path


@pytest.mark.parametrize("readme", **BY_NAME)
def test_every_link_and_picture_resolves(readme: Readme) -> None:
    for link in readme.links:
        if link.startswith("https://"):
            continue
        path = target(readme, link)
        assert path.is_relative_to(ROOT), link
        assert path.exists(), link
        if path.suffix == ".png":
            assert path.stat().st_size < 150_000
        _, _, heading = link.partition("#")
        assert not heading or heading in map(anchor, Readme(path).headings), link


def test_every_readme_is_reached_from_the_first() -> None:
    reached, waiting = set(), [readme("README.md")]
    while waiting:
        here = waiting.pop()
        reached.add(here)
        linked = {Readme(target(here, link)) for link in here.links if "README.md" in link}
        waiting += linked - reached - set(waiting)
    assert reached == set(READMES)


def test_the_first_readme_is_one_page() -> None:
    assert len(readme("README.md").text.splitlines()) <= ONE_PAGE


@pytest.mark.parametrize("readme", **BY_NAME)
def test_every_file_and_folder_that_is_named_is_there(readme: Readme) -> None:
    for span in readme.spans:
        if re.fullmatch(rf"({'|'.join(FOLDERS)})/[\w/.*]*", span):
            assert list(ROOT.glob(span.rstrip("/"))), span


def test_every_field_of_the_configuration_and_of_the_result_is_explained() -> None:
    known = set().union(*(readme.names for readme in READMES))
    assert {each.name for each in fields(BacktestConfig)} <= known
    assert {each.name for each in fields(BacktestResult)} <= known


def test_the_places_of_the_tables_that_are_made_from_code_are_marked() -> None:
    for name, table in (("engine/README.md", "fields"), ("engine/result/README.md", "figures")):
        assert re.findall(rf"^<!-- (/?{table}) -->$", readme(name).text, re.MULTILINE) == [table, f"/{table}"]


def test_all_that_a_program_says_and_asks_is_explained() -> None:
    known = readme("engine/program/README.md").names
    assert set(Decision.__slots__) <= known
    assert {name for name in dir(MarketData) if not name.startswith("_")} <= known


def test_every_command_has_a_line() -> None:
    named = readme("adapters/commands/README.md").first_column("Command")
    assert sorted(named) == [f"perpsim {name}" for name in main.list_commands(None)]  # type: ignore[arg-type]


def test_every_scenario_has_a_line() -> None:
    stems = {path.stem for path in (ROOT / "scenarios").glob("[a-z]*.py")}
    assert set(readme("scenarios/README.md").first_column("Scenario")) == stems
    assert {name for each in READMES for name in re.findall(r"-m scenarios\.([a-z]\w+)", each.text)} <= stems


def test_every_request_has_a_line(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'market.db'}"
    create_database(open_database(url, create=True))
    paths = create_app(ServerSettings(url)).openapi()["paths"]
    requests = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert set(readme("adapters/web/README.md").first_column("Request")) == requests


def test_the_standard_processes_are_there() -> None:
    assert set(readme("processes/README.md").first_column("Process")) <= set(processes.__all__)


def test_phases_stand_in_their_order() -> None:
    assert readme("processes/README.md").first_column("Phase") == [phase.name for phase in Phase]


def test_every_message_has_a_line_with_its_fields() -> None:
    own = [each for each in vars(messages_said).values() if getattr(each, "__module__", "") == messages_said.__name__]
    frozen = {kind.__name__: [each.name for each in fields(kind)] for kind in own if is_dataclass(kind)}
    said = [kind for kind in own if issubclass(kind, messages_said.Fact) and kind._kind is kind]
    facts = {kind.__name__: list(kind.NAMES) for kind in said}
    messages = {name: ", ".join(names) for name, names in (frozen | facts).items()}
    text = readme("processes/README.md").text
    assert set(readme("processes/README.md").first_column("On the bus")) == set(messages)
    for name, names in messages.items():
        assert f"| `{name}` | `{names}`" in text


@pytest.mark.parametrize("folder", ["engine", "adapters"])
def test_rooms_stand_in_an_order_in_which_each_imports_only_those_above_it(folder: str) -> None:
    rooms = readme(f"{folder}/README.md").first_column("Room")
    assert sorted(rooms) == sorted(path.parent.name for path in (ROOT / folder).glob("*/__init__.py"))
    for place, room in enumerate(rooms):
        for path in (ROOT / folder / room).rglob("*.py"):
            assert rooms_imported(path, folder) & set(rooms) <= set(rooms[: place + 1]), path


def rooms_imported(path: Path, folder: str) -> set[str]:
    """The rooms of its folder that a module imports from."""
    here = path.relative_to(ROOT / folder).parts
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            parts = (*here[: len(here) - node.level], *(node.module or "").split("."))
            found.add(parts[0])
    return found


def test_the_table_for_those_who_come_from_elsewhere_has_no_empty_row() -> None:
    text = readme("adapters/face/README.md").text
    rows = text.partition("| Expected | In | Here |")[2].split("\n\n")[0].splitlines()[2:]
    assert len(rows) >= 40
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert len(cells) == 3, row
        assert all(len(cell) > 2 for cell in cells), row
    named = " ".join(row.split("|")[2] for row in rows)
    assert all(each in named for each in ("backtesting.py", "vectorbt", "freqtrade", "jesse"))


def test_every_call_of_the_package_is_there() -> None:
    spans = readme("adapters/face/README.md").spans
    called = {name for span in spans for name in re.findall(r"\bperpsim\.(\w+)", span)}
    assert {"backtest", "load", "open", "results"} <= called <= {*perpsim.__all__}
    commands = {span.split()[1] for span in spans if re.match(r"perpsim [a-z]", span)}
    assert commands <= {*main.list_commands(None)}  # type: ignore[arg-type]


def test_every_keyword_of_a_backtest_is_explained() -> None:
    names = readme("adapters/face/README.md").names
    parameters = inspect.signature(perpsim.backtest).parameters
    assert {name for name in parameters if name != "fields"} <= names
