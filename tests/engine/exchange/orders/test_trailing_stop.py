"""Trailing stops: the level that follows the best price, and what it does beside a bracket."""

import numpy as np
import pytest

from engine import FlowHistory, MarketHistory, SymbolHistory, TradeRows
from tests.support.fills import fills_of_order
from tests.support.runs import START, buy, klines, market, run_script, sell

TRAIL = {"trailing_stop_percent": 10.0}

# first the level of the klines before (90 % of their best price), or the open beyond it; else the one of its own high
TRAILING = [
    ("never reached", [(100, 105, 95, 105)], []),
    ("the level before", [(100, 120, 110, 120), (118, 118, 100, 101)], [(4, 108.0)]),
    ("from the entry on", [(100, 100, 89, 95)], [(3, 90.0)]),
    ("the open beyond it", [(100, 120, 110, 120), (105, 105, 100, 101)], [(3, 105.0)]),
    ("raised by the same kline", [(100, 120, 107, 115)], [(3, 108.0)]),
    ("the lower of two", [(100, 120, 89, 115)], [(3, 90.0)]),
    ("touched exactly", [(100, 100, 90, 95)], [(3, 90.0)]),
]


@pytest.mark.parametrize(("rows", "expected"), [row[1:] for row in TRAILING], ids=[row[0] for row in TRAILING])
def test_a_trailing_stop_follows_the_best_price(rows, expected):
    done, result = fills_of_order(*rows, order=buy(**TRAIL))
    assert done == [(at, price, "trailing") for at, price in expected]
    assert [trade.exit_reason for trade in result.trades] == ["trailing"] * len(expected)
    mirrored = [tuple(10_000 / each for each in (o, low, high, c)) for o, high, low, c in rows]
    short, _ = fills_of_order(*mirrored, order=sell(trailing_stop_percent=100 / 9))
    assert [at for at, *_ in short] == [at for at, _ in expected]


@pytest.mark.parametrize(
    ("rows", "fields", "expected"),
    [
        ([(100, 100, 85, 90)], {"stop_loss_price": 95.0}, (3, 95.0, "sl")),
        ([(100, 120, 110, 120), (118, 118, 90, 95)], {"stop_loss_price": 95.0}, (4, 108.0, "trailing")),
        ([(100, 120, 110, 120)], {"take_profit_price": 115.0}, (3, 115.0, "tp")),
        ([(100, 120, 89, 110)], {"take_profit_price": 115.0}, (3, 90.0, "trailing")),
    ],
)
def test_a_trailing_stop_beside_a_bracket(rows, fields, expected):
    done, result = fills_of_order(*rows, order=buy(**TRAIL, **fields))
    assert done == [expected]
    assert result.ambiguous_klines == (expected[2] == "trailing" and "take_profit_price" in fields)


def test_the_watchers_show_as_open_orders():
    script, _, _ = run_script(market(X=klines(*[100.0] * 6)), {1: buy(**TRAIL), 3: buy(max_holding_seconds=999)}, 5)
    assert [order.order_type for order in script.seen[4].open_orders] == ["Trailing Stop Market", "Time Stop Market"]


def test_a_row_wholly_beyond_the_stop_loss_that_reaches_the_trailing_stop_inside_fills_the_nearer_at_its_vwap():
    prices = np.where(np.arange(1, 41) == 22, 97.5, 100.0)
    rows = TradeRows(
        START + 15_000 * np.arange(1, 41),
        *[np.ones(40)] * 4,
        high=np.where(prices < 100, 97.9, 100.0),
        low=np.where(prices < 100, 96.0, 100.0),
        vwap=prices,
    )
    history = MarketHistory([SymbolHistory("X", klines(*[100.0] * 10), flow=FlowHistory(trades=rows))])
    order = buy(stop_loss_price=98.0, trailing_stop_percent=2.3)
    _, _, result = run_script(history, {3: order}, 9, watch_period="15s")
    assert [(trade.exit_reason, trade.exit_price) for trade in result.trades] == [("sl", 97.5)]
    assert result.ambiguous_klines == 0
