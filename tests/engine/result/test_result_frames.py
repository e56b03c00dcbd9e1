"""A result as frames: what they hold is what the result holds, and the types are right without rows too."""

from __future__ import annotations

import calendar
import math
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from adapters import synthetic_klines
from engine import BacktestResult, DataError, MarketHistory
from tests.support.eventful_run import eventful_result
from tests.support.runs import (
    DAY,
    MINUTE,
    START,
    Hold,
    buy,
    close,
    config,
    klines,
    market,
    run,
    run_script,
    sell,
    wired,
)

FRAMES = ("trades_frame", "fills_frame", "triggers_frame", "equity_frame", "monthly_returns", "records_frame")


@pytest.fixture(scope="module")
def result() -> BacktestResult:
    return eventful_result()


@pytest.fixture(scope="module")
def empty() -> BacktestResult:
    """A run without a trade, a fill or a trigger."""
    return wired(market(X=klines(100.0, 100.0, 100.0)), config(Hold(), 2, scheduled_interval=None)).run()


def at(time_ms: int) -> pd.Timestamp:
    return pd.Timestamp(time_ms, unit="ms", tz="UTC")


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_without_rows_has_the_same_types(name: str, result: BacktestResult, empty: BacktestResult) -> None:
    full, none = getattr(result, name), getattr(empty, name)
    if name in ("trades_frame", "fills_frame", "triggers_frame"):
        assert len(none) == 0 < len(full)
    assert none.dtypes.to_dict() == full.dtypes.to_dict()
    assert none.index.dtype == full.index.dtype


def test_a_row_of_trades_is_a_record(result: BacktestResult) -> None:
    frame = result.trades_frame
    assert len(frame) == len(result.trades)
    for place, trade in enumerate(result.trades):
        row, values = frame.iloc[place], trade.to_dict()
        for name, value in values.items():
            if name.endswith("timestamp"):
                assert row[name] == at(value)
            elif name == "triggered_signals":
                assert row[name] == "; ".join(value)
            else:
                assert row[name] == value or (value is None and math.isnan(row[name])), name
        assert row["holding"] == pd.Timedelta(trade.holding_ms, "ms")
    assert str(frame.dtypes["exit_timestamp"]) == "datetime64[ms, UTC]"
    assert frame.dtypes["pnl"] == np.float64


def test_the_fills_add_up_to_the_money_of_the_result(result: BacktestResult) -> None:
    frame = result.fills_frame
    exits = frame[frame["reason"] != "entry"]
    assert len(frame) == result.fills
    assert frame["fee"].sum() == pytest.approx(result.fees_paid)
    assert (frame["size"] * frame["price"]).sum() == pytest.approx(frame["notional"].sum())
    assert frame["notional"].sum() == pytest.approx(result.turnover_usd)
    assert exits["pnl"].tolist() == [trade.pnl for trade in result.trades]
    assert exits["reason"].tolist() == [trade.exit_reason.value for trade in result.trades]
    assert exits["timestamp"].tolist() == [at(trade.exit_timestamp) for trade in result.trades]
    assert frame[frame["reason"] == "entry"]["pnl"].isna().all()
    assert frame["timestamp"].is_monotonic_increasing


def test_a_fill_tells_its_order_tag_decision_and_who_waited() -> None:
    """Bought at a limit that rests, with a tag, and sold by a decision."""
    limit = {"max_price": 99.0, "time_in_force": "Gtc", "tag": "bid", "reason": "cheap"}
    _, _, result = run_script(
        market(X=klines(*[100.0] * 2, (100.0, 100.0, 98.0, 99.0), *[99.0] * 3)), {1: buy(**limit), 4: close()}, 5
    )
    entry, exit_ = (row for _, row in result.fills_frame.iterrows())
    assert (entry["liquidity"], entry["tag"], entry["reason"], entry["price"]) == ("maker", "bid", "entry", 99.0)
    assert (entry["decided_at"], entry["operation"], entry["decision_reason"]) == (at(START + MINUTE), "buy", "cheap")
    assert (entry["timestamp"], entry["side"], entry["symbol"]) == (at(START + 3 * MINUTE), "buy", "X")
    assert (exit_["liquidity"], exit_["reason"], exit_["side"]) == ("taker", "decision", "sell")
    assert exit_["order_id"] > entry["order_id"]
    assert (entry["margin"], entry["trigger_type"]) == (pytest.approx(entry["notional"]), "scheduled")


def test_a_row_of_triggers_is_an_entry_of_the_log(result: BacktestResult) -> None:
    frame = result.triggers_frame
    assert len(frame) == result.total_triggers
    assert frame["is_quiet"].sum() == result.quiet_triggers
    for place, entry in enumerate(result.trigger_log):
        row = frame.loc[place]
        decision, order = entry["decision"] or {}, entry.get("order", {})
        assert row["timestamp"] == at(entry["timestamp"])
        assert (row["equity_before"], row["equity_after"]) == (entry["equity_before"], entry["equity_after"])
        assert (row["operation"], row["decided_symbol"]) == (decision.get("operation", ""), decision.get("symbol", ""))
        assert row["order_status"] == order.get("status", "")
        assert row["order_id"] == order["order_id"] if order else row["order_id"] is pd.NA
        assert row["fills"] == len(order.get("fills", ()))


def test_the_curve_is_there_minute_by_minute(result: BacktestResult) -> None:
    frame, curve = result.equity_frame, result.equity
    assert len(frame) == len(curve) == (result.end_time - result.start_time) // MINUTE + 1
    assert frame.index.name == "timestamp"
    assert (str(frame.index.dtype), frame.index[-1]) == ("datetime64[ms, UTC]", at(result.end_time))
    for name in ("equity", "balance", "drawdown"):
        assert frame[name].tolist() == getattr(curve, name).tolist()
    assert (frame["balance"] + frame["unrealized_pnl"]).tolist() == pytest.approx(frame["equity"].tolist())
    assert frame["drawdown_percent"].max() == pytest.approx(result.max_drawdown_percent)
    assert (frame["notional"] > 0).mean() * 100 == pytest.approx(result.exposure_percent, abs=0.1)


def test_the_notional_is_what_is_held_long_and_short() -> None:
    rows = market(X=klines(100.0, 100.0, 110.0, 120.0, 120.0), Y=klines(50.0, 50.0, 40.0, 40.0, 40.0))
    _, _, result = run_script(rows, {1: [buy(portion=0.5), sell("Y", portion=0.25)], 3: close()}, 4)
    longs, shorts = result.fill_records[:2]
    both = longs.size * 100.0 + shorts.size * 50.0
    held = [0.0, both, both, shorts.size * 40.0, shorts.size * 40.0]  # of a minute: what had closed until then
    assert result.equity_frame["notional"].tolist() == pytest.approx(held)


class Turns:
    """Long or short by the day of the year, in and out all the time."""

    def should_trade(self, data):
        day = int((data.timestamp - START) // DAY)
        if data.positions:
            return close()
        return buy(portion=0.9, leverage=3) if day % 3 else sell(portion=0.9, leverage=3)


@pytest.fixture(scope="module")
def years() -> BacktestResult:
    """Fourteen months from noon of 20 November 2023 on, until five in the morning."""
    begin = START - 42 * DAY + DAY // 2
    days = 430
    base = synthetic_klines("X", begin, days * 1440, 5)
    end = begin + (days - 1) * DAY - 7 * 3_600_000
    times = {"start_time": begin, "end_time": end, "scheduled_interval": "8h"}
    return run(MarketHistory.from_klines({"X": base}), Turns, 1, **times)


def test_monthly_returns_are_those_of_a_slow_walk_over_the_minutes(years: BacktestResult) -> None:
    moments = [datetime.fromtimestamp(time / 1_000, UTC) for time in years.equity.timestamp_ms.tolist()]
    equity = dict(zip(moments, years.equity.equity.tolist(), strict=True))
    first, last = moments[0], moments[-1]
    table = years.monthly_returns
    assert table.index.tolist() == [2023, 2024, 2025]
    assert table.columns.tolist() == [*list(calendar.month_abbr)[1:], "Year"]
    for year in table.index:
        grown = 1.0
        for month in range(1, 13):
            begin = max(datetime(year, month, 1, tzinfo=UTC), first)
            end = min(datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC), last)
            found = table.loc[year, calendar.month_abbr[month]]
            if begin >= end:
                assert math.isnan(found)
                continue
            assert found == pytest.approx(100 * (equity[end] / equity[begin] - 1))
            grown *= equity[end] / equity[begin]
        assert table.loc[year, "Year"] == pytest.approx(100 * (grown - 1))
    whole = np.prod(1 + table["Year"] / 100) - 1
    assert 100 * whole == pytest.approx(years.total_pnl_percent)


def test_months_after_ruin_have_no_return() -> None:
    minutes = 40 * 1440
    rows = [100.0] * 1_000 + [10.0] * (minutes - 1_000)
    fields = {"liquidation": False, "scheduled_interval": "1h"}
    _, _, result = run_script(market(X=klines(*rows)), {60: buy(portion=0.9, leverage=5)}, minutes, **fields)
    assert result.ruined_at is not None
    table = result.monthly_returns
    assert table.loc[2024, "Jan"] < -100
    assert math.isnan(table.loc[2024, "Feb"])


def test_daily_returns_are_dated_without_a_zone(years: BacktestResult) -> None:
    series = years.daily_returns
    assert (series.name, series.index.tz, len(series)) == ("Turns", None, years.return_count)
    assert series.index[0] == pd.Timestamp("2023-11-20")
    assert (series.index.is_unique, series.index.is_monotonic_increasing) == (True, True)
    equity = years.equity_frame["equity"]
    marks = [equity.iloc[0], *equity[equity.index.normalize() == equity.index].iloc[:], equity.iloc[-1]]
    assert series.tolist() == pytest.approx((np.diff(marks) / marks[:-1]).tolist())
    assert np.sqrt(365) * series.mean() / series.std() == pytest.approx(years.sharpe_ratio)
    assert (years.best_day_percent, years.worst_day_percent) == (100 * series.max(), 100 * series.min())
    assert (years.winning_days, years.losing_days) == ((series > 0).sum(), (series < 0).sum())
    assert years.omega_ratio == pytest.approx(series[series > 0].sum() / -series[series < 0].sum())


@pytest.mark.parametrize("word", ["symbol", "side", "exit_reason", "pool", "month", "weekday"])
def test_the_trades_part_by_part(word: str, result: BacktestResult) -> None:
    frame, trades = result.by(word), result.trades_frame
    keys = {
        "pool": trades["pool_name"].where(trades["pool_name"] != "", trades["trigger_type"]),
        "month": trades["exit_timestamp"].dt.strftime("%Y-%m"),
        "weekday": trades["exit_timestamp"].dt.day_name(),
        "exit_reason": [trade.exit_reason.label for trade in result.trades],
    }
    expected = trades.groupby(keys.get(word, trades.get(word)))
    assert frame.index.name == word
    for column, of in (("pnl", "pnl"), ("fees", "fee"), ("funding", "funding")):
        assert frame[column].to_dict() == pytest.approx(expected[of].sum().to_dict())
    assert frame["total_trades"].to_dict() == expected.size().to_dict()
    assert frame["avg_pnl"].to_dict() == pytest.approx(expected["pnl"].mean().to_dict())
    held = expected["holding"].mean()
    assert all(abs(frame["avg_holding_ms"][part] - held[part]) <= pd.Timedelta(1, "ms") for part in frame.index)


def test_another_word_is_refused_with_those_that_exist(result: BacktestResult, empty: BacktestResult) -> None:
    with pytest.raises(ValueError, match="by 'strategy': by symbol, side, exit_reason, pool, month, weekday"):
        result.by("strategy")
    with pytest.raises(ValueError, match=r"there is no breakdown by \['side'\]"):
        result.by(["side"])  # type: ignore[arg-type]
    assert len(empty.by("side")) == 0
    assert empty.by("side").dtypes.to_dict() == result.by("side").dtypes.to_dict()


def test_a_file_that_cannot_be_written_is_told(result: BacktestResult, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=f"{tmp_path} cannot be written: Is a directory"):
        result.to_json(tmp_path)


def test_a_tear_sheet_without_quantstats_says_what_to_install(result: BacktestResult, tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "quantstats", None)
    with pytest.raises(ImportError, match="pip install quantstats"):
        result.tearsheet(tmp_path / "sheet.html")


def test_quantstats_writes_a_tear_sheet_and_agrees(years: BacktestResult, tmp_path) -> None:
    quantstats = pytest.importorskip("quantstats")
    years.tearsheet(tmp_path / "sheet.html")
    assert (tmp_path / "sheet.html").stat().st_size > 100_000
    assert quantstats.stats.sharpe(years.daily_returns, periods=365) == pytest.approx(years.sharpe_ratio)
