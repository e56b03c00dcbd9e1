"""`perpsim.monte_carlo`: of a result, and of data and a program."""

from __future__ import annotations

from typing import Any

import pandas as pd
import perpsim
import pytest

from adapters.ensembles import trade_ensemble
from engine import BacktestResult, ConfigurationError, DataError, PerpsimError
from tests.support.noise_runs import DAYS, START, Idle, Turns, noise_market
from tests.support.terminals import standard_error_on_a_terminal

DAY = 86_400_000
FIELDS: dict[str, Any] = {
    "symbols": ["BTC"], "scheduled_interval": "4h", "start_time": START, "end_time": START + DAYS * DAY
}  # fmt: skip
SOURCE = """
class Turns:
    def should_trade(self, data):
        held = data.positions.get("BTC")
        side = "sell" if held and held.side == "long" else "buy"
        return Decision(side, "BTC", target_portion_of_balance=0.5, leverage=2)
"""


@pytest.fixture(scope="module")
def result() -> BacktestResult:
    return perpsim.backtest(noise_market(), Turns, progress=False, **FIELDS)


def test_the_trades_of_a_result_need_nothing_else(result: BacktestResult) -> None:
    made = perpsim.monte_carlo(result, trades=300, seed=4)
    pnl = [each.pnl for each in result.trades]
    assert made.to_dict() == trade_ensemble(pnl, result.initial_balance, 300, 4).to_dict()
    assert made.to_dict() == perpsim.monte_carlo(noise_market(), Turns, trades=300, seed=4, **FIELDS).to_dict()


@pytest.mark.parametrize("asked", [{"klines": 2, "mean_block": "4h"}, {"start_shift": 2}, {"costs": True}])
def test_a_result_is_run_again_on_its_data(result: BacktestResult, asked: dict[str, Any]) -> None:
    again = perpsim.monte_carlo(result, Turns, data=noise_market(), workers=1, **asked)
    given = perpsim.monte_carlo(noise_market(), Turns, workers=1, **asked, **FIELDS)
    assert again.to_dict() == given.to_dict()
    assert again.remarks == ()
    assert isinstance(again.frame, pd.DataFrame)


def test_a_bar_is_shown_unless_none_is_wanted() -> None:
    drawn = {}
    for progress in (True, False):
        with standard_error_on_a_terminal() as drawn[progress]:
            perpsim.monte_carlo(noise_market(), Turns, start_shift=2, workers=1, progress=progress, **FIELDS)
    assert "running from later starts" in drawn[True]
    assert not drawn[False].lines


def test_the_program_of_a_result_that_has_its_source_text_is_known() -> None:
    result = perpsim.backtest(noise_market(), SOURCE, trust=True, progress=False, **FIELDS)
    made = perpsim.monte_carlo(result, data=noise_market(), start_shift=1, trust=True, workers=1)
    assert made.real.digest == result.digest


def test_other_data_than_those_of_the_result_are_told(result: BacktestResult) -> None:
    made = perpsim.monte_carlo(result, Turns, data=noise_market(), start_shift=1, fee_rate=0.2, workers=1)
    assert made.remarks[0].startswith("this result is not what its run gives now (final_equity ")
    assert made.remarks[0] in repr(made)


@pytest.mark.parametrize(
    ("given", "asked", "error", "text"),
    [
        ("result", {"klines": 2}, ConfigurationError, "data: a result keeps no market"),
        ("result", {"klines": 2, "data": "market"}, ConfigurationError, "of the class Turns"),
        ("data", {"klines": 2}, ConfigurationError, "strategy: is required"),
        ("data", {"strategy": Turns, "data": "market", "costs": True}, ConfigurationError, "data: is of a result"),
        ("data", {"strategy": Turns, "klines": 2.5}, ConfigurationError, "klines: 2.5 is no whole number"),
        ("data", {"strategy": Turns, "klines": True}, ConfigurationError, "klines: True is no whole number"),
        ("data", {"strategy": Turns}, ConfigurationError, "give one of trades"),
        ("data", {"strategy": Turns, "klines": 2, "mean_block": 5}, ConfigurationError, "mean_block: "),
        ("data", {"strategy": Turns, "klines": 2, "mean_blok": "1d"}, ConfigurationError, "did you mean mean_block"),
        (
            "data",
            {"strategy": Turns, "klines": 2, "save": "x.db"},
            ConfigurationError,
            "save: this call does not take it",
        ),
        ("data", {"strategy": Idle, "trades": 5, **FIELDS}, DataError, "no closed trades"),
    ],
)
def test_what_cannot_be_done_is_told(
    result: BacktestResult, given: str, asked: dict[str, Any], error: type[PerpsimError], text: str
) -> None:
    asked = {name: noise_market() if value == "market" else value for name, value in asked.items()}
    with pytest.raises(error, match=text):
        perpsim.monte_carlo(result if given == "result" else noise_market(), **asked)
