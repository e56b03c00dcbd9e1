"""What the page's scripts may not say themselves: the names of figures and the reasons of exits."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from adapters.web import ServerSettings, create_app
from engine import BacktestConfig
from engine.contract import ExitReason
from engine.result import FIGURES
from tests.conftest import ROOT
from tests.support.web_server import make_market

SCRIPTS = sorted(path for path in (ROOT / "adapters").glob("*/static/**/*.js") if path.parent.name != "vendor")

#: Those that are fields of a configuration too: its form is asked about these.
CONFIGURED = {each.name for each in fields(BacktestConfig)}

#: An event of a running back-test, and of a browser's connection.
EVENTS = {"error"}

#: A reason of exits, and a kind of field in the form. In a list of reasons it stands beside others, which are judged.
ORDINARY = {"time"}


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The parts of the API's addresses, which scripts must say."""
    market = make_market(tmp_path_factory.mktemp("words"), days=1)
    paths = create_app(ServerSettings(f"sqlite:///{market}")).openapi()["paths"]
    return {part for path in paths for part in path.split("/")}


def says_figure(name: str, script: str, as_text: bool = True) -> bool:
    """Whether a script names a figure: anywhere when it has an underscore, else of `figures`, or as a text."""
    if "_" in name:
        return re.search(rf"\b{name}\b", script) is not None
    return re.search(rf"\bfigures\b\)?\??\.{name}\b", script) is not None or (as_text and says_text(name, script))


def says_text(name: str, script: str) -> bool:
    """Whether a word stands there as a text of its own."""
    return re.search(rf"""["'`]{name}["'`]""", script) is not None


def says_key(name: str, script: str) -> bool:
    """Whether a word stands there as the name of an entry."""
    return re.search(rf"[{{,]\s*{name}:", script) is not None


def without_comments(path: Path) -> str:
    return re.sub(r"^\s*//.*$", "", path.read_text("utf-8"), flags=re.MULTILINE)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_says_the_name_of_a_figure(path: Path, addresses: set[str]) -> None:
    script = without_comments(path)
    judged = [name for name in (*FIGURES, "equity_curve") if name not in CONFIGURED]
    said = [name for name in judged if says_figure(name, script, as_text=name not in addresses | EVENTS)]
    assert said == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_says_why_a_position_was_closed(path: Path) -> None:
    script = without_comments(path)
    judged = [reason.value for reason in ExitReason if reason not in ORDINARY]
    assert [reason for reason in judged if says_text(reason, script) or says_key(reason, script)] == []


@pytest.mark.parametrize(
    ("script", "name"),
    [
        ("result.figures.total_pnl", "total_pnl"),
        ('["win_rate", "Win rate"]', "win_rate"),
        ("if (figures.warnings.length) show()", "warnings"),
        ("Object.entries(result.figures?.decisions)", "decisions"),
        ('only === "fills"', "fills"),
    ],
)
def test_the_rule_sees_every_way_to_say_one(script: str, name: str) -> None:
    assert says_figure(name, script)


@pytest.mark.parametrize("script", ['choice("exit", ["decision", "tp"])', "const MARKS = {\n  tp: ['Take-profit'] };"])
def test_the_rule_sees_a_reason(script: str) -> None:
    assert says_text("tp", script) or says_key("tp", script)


def test_few_figures_are_not_judged(addresses: set[str]) -> None:
    assert set(FIGURES) & (CONFIGURED | EVENTS | addresses) == {
        "initial_balance", "start_time", "end_time", "error", "trades", "equity", "records",
    }  # fmt: skip
