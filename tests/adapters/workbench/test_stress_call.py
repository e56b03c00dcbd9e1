"""A stress test in one call."""

from __future__ import annotations

import perpsim
import pytest

from engine import ConfigurationError
from engine.faults import KINDS
from tests.support.card_programs import DAY_MS, START, Chance, noise_market

FIELDS = {
    "symbols": "BTC",
    "start_time": START,
    "end_time": START + 10 * DAY_MS,
    "scheduled_interval": "4h",
    "params": {"seed": 1, "hold": 6, "portion": 0.5},
    "workers": 1,
    "progress": False,
}


@pytest.fixture(scope="module")
def market():
    return noise_market(1)


def test_it_has_a_run_of_each_kind(market):
    report = perpsim.stress(market, Chance, **FIELDS)
    assert list(report.by_name) == list(KINDS)
    assert report.title == "Chance on hyperliquid: BTC"


def test_faults_of_ones_own_and_of_the_package_are_taken(market):
    def flood(sim, fault):
        for symbol in fault.symbols:
            fault.act(symbol, "cellars under water")
        yield fault.over()

    given = [
        perpsim.faults.outage(duration="3h", every="1d"),
        perpsim.faults.own(flood, "flood", duration="1h"),
        "fees",
    ]
    report = perpsim.stress(market, Chance, fault=given, **FIELDS)
    assert {name: each.effect.partition("; ")[0] for name, each in report.by_name.items()} == {
        "outage": "10 times, 30h 0m in all",
        "flood": "once, 1h 0m in all",
        "fees": "once, 240h 0m in all",
    }
    assert report.by_name["flood"].outcome.digest == report.plain.digest


def test_a_backtest_takes_them_too(market):
    fields = {name: value for name, value in FIELDS.items() if name != "workers"}
    result = perpsim.backtest(market, Chance, faults=[perpsim.faults.outage(duration="3h")], **fields)
    assert any(text.startswith("fault outage: once, 3h 0m in all") for text in result.warnings)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"fault": "outrage"}, r"did you mean outage\?"),
        ({"falt": "outage"}, r"falt: .*did you mean fault"),
        ({"fault": [5]}, "5 is no fault"),
        ({"faults": [{"kind": "outage", "long": 5}]}, "long: there is no such field"),
    ],
)
def test_what_is_wrong_is_told(market, given, said):
    with pytest.raises(ConfigurationError, match=said):
        perpsim.stress(market, Chance, **{**FIELDS, **given})
