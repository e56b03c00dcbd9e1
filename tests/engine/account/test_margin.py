"""Margin: the liquidation prices that a venue shows."""

import json
from pathlib import Path

import pytest

from engine import Instrument
from engine.account import AccountState, Holding, MarginRules
from engine.kernel import Origin
from engine.venue.instrument import half_initial_tiers
from tests.support.runs import START


def position(entry, size, margin, sign=1, symbol="X", funding=0.0):
    return Holding(symbol, sign, size, entry, margin, 0.0, funding, START, Origin(START, "buy", "", None))


def test_the_liquidation_prices_of_the_venue_are_reproduced(shared_data: Path):
    cases = json.loads((shared_data / "ref" / "hyperliquid_liquidation_cases.json").read_text("utf-8"))["cases"]
    assert len(cases) > 10
    for case in cases:
        sign = 1 if case["side"] == "long" else -1
        held = position(case["entryPrice"], case["contracts"], case["collateral"], sign)
        tiers = half_initial_tiers(((0.0, case["max_leverage"]),))
        rules = MarginRules({"X": Instrument("X", tiers=tiers)}, isolated=True)
        found = rules.liquidation_price(AccountState(0.0, {"X": held}), "X", {"X": case["entryPrice"]}.__getitem__)
        assert found == pytest.approx(case["liquidationPrice"], rel=1e-6)
