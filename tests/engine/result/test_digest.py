"""The digest of a result tells whether two runs came to the same."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from tests.conftest import ROOT

PROGRAM = """
import sys
from adapters import synthetic_klines
from engine import BacktestConfig, Decision, MarketHistory
from processes import ProgramBacktestEngine

class Turns:
    def should_trade(self, data):
        data.record("held", float(len(data.positions)))
        if data.positions:
            return Decision("close", "BTC", target_portion_of_balance=1.0)
        return Decision("buy", "BTC", target_portion_of_balance=0.5, leverage=2)

START = 1_704_067_200_000
config = BacktestConfig(
    strategy=Turns, symbols=["BTC"], start_time=START, end_time=START + 5 * 86_400_000, scheduled_interval="4h",
    fee_rate=float(sys.argv[1]) if len(sys.argv) > 1 else 0.035,
)
market = MarketHistory.from_klines({"BTC": synthetic_klines("BTC", START, 5 * 1440, seed=2)})
result = ProgramBacktestEngine(market).run(config)
"""


def result_of(*words: str) -> object:
    names: dict[str, object] = {"__name__": "turns"}
    before, sys.argv = sys.argv, ["turns", *words]
    try:
        exec(PROGRAM, names)
    finally:
        sys.argv = before
    return names["result"]


def digest_elsewhere(seed: str, *words: str) -> str:
    code = PROGRAM + "\nprint(result.digest)"
    env = {**os.environ, "PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo"}
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_the_same_run_has_one_digest_in_every_process() -> None:
    digest = result_of().digest
    assert len(digest) == 32
    assert digest == digest_elsewhere("1") == digest_elsewhere("2")
    assert digest != digest_elsewhere("1", "0.0350000001")


def test_run_time_and_warnings_do_not_count_and_every_fill_does() -> None:
    result = result_of()
    assert replace(result, execution_time_ms=1.0, warnings=["said"]).digest == result.digest
    assert replace(result, fees_paid=result.fees_paid + 1e-12).digest != result.digest
    *others, last = result.fill_records
    changed = type(last)(*(value if name != "price" else value * (1 + 1e-15) for name, value in pairs(last)))
    assert changed.price != last.price
    assert replace(result, fill_records=[*others, changed]).digest != result.digest
    assert replace(result, records={}).digest != result.digest


def pairs(fill: object) -> list[tuple[str, object]]:
    return list(zip(type(fill).NAMES, fill.values(), strict=True))


def test_a_result_without_its_fills_has_none() -> None:
    from engine import DataError

    with pytest.raises(DataError, match="none of the 30 fills is stored: run it again"):
        _ = replace(result_of(), fill_records=()).digest
