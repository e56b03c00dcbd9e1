"""Fees by the volume of fourteen days."""

import pytest

from engine import ExecutionModels
from engine.venue.models import FeeTier, TieredFee, TradedVolume
from processes import ProgramBacktestEngine
from tests.support.runs import DAY, START, Script, buy, close, config, klines, market


def test_fee_tiers_count_the_fourteen_days_before_today():
    traded, model = TradedVolume(), TieredFee((FeeTier(0.0, 0.045, 0.015), FeeTier(1_000.0, 0.04, 0.012)))
    traded.add(START, 1_000.0)
    assert model.percent("X", False, START, traded) == 0.045
    assert model.percent("X", False, START + DAY, traded) == 0.04
    assert model.percent("X", True, START + 14 * DAY, traded) == 0.012
    assert model.percent("X", True, START + 15 * DAY, traded) == 0.015


def test_a_run_climbs_the_tiers():
    model = TieredFee((FeeTier(0.0, 0.1, 0.1), FeeTier(9_000.0, 0.05, 0.05)))
    history = market(X=klines(*[100.0] * (2 * 1440)))
    script = Script({1: buy(), 2: close(), 1441: buy()})
    result = ProgramBacktestEngine(history, models=ExecutionModels(fees=model)).run(
        config(script, 1445, scheduled_interval=60)
    )
    assert result.fees_paid == pytest.approx(5 + 5 + 9_990 * 0.5 * 0.0005)
