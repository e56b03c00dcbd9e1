"""A back-test in one call: what it takes as data and as a program, what it assumes, and what it refuses."""

from __future__ import annotations

import gc
import os
import pickle
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from adapters import backtest, create_database, open_database, write_klines
from adapters.results import restored_result
from adapters.workbench import open as open_workspace
from engine import (
    BacktestConfig,
    ConfigurationError,
    DataError,
    Decision,
    MarketData,
    MarketHistory,
    PerpsimError,
    Simulation,
    TimedValues,
)
from engine.periods import HOUR_MS
from processes import HASH_SEED_WARNING, ProgramBacktestEngine, TriggerTimes

START_MS = 1_704_067_200_000
HOURS = 48
RISING = 100.0 + np.arange(HOURS, dtype=float)


def frame(**columns: Any) -> pd.DataFrame:
    """Two days of hourly klines of a price that rises by 1 an hour."""
    index = pd.date_range("2024-01-01", periods=HOURS, freq="1h", tz="UTC")
    prices = {"Open": RISING, "High": RISING + 1.5, "Low": RISING - 0.5, "Close": RISING + 1.0, "Volume": 10.0}
    return pd.DataFrame({**prices, **columns}, index=index)


class Once:
    """Buys once."""

    def __init__(self) -> None:
        self.calls: list[int] = []

    def should_trade(self, data: MarketData) -> Decision | None:
        self.calls.append(data.timestamp)
        symbol = next(each for each in ("ASSET", "BTC", "ETH") if data.get_price(each))
        return None if data.positions else Decision("buy", symbol, target_portion_of_balance=0.5, leverage=1)


SOURCE = """
class Once:
    def init(self, params):
        self.share = params.get("share", 0.5)

    def should_trade(self, data: MarketData) -> Decision | None:
        if data.positions:
            return None
        return Decision("buy", "BTC", target_portion_of_balance=self.share, leverage=1)
"""


def test_a_frame_and_a_class_are_enough(capfd: pytest.CaptureFixture[str]) -> None:
    program = Once()
    result = backtest(frame(), program)
    assert result.success
    assert result.config["symbols"] == ["ASSET"]
    assert (result.start_time, result.end_time) == (START_MS, START_MS + HOURS * HOUR_MS)
    assert result.config["base_period"] == result.config["scheduled_interval"] == "1h"
    assert program.calls == [START_MS + (hour + 1) * HOUR_MS for hour in range(HOURS)]  # at the close of every kline
    assert result.total_pnl > 0.0
    assert capfd.readouterr() == ("", "")  # no bar where nobody looks


def test_it_is_the_run_of_the_engine() -> None:
    market = MarketHistory.from_frames({"BTC": frame()})
    config = BacktestConfig(
        strategy=Once,
        symbols=["BTC"],
        start_time=START_MS,
        end_time=START_MS + HOURS * HOUR_MS,
        scheduled_interval="1h",
        base_period="1h",
        fee_rate=0.1,
    )
    expected = ProgramBacktestEngine(market).run(config).to_dict(timing=False)
    for data in (market, {"BTC": frame()}, {"BTC": market.symbols["BTC"].base.columns}):
        assert backtest(data, Once, fee_rate=0.1, progress=False).to_dict(timing=False) == expected
    assert backtest(frame(), Once, symbols="BTC", fee_rate=0.1).to_dict(timing=False) == expected


def test_source_text_and_files_run_in_the_sandbox_unless_they_are_trusted(tmp_path: Path) -> None:
    file = tmp_path / "once.py"
    file.write_text(SOURCE)
    results = [
        backtest({"BTC": frame()}, program, params={"share": 0.25}, trust=trust)
        for program in (SOURCE, file, str(file))
        for trust in (False, True)
    ]
    assert results[0].total_pnl > 0.0
    told = [each.to_dict(timing=False) for each in results]
    for each in told:  # this process may have been started with any hash seed, the sandbox has its own
        each["warnings"] = [text for text in each["warnings"] if text != HASH_SEED_WARNING]
    assert all(each == told[0] for each in told)


def test_a_result_draws_itself_and_holds_no_market() -> None:
    market = MarketHistory.from_frames({"BTC": frame()})
    result = backtest(market, Once, progress=False)
    held = weakref.ref(market)
    del market
    gc.collect()
    assert held() is None
    kept = pickle.loads(pickle.dumps(result))
    assert set(kept.prices) == {"BTC"}
    assert kept.plot().html == result.plot().html
    assert len(kept.equity_frame) == len(result.equity_frame) > 1_000


SPY = """
import os
class Spy:
    def should_trade(self, data):
        log(str(os.getpid()) if hasattr(os, "getpid") else "locked up")
        return None
"""


def test_a_sandbox_is_what_source_text_is_in() -> None:
    def lines(**options: Any) -> set[str]:
        result = backtest({"BTC": frame()}, SPY, **options)
        return {line for entry in result.trigger_log for line in entry["logs"]} | {str(result.error)}

    assert lines(trust=True) == {str(os.getpid()), "None"}
    assert str(os.getpid()) not in lines()


def test_what_was_done_to_frames_is_among_the_warnings() -> None:
    warnings = backtest({"BTC": frame().iloc[::-1].drop(columns="Volume")}, Once).warnings
    assert "BTC: the rows of the frame were not in order of time; they were sorted" in warnings
    assert "BTC: the frame has no column volume: the volume of every kline is taken as 0" in warnings


def test_funding_is_frames_or_the_field_of_that_name() -> None:
    rates = pd.Series(0.001, index=frame().index[[8, 16]])
    paid = backtest({"BTC": frame()}, Once, funding=rates)
    assert paid.funding_payments == 2
    assert paid.funding_received < 0.0
    assert paid.config["funding"] is True
    none = backtest({"BTC": frame()}, Once, funding=False)
    assert (none.funding_payments, none.config["funding"]) == (0, False)


def test_marks_and_features_come_beside_the_frames() -> None:
    seen = []

    class Looks:
        def should_trade(self, data: MarketData) -> None:
            mood = data.get_feature("mood", "BTC")
            seen.append((mood and mood["value"], data.get_price("BTC")))

    at = START_MS + 5 * HOUR_MS
    marks = TimedValues(np.array([at]), np.array([777.0]))
    mood = frame()["Close"].rename("mood")
    for data in ({"BTC": frame()}, frame()):
        seen.clear()
        backtest(data, Looks, symbols=["BTC"], mark=marks, features={"mood": mood})
        assert seen[4] == (106.0, 777.0)  # at 05:00 the value of 05:00 is known
        assert seen[5] == (107.0, 106.0)  # an hour later the mark is too old
    market = MarketHistory.from_frames({"BTC": frame()})
    seen.clear()
    backtest(market, Looks, features={"mood": mood})
    assert seen[0][0] == 102.0
    assert market.symbols["BTC"].feature_names == ()


def test_what_wakes_the_program_may_be_said() -> None:
    program = Once()
    backtest(frame(), program, scheduled_interval="4h")
    assert len(program.calls) == HOURS // 4
    program = Once()
    backtest(frame(), program, signals=[TriggerTimes("ASSET", [START_MS + HOUR_MS])])
    assert program.calls == [START_MS + HOUR_MS]
    result = backtest(frame(), Once, scheduled_interval=None)
    assert result.error is not None
    assert "nothing ever triggered" in result.error


def test_processes_of_ones_own_are_prepared() -> None:
    def outage(simulation: Simulation) -> Any:
        yield simulation.at(simulation.start_ms)
        simulation.exchange.reject_orders("outage")

    result = backtest(frame(), Once, prepare=lambda simulation: simulation.process(outage))
    assert set(result.rejections) == {"outage"}


def test_a_database_tells_what_is_not_said(any_database_url: str) -> None:
    database = open_database(any_database_url, create=True)
    create_database(database)
    market = MarketHistory.from_frames({"BTC": frame(), "ETH": frame(Close=RISING + 0.5)})
    for symbol, history in market.symbols.items():
        write_klines(database, "binance", symbol, "1h", history.base.columns)
    of_frames = backtest(market, Once, exchange="binance")
    for data in (any_database_url, database):
        result = backtest(data, Once)
        assert (result.config["exchange"], result.config["symbols"]) == ("binance", ["BTC", "ETH"])
        assert result.to_dict(timing=False) == of_frames.to_dict(timing=False)
    with open_workspace(any_database_url) as workspace:
        only = backtest(workspace, Once, symbols="ETH", start_time="2024-01-01T12:00:00Z")
        assert (only.config["symbols"], only.start_time) == (["ETH"], START_MS + 12 * HOUR_MS)
    with pytest.raises(ConfigurationError, match="holds no klines of SOL on binance"):
        backtest(any_database_url, Once, symbols=["SOL"])
    with pytest.raises(ConfigurationError, match="funding: belongs to frames; a database has its own"):
        backtest(any_database_url, Once, funding=frame())


def test_a_result_may_be_kept(any_database_url: str) -> None:
    database = open_database(any_database_url, create=True)
    create_database(database)
    result = backtest({"BTC": frame()}, Once, save=any_database_url, prepare=lambda simulation: None)
    assert restored_result(database, 1).figures() == result.figures()
    with open_workspace(any_database_url) as workspace:
        backtest({"BTC": frame()}, Once, save=workspace)
    backtest({"BTC": frame()}, Once, save=database)
    assert restored_result(database, 3).total_pnl == restored_result(database, 2).total_pnl == result.total_pnl


WRONG: dict[str, tuple[Any, Any, dict[str, Any], str]] = {
    "a field": (frame(), Once, {"fee_rat": 1}, "fee_rat: there is no such field; did you mean fee_rate?"),
    "a keyword": (frame(), Once, {"progess": False}, "progess: there is no such field; did you mean progress?"),
    "no name": (frame(), Once, {"zzz": 1}, "zzz: there is no such field"),
    "a value": (frame(), Once, {"fee_rate": 99}, "fee_rate: 99 is out of range: at least 0, at most 10"),
    "symbols of a frame": (frame(), Once, {"symbols": ["A", "B"]}, "symbols: one frame holds one symbol"),
    "a symbol": ({"BTC": frame()}, Once, {"symbols": ["ETH"]}, "symbols: there are no klines of 'ETH'; there are BTC"),
    "a number as symbols": ({"BTC": frame()}, Once, {"symbols": 5}, "symbols: 5 is no list of symbols"),
    "a number as a symbol": (frame(), Once, {"symbols": [5]}, "symbols: 5 is no name"),
    "no symbol": (frame(), Once, {"symbols": []}, "symbols: names no symbol"),
    "several periods": (frame(), Once, {"base_period": ["1h"]}, "base_period: ['1h'] is not one of 1m, 3m"),
    "a number as an exchange": ("sqlite:///none.db", Once, {"exchange": 5}, "exchange: 5 is no name"),
    "closes alone": (frame()["Close"], Once, {}, "ASSET: there is no column open (there: Close)"),
    "a list of features": (frame(), Once, {"features": [1]}, "features: [1] is no dict of tables by name"),
    "a number as a feature": (
        frame(),
        Once,
        {"features": {"a": 1}},
        "feature a: 1 is no table: give a frame, or a dict",
    ),
    "a list as a feature": (
        frame(),
        Once,
        {"features": {"a": [1, 2]}},
        "feature a: [1, 2] is no table: give a frame, or a dict",
    ),
    "a number as signals": (frame(), Once, {"signals": 3}, "signals: 3 is no list of trigger sources"),
    "one source": (frame(), Once, {"signals": TriggerTimes("BTC", [START_MS])}, "is one source: give a list, [source]"),
    "a number as models": (
        frame(),
        Once,
        {"models": 3},
        "models: a int is no ExecutionModels: models=ExecutionModels(",
    ),
    "a number as rules": (frame(), Once, {"rules": 3}, "rules: a int is no VenueRules: rules=VenueRules(...)"),
    "cash": (frame(), Once, {"cash": 3}, "cash: there is no such field; initial_balance has it"),
    "a commission": (
        frame(),
        Once,
        {"commission": 0.1},
        "commission: there is no such field; fee_rate has it, in percent",
    ),
    "a leverage": (frame(), Once, {"leverage": 3}, "leverage: there is no such field; each Decision has its own"),
    "a period": (frame(), Once, {"base_period": "4h"}, "base_period: the klines are 1h ones: leave it out, or give 1h"),
    "a number": (5, Once, {}, "data: 5 is none of a pandas frame, a dict of them by symbol, the URL of a database"),
    "nothing": (None, Once, {}, "data: None is none of a pandas frame"),
    "a file": ("btc.csv", Once, {}, "data: btc.csv is a file: read it into a frame (pd.read_csv, pd.read_parquet)"),
    "no database": ("sqlite:///none.db", Once, {}, "there is no database file"),
    "a number as a program": (frame(), 5, {}, "strategy: 5 has no method should_trade"),
    "no program": (frame(), "nothing", {}, "strategy: 'nothing' is no file of a program, whose name ends in .py"),
    "no file": (frame(), Path("none.py"), {}, "strategy: none.py cannot be read"),
    "a text without a class": (frame(), "x = 1\ny = 2", {}, "there is no class with a method should_trade(self, data)"),
    "frames of a market": (
        MarketHistory.from_frames(frame()),
        Once,
        {"period": "1h"},
        "period: belongs to frames; a MarketHistory has its own",
    ),
    "pools": (frame(), Once, {"signal_pool_ids": [1]}, "signal_pool_ids: the pools were not loaded"),
    "a frame": (frame(Close=None), Once, {}, "ASSET: row 0 (df.iloc[0], 2024-01-01 00:00:00 UTC): Close is missing"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_run_is_refused_with_a_sentence(name: str) -> None:
    data, strategy, fields, text = WRONG[name]
    with pytest.raises(PerpsimError) as raised:
        backtest(data, strategy, **fields)
    assert text in str(raised.value)


def test_a_program_that_fails_later_fails_in_the_result() -> None:
    class Fails:
        def should_trade(self, data: MarketData) -> None:
            raise ValueError("my own mistake")

    result = backtest(frame(), Fails)
    assert not result.success
    assert "my own mistake" in str(result.error)


def test_the_database_to_keep_it_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no database file"):
        backtest(frame(), Once, save=f"sqlite:///{tmp_path / 'none.db'}")
    assert open_database(tmp_path / "one.db", create=True).name


class Tight:
    """Buys whenever it can, with exits that many a kline touches both of; it prints, and counts what it is asked."""

    def __init__(self) -> None:
        self.calls = 0

    def should_trade(self, data: MarketData) -> Decision | None:
        self.calls += 1
        price = data.get_price("ASSET")
        print("asked")
        if data.positions or price is None:
            return None
        exits = {"take_profit_price": price + 1.0, "stop_loss_price": price - 1.0}
        return Decision("buy", "ASSET", target_portion_of_balance=0.5, leverage=1, **exits)


WIDE = {"High": RISING + 3.0, "Low": RISING - 3.0}


def test_ambiguous_klines_give_a_range_and_what_a_class_prints_for_it_is_dropped(
    capsys: pytest.CaptureFixture[str],
) -> None:
    result = backtest(frame(**WIDE), Tight)
    assert capsys.readouterr().out == "asked\n" * HOURS
    assert result.ambiguous_klines > 10
    assert result.pnl_low == result.total_pnl
    assert result.pnl_high is not None
    assert result.pnl_high > 0.0 > result.pnl_low
    alone = backtest(frame(**WIDE), Tight, pnl_range=False)
    assert alone.pnl_low is None
    assert alone.digest == result.digest


def test_what_may_remember_a_run_is_run_once_unless_the_range_is_asked_for() -> None:
    program, prepared = Tight(), []
    alone = backtest(frame(**WIDE), program)
    assert alone.pnl_low is None
    assert "may remember the run: pnl_range=True makes the others all the same" in alone.warnings[-1]
    assert program.calls == HOURS
    assert backtest(frame(**WIDE), Tight, prepare=prepared.append).pnl_low is None
    assert len(prepared) == 1
    asked = backtest(frame(**WIDE), Tight(), prepare=prepared.append, pnl_range=True)
    assert len(prepared) == 4
    assert asked.pnl_low == asked.total_pnl


def test_a_saved_result_has_its_range_and_one_without_has_none(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    create_database(open_database(path, create=True))
    for wanted in (True, False):
        backtest(frame(**WIDE), Tight, save=path, pnl_range=wanted)
    ranged, alone = (restored_result(open_database(path), number) for number in (1, 2))
    assert ranged.pnl_low == ranged.total_pnl
    assert alone.pnl_low is None
    assert alone.undefined["pnl_low"] == "not asked for"
