"""What forms are told of conditions, against what conditions can be."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.signals import KNOWN_KEYS, condition_kinds
from engine import parse_condition
from engine.market.flow import SIGNAL_METRICS
from engine.signals import CONDITION_KINDS

KINDS = condition_kinds()


def start_of(kind: dict[str, Any]) -> dict[str, Any]:
    values = {field["name"]: field["start"] for field in kind["fields"] if field["start"] is not None}
    return {"metric": kind["metric"], **values} if kind["metric"] else values


def test_every_kind_of_condition_is_offered() -> None:
    assert {type(parse_condition(start_of(kind))) for kind in KINDS} == {*CONDITION_KINDS}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind["name"])
def test_every_choice_makes_a_condition(kind: dict[str, Any]) -> None:
    for field in kind["fields"]:
        assert field["name"] in KNOWN_KEYS
        assert field["help"]
        for choice in field["choices"] if field["name"] != "output" else ():
            value = [choice["value"]] if field["kind"] == "several" else choice["value"]
            parse_condition({**start_of(kind), field["name"]: value})


def test_every_metric_is_offered_with_its_meaning() -> None:
    (metric,) = (field for field in KINDS[0]["fields"] if field["name"] == "metric")
    assert {choice["value"] for choice in metric["choices"]} == {*SIGNAL_METRICS}
    assert all("made of" in choice["meaning"] for choice in metric["choices"])
