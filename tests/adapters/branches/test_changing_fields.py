"""Which fields may change while a run goes on."""

from __future__ import annotations

import pytest

from adapters.branches import CHANGING, FIXED, Change, branched, changing_table
from engine import ConfigurationError, ExecutionModels
from engine.config import SETTINGS
from engine.venue.models import ConstantLatency
from tests.conftest import ROOT
from tests.support.branches import job
from tests.support.runs import MINUTE, START

AT = START + 10 * MINUTE


def test_every_field_may_change_or_may_not() -> None:
    assert sorted([*CHANGING, *FIXED]) == sorted(SETTINGS)


@pytest.mark.parametrize("name", FIXED)
def test_a_field_that_may_not_says_why(name: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        branched(job(), Change(AT, {name: SETTINGS[name].default}))
    (problem,) = raised.value.problems
    assert problem.startswith(f"{name}: it cannot change while a run goes on: {FIXED[name]}; run it again with ")


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(ConfigurationError) as raised:
        branched(job(), Change(AT, {"slipage_percent": 1.0, "intrabar": "optimistic"}))
    assert raised.value.problems[0] == "slipage_percent: there is no such field; did you mean slippage_percent?"
    assert len(raised.value.problems) == 2
    with pytest.raises(ConfigurationError, match="slippage_percent: "):
        branched(job(), Change(AT, {"slippage_percent": -1.0}))


def test_a_field_that_a_model_of_ones_own_does_not_look_at_is_refused() -> None:
    of = job(models=ExecutionModels(latency=ConstantLatency(5)))
    with pytest.raises(ConfigurationError, match="latency_seed: the run has a latency model of its own, ConstantLat"):
        branched(of, Change(AT, {"latency_seed": 3}))
    assert branched(of, Change(AT, {"fee_rate": 1.0})).gained < 0.0


def test_the_readme_has_the_table() -> None:
    assert changing_table() in (ROOT / "adapters/branches/README.md").read_text("utf-8")
