"""What is marked on a price chart."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from adapters.orders import order_columns
from adapters.report.trades.trade_lines import lines_of
from adapters.report.trades.trade_marks import Marks, marks_of
from engine import Decision, MarketData, MarketHistory, SymbolHistory
from engine.market import aggregate
from engine.plain_values import plain
from tests.support.runs import MINUTE, START, buy, run, run_script, walk


def rows(columns: Marks, *names: str) -> list[tuple[Any, ...]]:
    return [*zip(*(columns[name].tolist() for name in names), strict=True)]


SCRIPT = {
    10: lambda data: buy(portion=0.2, stop_loss_price=50.0),
    15: lambda data: buy(portion=7.0),
    20: lambda data: buy(portion=0.2, reason="more"),
    30: lambda data: Decision("close", "X", target_portion_of_balance=0.5, reason="half"),
    40: lambda data: Decision("close", "X"),
    50: lambda data: buy(portion=0.2),
}


def drawn(with_orders: bool) -> tuple[Any, Marks, Any]:
    history = MarketHistory([SymbolHistory("X", walk(600, volatility=0.0005))])
    _, _, result = run_script(history, SCRIPT, 100)
    trades, figures = [each.to_dict() for each in result.trades], plain(result.figures())
    orders = order_columns(result) if with_orders else None
    return result, marks_of(trades, (), figures, orders), lines_of(trades, (), figures, orders)


def test_every_fill_and_order_is_marked_and_what_is_open_at_the_end() -> None:
    result, marks, _ = drawn(True)
    assert rows(marks, "kind", "side", "trade", "position") == [
        ("entry", "long", 0, 0), ("rejected", "buy", None, None), ("add", "long", 0, 0), ("decision", "long", 0, 0),
        ("decision", "long", 1, 0), ("entry", "long", None, 1), ("open", "long", None, 1),
    ]  # fmt: skip
    fills = [row[:3] for row in rows(marks, "price", "size", "fee", "order") if row[3] is not None and row[0]]
    assert fills == [(fill.price, fill.size, fill.fee) for fill in result.fill_records]
    closing = [
        row for row in rows(marks, "pnl", "trade_fee", "funding", "text", "trade") if row[4] in (0, 1) and row[0]
    ]
    assert [row[:3] for row in closing] == [(each.pnl, each.fee, each.funding) for each in result.trades]
    assert closing[0][3] == "half"
    (held,) = result.open_positions
    assert rows(marks, "price", "pnl", "time")[-1] == (held["mark_price"], held["unrealized_pnl"], result.end_time)
    assert rows(marks, "text")[1] == ("portion out of range",)


def test_the_way_of_a_position_goes_from_fill_to_fill() -> None:
    result, _, lines = drawn(True)
    fills = result.fill_records
    ways = [row[1:] for row in rows(lines, "kind", "trade", "start", "end", "first", "last") if row[0] == "way"]
    steps = [(one.timestamp, two.timestamp, one.price, two.price) for one, two in pairwise(fills[:4])]
    (held,) = result.open_positions
    last = fills[-1].timestamp, result.end_time, fills[-1].price, held["mark_price"]
    assert ways == [(0, *steps[0]), (0, *steps[1]), (1, *steps[2]), (None, *last)]
    (stop,) = [row[1:] for row in rows(lines, "kind", "first", "start", "end") if row[0] == "stop"]
    assert stop == (50.0, fills[0].timestamp, fills[3].timestamp)


def test_without_orders_marks_are_what_trades_tell() -> None:
    result, marks, lines = drawn(False)
    first, second = result.trades
    assert rows(marks, "kind", "time", "trade") == [
        ("entry", first.entry_timestamp, 0), ("decision", first.exit_timestamp, 0),
        ("decision", second.exit_timestamp, 1), ("entry", result.open_positions[0]["opened_at"], None),
        ("open", result.end_time, None),
    ]  # fmt: skip
    assert [row[0] for row in rows(lines, "trade")] == [0, 1, None]


def test_a_reason_that_nobody_knows_is_marked_as_it_is() -> None:
    trade = {
        "timestamp": 1, "entry_timestamp": 1, "exit_timestamp": 2, "symbol": "X", "side": "long", "entry_price": 1.0,
        "exit_price": 1.0, "exit_reason": "delisting", "pnl": 0.0,
    }  # fmt: skip
    assert rows(marks_of([trade], (), {}, None), "kind", "pnl") == [("entry", None), ("delisting", 0.0)]


class Busy:
    """Trades in every way there is, one after another."""

    def init(self, params: dict[str, Any]) -> None:
        self.turn = 0

    def should_trade(self, data: MarketData) -> Decision | None:
        self.turn += 1
        price = data.get_price("X")
        if data.positions:
            return Decision("close", "X") if self.turn % 12 == 11 else None
        ways: tuple[dict[str, Any], ...] = (
            {"take_profit_price": price * 1.002, "stop_loss_price": price * 0.998},
            {"trailing_stop_percent": 0.2},
            {"max_holding_seconds": 150},
            {"max_price": price * 0.998, "time_in_force": "Gtc", "stop_loss_price": price * 0.99},
            {"trigger_price": price * 1.002, "take_profit_price": price * 1.004, "stop_loss_price": price * 0.99},
            {"leverage": 40},
        )
        return buy(**ways[self.turn // 12 % len(ways)])


EXITS = {"decision", "tp", "sl", "trailing", "time", "liquidation"}


FIELDS: list[dict[str, Any]] = [
    {}, {"execution_price": "open"}, {"execution_price": "vwap"}, {"volume_cap_percent": 2.0, "intrabar": "optimistic"}
]  # fmt: skip


@pytest.mark.parametrize("fields", FIELDS, ids=str)
def test_the_kline_that_a_fill_is_drawn_on_has_its_price(fields: dict[str, Any]) -> None:
    klines = walk(3_000, volatility=0.008)
    result = run(MarketHistory([SymbolHistory("X", klines)]), Busy, 2_900, **fields)
    marks = marks_of([each.to_dict() for each in result.trades], (), plain(result.figures()), order_columns(result))
    makers = {fill.order_id for fill in result.fill_records if fill.is_maker}
    fills = [row for row in rows(marks, "fee", "kind", "time", "price", "at_open", "order") if row[0] is not None]
    assert len(fills) == len(result.fill_records) > 200
    for minutes in (1, 5, 60):
        shown = aggregate(klines, minutes * MINUTE) if minutes > 1 else klines
        ends = shown.open_ms + minutes * MINUTE
        for _, kind, at, price, at_open, order in fills:
            (place,) = np.flatnonzero(
                (shown.open_ms <= at) & (at < ends) if at_open else (shown.open_ms < at) & (at <= ends)
            )
            if at % MINUTE:  # amid a kline that is not over: the last price that is known is that of the one before
                assert price == pytest.approx(klines.close[(at - START) // MINUTE - 1])
                continue
            high = np.inf if order in makers else shown.high[place]  # a purchase fills at its limit, also below a gap
            assert shown.low[place] * (1 - 1e-9) <= price <= high * (1 + 1e-9), (kind, at, at_open)
            assert not (at_open and minutes == 1) or price == pytest.approx(shown.open[place])
    assert {row[1] for row in fills} >= EXITS - ({"liquidation"} if "volume_cap_percent" in fields else set())
    assert {row[4] for row in fills} == {True, False}
