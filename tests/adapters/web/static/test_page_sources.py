"""What the page's scripts may not say themselves: words that the server defines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.web import ServerSettings, create_app
from adapters.web.forms.form_start import PRESETS, START
from engine import BacktestConfig
from engine.config import SETTINGS
from tests.conftest import ROOT
from tests.support.web_server import configuration, make_market

SCRIPTS = sorted(path for path in (ROOT / "adapters").glob("*/static/**/*.js") if path.parent.name != "vendor")

#: The scripts of the form. Those of other pages may say words that other answers of the API have too (`start_time`).
FORM = (
    "new.js",
    "fields.js",
    "template.js",
    "editor.js",
    *(path.name for path in SCRIPTS if path.parent.name == "form"),
)


def words(description: Any) -> Iterator[str]:
    """The names and the listed values in a description of the API, but for those of a configuration."""
    if isinstance(description, list):
        for each in description:
            yield from words(each)
    elif isinstance(description, dict) and description.get("title") != "Configuration":
        yield from description.get("properties", {})
        yield from (each for each in description.get("enum", ()) if isinstance(each, str))
        yield from words(list(description.values()))


def typed(name: str, script: str) -> bool:
    """Whether a script says the name of a field: anywhere when it has an underscore, else as a text or on a config."""
    code = re.sub(r"^\s*//.*$", "", script, flags=re.MULTILINE)
    if "_" in name:
        return re.search(rf"\b{name}\b", code) is not None
    holder = r"(?:config|configuration|values|values\(\)|given|draft|fields)"
    return re.search(rf"""["'`]{name}["'`]|\b{holder}\??\.{name}\b""", code) is not None


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    market = make_market(tmp_path_factory.mktemp("words"), days=1)
    return set(words(create_app(ServerSettings(f"sqlite:///{market}")).openapi()))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_says_the_name_of_a_configuration_field(path: Path, shared: set[str]) -> None:
    forbidden = [name for name in SETTINGS if path.name in FORM or name not in shared]
    assert [name for name in forbidden if typed(name, path.read_text("utf-8"))] == []


@pytest.mark.parametrize(
    ("script", "name"),
    [
        ('form.get("fee_rate")', "fee_rate"),
        ("{ slippage_percent: 0.05 }", "slippage_percent"),
        ("const { funding } = draft, a = draft.funding;", "funding"),
        ("found['venue'] = null", "venue"),
        ("form.values().symbols", "symbols"),
    ],
)
def test_the_rule_sees_every_way_to_say_one(script: str, name: str) -> None:
    assert typed(name, script)
    assert not typed(name, f"// {script}")


def test_few_words_are_shared(shared: set[str]) -> None:
    assert shared.isdisjoint({"fee_rate", "schedule_mode", "order_latency_ms", "params", "venue", "intrabar"})


@pytest.mark.parametrize("values", [START, *PRESETS.values()], ids=["start", *PRESETS])
def test_presets_are_configurations(values: dict[str, Any]) -> None:
    BacktestConfig.from_dict(configuration(**values))
