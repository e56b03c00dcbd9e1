"""A stored result is given back as the object that was stored."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select, update

from adapters import create_database, open_database, synthetic_klines
from adapters.database import backtest_details, backtest_trades
from adapters.report.memory_description import describe_result
from adapters.results import ResultStore, restored_result
from engine import (
    BacktestConfig,
    BacktestResult,
    DataError,
    Decision,
    IndicatorCondition,
    MarketData,
    MarketHistory,
    SignalDefinition,
    SignalPool,
)
from engine.periods import DAY_MS, HOUR_MS, MINUTE_MS
from processes import PoolSource, ProgramBacktestEngine

START_MS = 1_704_067_200_000
#: What results have had only since some version.
LATER = ("sqn", "exit_tag", "digest", "engine_version", "journal_head")


class Busy:
    """Does something of every kind: brackets, logs, records, wrong orders, and holds."""

    def __init__(self) -> None:
        self.calls = 0

    def should_trade(self, data: MarketData) -> Any:
        self.calls += 1
        data.record("calls", float(self.calls))
        price = data.get_price("BTC")
        if self.calls % 7 == 0:
            return Decision("hold", "BTC", reason="nothing to do")
        if self.calls % 5 == 0:
            return Decision("buy", "NONE", target_portion_of_balance=0.5)
        if data.positions:
            return None
        side = "buy" if self.calls % 2 else "sell"
        sign = 1 if side == "buy" else -1
        return Decision(
            side,
            "BTC",
            target_portion_of_balance=0.3,
            leverage=2,
            take_profit_price=price * (1 + sign * 0.004),
            stop_loss_price=price * (1 - sign * 0.004),
            reason=f"call {self.calls}",
            tag="a tag",
        )


def stored(url: str, days: int = 2, interval: str = "1h", all_triggers: bool = True) -> BacktestResult:
    """Run a program for some days, store the result and return it."""
    database = open_database(url, create=True)
    create_database(database)
    market = MarketHistory.from_klines({"BTC": synthetic_klines("BTC", START_MS, days * 1_440, seed=11)})
    config = BacktestConfig(
        strategy=Busy,
        symbols=["BTC"],
        start_time=START_MS + 6 * HOUR_MS,
        end_time=START_MS + days * DAY_MS,
        scheduled_interval=interval,
        params={"a": [1, 2.5, None], "b": {"c": True}},
        signal_pool_ids=[4],
    )
    condition = IndicatorCondition("indicator:RSI14", "<", 45.0, "15m")
    pool = SignalPool(4, "low", (SignalDefinition(1, "RSI", condition),), ("BTC",))
    engine = ProgramBacktestEngine(market, [PoolSource(pool)])
    with ResultStore(database).saving(config, all_triggers=all_triggers) as run:
        result = engine.run(config, lambda _: run.save_triggers(), run.watch, record_queries=True, record_journal=True)
        run.complete(result)
    return result


def test_it_equals_the_original_in_all_that_is_stored(any_database_url: str) -> None:
    original = stored(any_database_url)
    found = restored_result(open_database(any_database_url, read_only=True), 1)
    assert original.total_trades > 5
    assert found.figures() == original.figures()
    assert list(found.trades) == list(original.trades)
    assert found.config == original.config
    assert found.equity_curve == original.equity_curve
    assert found.records_dict() == original.records_dict()
    assert len(found.trigger_log) == len(original.trigger_log)
    assert [*found.trigger_log] == [*original.trigger_log]
    assert found.triggers_frame.equals(original.triggers_frame)
    assert [each["index"] for each in found.trigger_log.eventful()] == [
        each["index"] for each in original.trigger_log.eventful()
    ]
    assert found.to_dict() == original.to_dict()
    assert found.digest == original.digest
    assert found.identity() == original.identity()
    assert (found.journal, found.journal_head) == (None, original.journal_head)
    assert original.journal_head is not None
    assert {each["trigger_type"] for each in found.trigger_log} == {"scheduled", "signal"}


def test_of_quiet_triggers_that_are_not_stored_it_knows_the_number(any_database_url: str) -> None:
    original = stored(any_database_url, all_triggers=False)
    found = restored_result(open_database(any_database_url), 1)
    assert [*found.trigger_log] == [*found.trigger_log.eventful()] == [*original.trigger_log.eventful()]
    assert found.total_triggers - len(found.trigger_log) == found.quiet_triggers == original.quiet_triggers > 0
    assert found.triggers_frame.index.tolist() == [each["index"] for each in found.trigger_log]
    assert found.to_dict() == original.to_dict()


def test_its_curve_answers_as_the_whole_one(any_database_url: str) -> None:
    original = stored(any_database_url, days=1)  # of which every minute is stored
    curve, whole = restored_result(open_database(any_database_url), 1).equity, original.equity
    assert len(curve) == len(whole)
    for name in ("timestamp_ms", "equity", "balance", "drawdown"):
        assert np.array_equal(getattr(curve, name), getattr(whole, name))
    assert (curve.final, curve.falls, curve.ruined_at) == (whole.final, whole.falls, whole.ruined_at)
    assert (curve.worst_intrabar, curve.minutes_open) == (whole.worst_intrabar, whole.minutes_open)
    assert curve.minutes_in == whole.minutes_in
    for one, other in zip(curve.daily(), whole.daily(), strict=True):
        assert np.array_equal(one, other)
    parts = [*curve.parts(100)]
    assert np.array_equal(np.concatenate([part.equity for part in parts]), whole.equity)


def test_a_long_one_has_the_points_that_are_stored(any_database_url: str) -> None:
    original = stored(any_database_url, days=6, interval="4h")
    found = restored_result(open_database(any_database_url), 1)
    assert len(found.equity) == len(original.equity_curve) <= 2_000 < len(original.equity)
    assert found.equity_curve == original.equity_curve
    assert found.equity.equity.min() == original.equity.equity.min()
    for one, other in zip(found.equity.daily(), original.equity.daily(), strict=True):
        assert one.tolist() == other.tolist()
    assert found.daily_returns.equals(original.daily_returns)
    assert found.monthly_returns.equals(original.monthly_returns)


def test_a_result_of_a_version_without_daily_equity_takes_the_last_point(any_database_url: str) -> None:
    original = stored(any_database_url, days=6, interval="4h")
    database = open_database(any_database_url)
    with database.writing() as connection:
        text = json.loads(connection.execute(select(backtest_details.c.result)).scalar_one())
        del text["daily_equity"]
        connection.execute(update(backtest_details).values(result=json.dumps(text)))
    times, equity = restored_result(database, 1).equity.daily()
    assert times.tolist() == original.equity.daily()[0].tolist()
    assert equity[-1] == original.final_equity


@pytest.mark.parametrize("days", [1, 6])
def test_its_frames_have_what_is_stored(any_database_url: str, days: int) -> None:
    original = stored(any_database_url, days=days, interval="4h")
    found = restored_result(open_database(any_database_url), 1)
    assert original.fills > 0
    frame, whole = found.equity_frame, original.equity_frame.loc[found.equity_frame.index]
    assert frame.notional.isna().all()
    assert frame.drop(columns="notional").equals(whole.drop(columns="notional"))
    with pytest.raises(DataError, match=f"none of the {original.fills} fills is stored: run it again, or see trades_"):
        _ = found.fills_frame


def test_it_can_be_copied_and_sent(any_database_url: str) -> None:
    stored(any_database_url)
    found = restored_result(open_database(any_database_url), 1)
    for other in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):
        assert other.to_dict() == found.to_dict()
        assert np.array_equal(other.equity.equity, found.equity.equity)


def test_a_run_without_figures_says_why(any_database_url: str) -> None:
    database = open_database(any_database_url, create=True)
    create_database(database)
    config = BacktestConfig(strategy=Busy, symbols=["BTC"], start_time=START_MS, end_time=START_MS + MINUTE_MS)
    run = ResultStore(database).begin(config)
    with pytest.raises(DataError, match="result 1 has no figures, its status is running"):
        restored_result(database, run.run_id)
    run.fail("it went wrong")
    with pytest.raises(DataError, match="result 1 has no figures, its status is error: it went wrong"):
        restored_result(database, run.run_id)


def test_what_a_version_did_not_store_has_its_absence(any_database_url: str) -> None:
    original = stored(any_database_url)
    database = open_database(any_database_url)
    with database.writing() as connection:
        for table, column in ((backtest_details, "result"), (backtest_trades, "trade")):
            for text in connection.execute(select(table.c[column])).scalars().all():
                entry = {name: value for name, value in json.loads(text).items() if name not in LATER}
                renamed = json.dumps({**entry, "of another version": 1})
                connection.execute(update(table).where(table.c[column] == text).values({column: renamed}))
    found = restored_result(database, 1)
    assert found.identity() == dict.fromkeys(("digest", "engine_version", "journal_head"))
    assert found.to_dict()["digest"] is None
    with pytest.raises(DataError, match="fills is stored: run it again, which gives the digest"):
        _ = found.digest
    assert original.sqn is not None
    assert found.sqn is None
    assert {trade.exit_tag for trade in found.trades} == {""}
    assert found.total_pnl == original.total_pnl


def test_its_page_is_that_of_the_run(any_database_url: str) -> None:
    original = stored(any_database_url)
    found = restored_result(open_database(any_database_url), 1)
    page, whole = describe_result(found), describe_result(original)
    assert page.trade_columns() == whole.trade_columns()
    assert page.trade_columns()["lines"]["kind"]
    assert page.marks_note == ""
    assert page.triggers() == whole.triggers()
    assert page.rows
    assert "srcdoc" in found.plot()._repr_html_()
