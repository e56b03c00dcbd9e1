"""What a golden run comes to is a promise: a release that breaks it says so, and names the rule that it changes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import NamedTuple

import pytest

from engine import BacktestResult
from engine.journal import RULES
from engine.version import VERSION
from tests.conftest import ROOT
from tests.support.eventful_run import eventful_result
from tests.support.worlds import Dealer, Trader, run, world

CHANGES = ROOT / "engine" / "CHANGES.md"


def in_a_world(seed: int, who: type[Trader], marks: str, **fields: object) -> BacktestResult:
    of = world(seed, marks)
    return run(of, who(of), **fields).result


#: Runs in which all happens that there are rules for.
GOLDEN: Mapping[str, Callable[[], BacktestResult]] = {
    "every exit": eventful_result,
    "marks, cross margin": lambda: in_a_world(1, Trader, "rows", funding_interval="1h", trigger_price="mark"),
    "mark klines, several orders": lambda: in_a_world(2, Dealer, "klines", intrabar="nearest_open"),
    "isolated, capped, late": lambda: in_a_world(
        3, Dealer, "rows", margin_mode="isolated", volume_cap_percent=20.0, order_latency_ms=1_500, watch_period="15s"
    ),
    "waiting for the open": lambda: in_a_world(4, Trader, "none", execution_price="open", fill_on="touch"),
    "by a rule book": lambda: in_a_world(5, Dealer, "rows", book="binance_um", execution_price="vwap"),
}


class Release(NamedTuple):
    version: str
    text: str
    digests: dict[str, str]


def releases_of(text: str) -> list[Release]:
    """The sections of the file, the newest first."""
    found = re.split(r"^## (\S+)\n", text, flags=re.MULTILINE)[1:]
    return [
        Release(version, body, dict(re.findall(r"^\| (.+?) \| `([0-9a-f]{32})` \|$", body, re.MULTILINE)))
        for version, body in zip(found[::2], found[1::2], strict=True)
    ]


def unnamed(releases: list[Release]) -> list[str]:
    """The versions in which the digest of a golden run is another one than before, and no rule is named."""
    return [
        new.version
        for new, old in pairwise(releases)
        if any(new.digests[name] != digest for name, digest in old.digests.items() if name in new.digests)
        and not RULES.keys() & set(re.findall(r"`([a-z-]+)`", new.text))
    ]


def test_the_newest_section_is_that_of_this_engine() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert releases_of(CHANGES.read_text("utf-8"))[0].version == VERSION == project["version"]


@pytest.mark.parametrize("name", GOLDEN)
def test_a_golden_run_comes_to_what_the_newest_section_says(name: str) -> None:
    said = releases_of(CHANGES.read_text("utf-8"))[0].digests.get(name)
    assert GOLDEN[name]().digest == said, "another version, the new digests, and the name of the rule, in CHANGES.md"


def test_the_newest_section_has_all_of_them_and_no_others() -> None:
    assert [*releases_of(CHANGES.read_text("utf-8"))[0].digests] == [*GOLDEN]


def test_a_change_of_a_digest_names_a_rule() -> None:
    assert unnamed(releases_of(CHANGES.read_text("utf-8"))) == []


def test_a_change_without_a_rule_is_found() -> None:
    row = "| every exit | `{}` |\n"
    old = "## 0.1.0\n" + row.format("0" * 32)
    for said, found in (("", ["0.2.0"]), ("A `stop` is another.\n", ["0.2.0"]), ("`gap-over-stop` is another.\n", [])):
        assert unnamed(releases_of(f"## 0.2.0\n{said}{row.format('1' * 32)}{old}")) == found
    assert unnamed(releases_of(f"## 0.2.0\n{row.format('0' * 32)}{old}")) == []
