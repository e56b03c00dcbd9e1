"""The orders of a run as columns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from adapters.orders import OrderColumns, order_columns
from engine import BacktestResult, Decision, MarketHistory, SymbolHistory
from tests.support.runs import buy, run_script, walk


def rows(columns: OrderColumns, what: str, *names: str) -> list[tuple[Any, ...]]:
    return [*zip(*(columns[what][name] for name in names), strict=True)]


def ran(script: dict[float, Any], minutes: int = 100) -> tuple[BacktestResult, OrderColumns, MarketHistory]:
    history = MarketHistory([SymbolHistory("X", walk(600, volatility=0.0005))])
    _, _, result = run_script(history, script, minutes)
    columns = order_columns(result, lambda symbol, marks: history.symbols[symbol].watch("1m"))
    assert columns is not None
    return result, columns, history


def test_fills_know_their_position_trade_and_trigger() -> None:
    result, columns, _ = ran(
        {
            10: lambda data: buy(portion=0.2),
            20: lambda data: buy(portion=0.2),
            30: lambda data: Decision("close", "X", target_portion_of_balance=0.5),
            40: lambda data: Decision("close", "X"),
            50: lambda data: buy(portion=0.2, max_holding_seconds=600),
            80: lambda data: buy(portion=0.2),
        }
    )
    found = rows(columns, "fills", "purpose", "sign", "position", "trade", "trigger")
    at = {record["timestamp"]: record["index"] for record in result.trigger_log}
    asked = [at[fill.origin.decided_at] for fill in result.fill_records if fill.origin is not None]
    assert found == [
        ("entry", 1, 0, None, asked[0]), ("entry", 1, 0, None, asked[1]),
        ("decision", -1, 0, 0, asked[2]), ("decision", -1, 0, 1, asked[3]),
        ("entry", 1, 1, None, asked[4]), ("time", -1, 1, 2, asked[4]), ("entry", 1, 2, None, asked[5]),
    ]  # fmt: skip
    assert [*columns["fills"]["price"]] == [fill.price for fill in result.fill_records]


def test_exits_stand_until_they_are_changed_or_the_position_is_gone() -> None:
    levels = (200.0, 50.0, 60.0)
    result, columns, _ = ran(
        {
            10: lambda data: buy(take_profit_price=levels[0], stop_loss_price=levels[1], tag="a"),
            20: lambda data: Decision("amend", "X", tag="a", stop_loss_price=levels[2]),
            30: lambda data: Decision("close", "X"),
            40: lambda data: buy(stop_loss_price=levels[1]),
        }
    )
    start = result.start_time
    found = rows(columns, "exits", "start", "end", "take_profit", "stop_loss")
    minutes = [((begin - start) // 60_000, (end - start) // 60_000, *rest) for begin, end, *rest in found[::-1]]
    assert minutes == [(10, 20, *levels[:2]), (20, 30, levels[0], levels[2]), (40, 100, None, levels[1])]


def test_a_trailing_stop_stands_behind_the_best_price_so_far() -> None:
    result, columns, history = ran({10: lambda data: buy(trailing_stop_percent=0.3)}, 300)
    (trade,) = result.trades
    klines = history.symbols["X"].base.columns
    found = rows(columns, "levels", "time", "level")
    assert found[0] == (trade.entry_timestamp, trade.entry_price * 0.997)
    for at, level in found[1:]:
        seen = (klines.open_ms >= trade.entry_timestamp) & (klines.open_ms + 60_000 <= at)
        assert level == max(trade.entry_price, float(klines.high[seen].max())) * 0.997
    assert trade.exit_reason == "trailing"
    assert found[-1][1] >= trade.exit_price
    assert {row[0] for row in rows(columns, "levels", "exit")} == {0}


def test_a_result_without_notes_has_no_columns() -> None:
    result, _, _ = ran({10: lambda data: buy()})
    assert order_columns(replace(result, order_notes=None)) is None
    assert order_columns(replace(result, fill_records=())) is None
