"""perpsim factors: what it prints and refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from adapters import main, open_database
from adapters.factor_commands.factor_ranking import HORIZONS_H
from adapters.inspection import config_of_range
from adapters.market import load_market
from engine import HistoricalDataProvider
from engine.factors import forward_returns, information_coefficient

pytestmark = pytest.mark.xdist_group("reference market")
HOUR = 3_600_000


@pytest.fixture
def call(reference_database: Path) -> Any:
    def run(*arguments: str) -> Result:
        where = "--exchange", "hyperliquid", "--symbol", "BTC", "--database", f"sqlite:///{reference_database}"
        return CliRunner().invoke(
            main, ["factors", *arguments, *(where if arguments[0] in ("preview", "rank") else ())]
        )

    return run


def test_list_and_show_tell_what_each_is_and_where_the_platform_differs(call: Any) -> None:
    listed = json.loads(call("list", "--json").output)
    assert len(listed) == 86
    differs = {each["name"] for each in listed if each["platform_differs"]}
    assert {"DI_SPREAD", "TREND_INTENSITY", "CCI20", "FUNDING_RATE"} <= differs
    assert not {"RSI14", "ADX14", "MACD_HIST"} & differs
    assert "OBV" in call("list", "--category", "volume").output
    assert "RSI14" not in call("list", "--category", "volume").output
    assert "TS_CORR(a, b, period=20)" in call("list", "--functions").output
    shown = call("show", "DI_SPREAD").output
    assert "PLUS_DI(high, low, close, 14) - MINUS_DI(high, low, close, 14)" in shown
    assert "there PLUS_DI answers (ADX + ADX[2]) / 2" in shown
    for words, problem in (
        (("show", "RSY14"), "there is no factor 'RSY14'; did you mean RSI14?"),
        (("show", "clse + 1"), "character 1: there is no column clse; did you mean close?"),
        (("list", "--category", "mood"), "no factor is of the category 'mood'"),
    ):
        refused = call(*words)
        assert refused.exit_code != 0
        assert problem in " ".join(refused.output.split())


def test_a_preview_is_what_a_program_was_answered(call: Any, reference_database: Path) -> None:
    found = json.loads(call("preview", "RSI14", "--period", "15m", "--json").output)
    database = open_database(f"sqlite:///{reference_database}", read_only=True)
    market = load_market(database, config_of_range(database, "BTC", "hyperliquid", None, None, "1m"))
    provider = HistoricalDataProvider(market)
    for row in found["values"][40:400:60]:
        provider.set_current_time(row["timestamp"])
        assert row["value"] == pytest.approx(provider.get_factor("BTC", "RSI14", "15m")["value"], abs=1e-6)
    table = call("preview", "close - open", "--most", "3").output
    assert table.count(":00 UTC  ") == 3


def test_a_rank_is_of_the_values_and_the_returns_that_follow(call: Any, reference_database: Path) -> None:
    ranked = json.loads(call("rank", "--factor", "RSI14", "--factor", "-ROC(close, 3)", "--json").output)
    assert {each["name"] for each in ranked} == {"RSI14", "-ROC(close, 3)"}
    strengths = [max(map(abs, each["coefficients"].values())) for each in ranked]
    assert strengths == sorted(strengths, reverse=True)
    (rsi,) = (each for each in ranked if each["name"] == "RSI14")
    values = json.loads(call("preview", "RSI14", "--json").output)["values"]
    closes = json.loads(call("preview", "close", "--json").output)["values"]
    value, close = (np.array([row["value"] or np.nan for row in rows], float) for rows in (values, closes))
    known = ~np.isnan(close)
    for hours in HORIZONS_H:
        expected = information_coefficient(value[known], forward_returns(close[known], hours))
        assert rsi["coefficients"][str(hours)] == pytest.approx(expected, abs=1e-9)
    assert "RSI14" in call("rank", "--factor", "RSI14").output
