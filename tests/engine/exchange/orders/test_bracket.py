"""Take-profits and stop-losses: when they fill, at what price, and what they leave behind."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.runs import MINUTE, START, Script, buy, close, config, klines, market, run_script, sell, wired


def exits(rows, decisions, minutes=None, symbols=None, **fields):
    """Run a script on rows of one symbol (or `symbols`) and return its exits as (minute, reason, price)."""
    history = market(X=klines(*rows), **(symbols or {}))
    _, _, result = run_script(history, decisions, minutes or len(rows), **fields)
    return [((trade.exit_timestamp - START) / MINUTE, trade.exit_reason, trade.exit_price) for trade in result.trades]


# One kline after an entry at 100 in minute 1, and what it does to a bracket of 110 and 95 (long) or 90 and 105 (short).
LONG, SHORT = (
    {"take_profit_price": 110.0, "stop_loss_price": 95.0},
    {"take_profit_price": 90.0, "stop_loss_price": 105.0},
)
ONE_KLINE = [
    # name, open, high, low, close, exit of a long, exit of a short
    ("nothing is touched", 100, 104.9, 95.1, 100, None, None),
    ("the lower trigger is touched", 100, 101, 94, 96, (3, "sl", 95.0), None),
    ("the lower trigger is met exactly", 100, 101, 95, 96, (3, "sl", 95.0), None),
    ("the upper stop is met exactly", 100, 105, 99, 101, None, (3, "sl", 105.0)),
    ("the upper trigger is touched", 100, 111, 99, 104, (3, "tp", 110.0), (3, "sl", 105.0)),
    ("the upper target is met exactly", 100, 110, 99, 100, (3, "tp", 110.0), (3, "sl", 105.0)),
    ("the lower target is met exactly", 100, 101, 90, 100, (3, "sl", 95.0), (3, "tp", 90.0)),
    ("it opens below a long's stop", 94, 120, 93, 100, (2, "sl", 94.0), (3, "sl", 105.0)),
    ("it opens exactly at a long's stop", 95, 96, 94, 95, (2, "sl", 95.0), None),
    ("it opens above a long's target", 112, 113, 80, 112, (2, "tp", 112.0), (2, "sl", 112.0)),
    ("it opens exactly at a long's target", 110, 111, 96, 100, (2, "tp", 110.0), (2, "sl", 110.0)),
    ("it opens below a short's target", 88, 120, 87, 100, (2, "sl", 88.0), (2, "tp", 88.0)),
    ("both are touched from inside", 100, 111, 89, 100, (3, "sl", 95.0), (3, "sl", 105.0)),
]


@pytest.mark.parametrize("row", ONE_KLINE, ids=[row[0] for row in ONE_KLINE])
@pytest.mark.parametrize("side", ["long", "short"])
def test_what_one_kline_does_to_a_bracket(row, side):
    _, opened, high, low, closed, of_long, of_short = row
    entry = buy(**LONG) if side == "long" else sell(**SHORT)
    expected = of_long if side == "long" else of_short
    rows = [100, 100, (opened, high, low, closed)]
    assert exits(rows, {1: entry}) == ([] if expected is None else [expected])


@pytest.mark.parametrize("side", ["long", "short"])
def test_a_fill_slips_and_pays_a_fee_as_a_market_order_does(side):
    entry = buy(**LONG) if side == "long" else sell(**SHORT)
    history = market(X=klines(100, 100, (100, 106, 94, 100)))
    _, sim, _ = run_script(history, {1: entry}, 3, slippage_percent=1.0, fee_rate=0.1, maker_fee_rate=0.01)
    fill = sim.exchange.fills[-1]
    assert fill.price == (95.0 * 0.99 if side == "long" else 105.0 * 1.01)
    assert fill.fee == pytest.approx(fill.size * fill.price * 0.001)


def test_a_gapped_stop_fills_at_the_open():
    assert exits([100, 100, (80, 82, 79, 81)], {1: buy(**LONG)}) == [(2, "sl", 80.0)]


def test_a_gap_over_a_hole_fills_at_the_open_of_the_first_kline_after_it():
    assert exits([100, 100, *[None] * 30, (80, 120, 79, 81)], {1: buy(**LONG)}) == [(32, "sl", 80.0)]


AMBIGUOUS = [
    ("pessimistic", (100, 111, 94, 100), (3, "sl", 95.0)),
    ("optimistic", (100, 111, 94, 100), (3, "tp", 110.0)),
    ("nearest_open", (100, 111, 94, 100), (3, "sl", 95.0)),
    ("nearest_open", (104, 111, 94, 100), (3, "tp", 110.0)),
    ("nearest_open", (102.5, 111, 94, 100), (3, "sl", 95.0)),  # as near: the stop
    ("optimistic", (94, 111, 93, 100), (2, "sl", 94.0)),  # opened beyond the stop: no ambiguity
    ("pessimistic", (111, 112, 90, 100), (2, "tp", 111.0)),
]


@pytest.mark.parametrize(("mode", "row", "expected"), AMBIGUOUS)
def test_a_kline_that_touches_both_takes_the_stop_first_unless_told_otherwise_and_is_counted(mode, row, expected):
    history = market(X=klines(100, 100, row))
    _, _, result = run_script(history, {1: buy(**LONG)}, 3, intrabar=mode)
    (trade,) = result.trades
    assert ((trade.exit_timestamp - START) / MINUTE, trade.exit_reason, trade.exit_price) == expected
    inside = 95 < row[0] < 110
    assert result.ambiguous_klines == int(inside)
    assert any("two exits" in warning for warning in result.warnings) == inside


def test_two_lots_that_one_kline_touches_both_ways_are_one_ambiguous_kline():
    history = market(X=klines(100, 100, 100, (100, 111, 94, 100)))
    _, _, result = run_script(history, {1: buy(portion=0.3, **LONG), 2: buy(portion=0.3, **LONG)}, 4)
    assert (result.total_trades, result.ambiguous_klines) == (2, 1)


def test_an_order_is_checked_only_against_its_own_symbol():
    others = {"Y": klines(100, 100, (100, 200, 1, 100), (1, 1, 1, 1), (300, 300, 300, 300))}
    assert exits([100, 100, 100, 100, 100], {1: buy(**LONG)}, symbols=others) == []


def test_the_kline_in_which_the_entry_falls_is_not_checked():
    # the entry comes at half of minute 1: the kline [1, 2) opened before it, and its wick says nothing about the rest
    rows = [100, (100, 200, 1, 100), (100, 101, 99, 100), (100, 101, 94, 95)]
    assert exits(rows, {1.5: buy(**LONG)}, scheduled_interval=30) == [(4, "sl", 95.0)]


def test_the_kline_that_opens_at_the_entry_is_checked():
    assert exits([100, (100, 101, 94, 95)], {1: buy(**LONG)}) == [(2, "sl", 95.0)]


def test_a_kline_that_opens_at_the_entry_beyond_the_stop_fills_at_once_at_its_open():
    script = Script({1: buy(**LONG)})
    sim = wired(market(X=klines(100, (90, 120, 89, 100))), config(script, 2))
    result = sim.run()
    assert [(fill.timestamp - START, fill.purpose, fill.price) for fill in sim.exchange.fills] == [
        (MINUTE, "entry", 100.0),
        (MINUTE, "sl", 90.0),
    ]
    assert script.seen[2].positions == {}
    assert result.final_equity == pytest.approx(9_500)


def test_what_happens_at_a_close_comes_before_the_decision_of_that_instant():
    script, _, result = run_script(market(X=klines(100, (100, 101, 94, 96), 96)), {1: buy(**LONG), 2: buy()}, 3)
    assert script.seen[2].positions == {}
    assert [trade.side for trade in script.seen[2].recent_trades] == ["Long"]
    assert result.open_positions[0]["entry_price"] == 96.0


def test_after_the_last_trigger_the_watch_goes_on_to_the_end():
    rows = [100, 100, *[100] * 50, (100, 101, 94, 96), 96]
    assert exits(rows, {1: buy(**LONG)}, scheduled_interval=60 * 40, minutes=54) == []
    rows = [100] * 40 + [*[100] * 10, (100, 101, 94, 96), 96]
    assert exits(rows, {40: buy(**LONG)}, scheduled_interval=60 * 40) == [(51, "sl", 95.0)]


@pytest.mark.parametrize(
    ("row", "end", "expected"),
    [
        ((100, 101, 94, 96), 4, [(4, "sl", 95.0)]),  # known at the close, which is the end
        ((100, 101, 94, 96), 3.99, []),
        ((94, 101, 93, 96), 3, [(3, "sl", 94.0)]),  # the kline that opens at the end opens beyond the stop
        ((94, 101, 93, 96), 2.99, []),
    ],
)
def test_what_is_due_exactly_at_the_end_happens(row, end, expected):
    assert exits([100, 100, 100, row, 96], {1: buy(**LONG)}, minutes=end) == expected


def test_several_lots_have_brackets_of_their_own():
    rows = [100, 100, (100, 106, 100, 106), (106, 111, 106, 111), (111, 121, 111, 121), 121]
    decisions = {
        1: buy(portion=0.2, take_profit_price=120.0, stop_loss_price=90.0),
        2: buy(portion=0.2, take_profit_price=105.0, stop_loss_price=95.0),
    }
    history = market(X=klines(*rows))
    script, _, result = run_script(history, decisions, len(rows))
    first, second = 2_000 / 100, 1_600 / 100
    assert [((t.exit_timestamp - START) / MINUTE, t.exit_reason, t.size) for t in result.trades] == [
        (3, "tp", pytest.approx(second)),
        (5, "tp", pytest.approx(first)),
    ]
    assert [(order.order_type, order.size) for order in script.seen[4].open_orders] == [
        ("Take Profit Limit", first),
        ("Stop Limit", first),
    ]


def test_of_several_brackets_in_one_kline_the_oldest_entry_comes_first():
    rows = [100, 100, 100, (100, 101, 80, 85), 85]
    decisions = {
        1: buy(portion=0.1, stop_loss_price=90.0),
        2: buy(portion=0.3, stop_loss_price=95.0),
        3: buy(portion=0.2, stop_loss_price=92.0),
    }
    history = market(X=klines(*rows))
    _, sim, _ = run_script(history, decisions, 5)
    assert [(fill.order_id, fill.price) for fill in sim.exchange.fills if fill.purpose == "sl"] == [
        (3, 90.0),
        (6, 95.0),
        (9, 92.0),
    ]


def test_of_several_symbols_in_one_instant_the_order_of_the_configuration_counts():
    row = (100, 101, 80, 85)
    history = market(B=klines(100, 100, row), A=klines(100, 100, row))
    for symbols in (("A", "B"), ("B", "A")):
        script = Script({1: lambda data: buy("A", 0.2, stop_loss_price=95.0)})
        settings = config(script, 3, symbols, scheduled_interval=30)
        script.decisions[1.5] = buy("B", 0.2, stop_loss_price=95.0)
        sim = wired(history, settings)
        sim.run()
        stopped = [fill.symbol for fill in sim.exchange.fills if fill.purpose == "sl"]
        assert stopped == list(symbols)


@pytest.mark.parametrize(
    ("fields", "rows", "expected"),
    [
        ({"take_profit_price": 110.0}, [(100, 109, 1, 100), (100, 110, 90, 95)], [(4, "tp", 110.0)]),
        ({"stop_loss_price": 95.0}, [(100, 999, 96, 100), (100, 110, 95, 95)], [(4, "sl", 95.0)]),
        ({}, [(100, 999, 1, 100), (1, 2, 1, 2)], []),
    ],
)
def test_brackets_may_have_one_side_or_none(fields, rows, expected):
    assert exits([100, 100, *rows], {1: buy(**fields)}) == expected


def test_one_leg_cancels_the_other():
    rows = [100, 100, (100, 111, 99, 104), (100, 101, 90, 95), (100, 120, 90, 95)]
    script, _, result = run_script(market(X=klines(*rows)), {1: buy(**LONG)}, 5)
    assert [trade.exit_reason for trade in result.trades] == ["tp"]
    assert [len(script.seen[minute].open_orders) for minute in (1, 2, 3, 4)] == [0, 2, 0, 0]


def test_a_partial_close_leaves_brackets_which_then_close_at_most_what_is_left():
    rows = [100, 100, 100, (100, 101, 94, 96), 96]
    script, _, result = run_script(market(X=klines(*rows)), {1: buy(**LONG), 2: close(portion=0.75)}, 5)
    assert [order.size for order in script.seen[3].open_orders] == [50.0, 50.0]
    assert [(trade.exit_reason, trade.size) for trade in result.trades] == [("decision", 37.5), ("sl", 12.5)]
    assert result.open_positions == []


def test_a_bracket_covers_its_own_entry_and_not_what_was_added_without_one():
    rows = [100, 100, 100, (100, 101, 94, 96), 96]
    _, _, result = run_script(market(X=klines(*rows)), {1: buy(portion=0.2, **LONG), 2: buy(portion=0.5)}, 5)
    assert [trade.size for trade in result.trades] == [20.0]
    assert [position["size"] for position in result.open_positions] == [pytest.approx(40.0)]


@pytest.mark.parametrize("how", [close(), sell()], ids=["close", "reverse"])
def test_brackets_go_with_their_position(how):
    rows = [100, 100, 100, (100, 101, 94, 96), (100, 120, 90, 96)]
    script, _, result = run_script(market(X=klines(*rows)), {1: buy(**LONG), 2: how}, 5)
    assert [trade.exit_reason for trade in result.trades] == ["decision"]
    assert script.seen[3].open_orders == []


def test_a_new_position_is_not_closed_by_the_bracket_of_an_old_one():
    rows = [100, 100, 100, 100, (100, 101, 94, 96), 96]
    _, _, result = run_script(market(X=klines(*rows)), {1: buy(**LONG), 2: close(), 3: buy()}, 6)
    assert [trade.exit_reason for trade in result.trades] == ["decision"]
    assert len(result.open_positions) == 1


def test_an_add_on_the_wrong_side_is_refused_and_leaves_position_and_brackets():
    script, _, result = run_script(
        market(X=klines(*[100] * 5)), {1: buy(portion=0.2, **LONG), 2: buy(stop_loss_price=101.0)}, 4
    )
    assert result.rejections == {"stop loss on the wrong side": 1}
    assert [order.size for order in script.seen[3].open_orders] == [20.0, 20.0]


@pytest.mark.parametrize("slippage", [0.0, 1.0])
def test_the_sides_are_judged_against_the_slipped_price(slippage):
    _, _, result = run_script(
        market(X=klines(*[100] * 4)), {1: buy(take_profit_price=100.5)}, 3, slippage_percent=slippage
    )
    assert result.rejections == ({} if slippage == 0.0 else {"take profit on the wrong side": 1})


def test_open_orders_show_both_legs_until_they_go():
    script, _, _ = run_script(market(X=klines(*[100] * 4)), {1: sell(**SHORT)}, 3)
    target, stop = script.seen[2].open_orders
    assert target._asdict() == {
        "order_id": 2, "symbol": "X", "side": "Buy", "direction": "Close Short", "order_type": "Take Profit Limit",
        "size": 50.0, "price": None, "trigger_price": 90.0, "reduce_only": True, "timestamp": START + MINUTE,
        "tag": "",
    }  # fmt: skip
    assert stop._asdict() == {
        "order_id": 3, "symbol": "X", "side": "Buy", "direction": "Close Short", "order_type": "Stop Limit",
        "size": 50.0, "price": None, "trigger_price": 105.0, "reduce_only": True, "timestamp": START + MINUTE,
        "tag": "",
    }  # fmt: skip


@pytest.mark.parametrize("mode", ["market", "limit", "as_decided"])
@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({}, ["Take Profit Limit", "Stop Limit"]),
        ({"tp_execution": "market"}, ["Take Profit Market", "Stop Limit"]),
        ({"sl_execution": "market"}, ["Take Profit Limit", "Stop Market"]),
    ],
)
def test_the_legs_are_called_as_the_decision_says_whatever_they_fill_as(mode, fields, names):
    entry = buy(take_profit_price=110.0, stop_loss_price=95.0, **fields)
    script, _, _ = run_script(market(X=klines(*[100] * 4)), {1: entry}, 3, bracket_execution=mode)
    assert [order.order_type for order in script.seen[2].open_orders] == names


LIMIT = {"bracket_execution": "limit", "slippage_percent": 1.0}
LIMIT_CASES = [
    ("a target fills at its price", [(100, 111, 99, 104)], {}, [(3, "tp", 110.0)]),
    ("a gapped target fills at its price, not at the open", [(115, 116, 112, 112)], {}, [(2, "tp", 110.0)]),
    ("a stop that is touched fills at its price", [(100, 101, 94, 96)], {}, [(3, "sl", 95.0)]),
    ("a gapped stop stays open", [(90, 94, 80, 85), 85], {}, []),
    ("and fills when the price comes back through it", [(90, 94, 80, 85), (85, 96, 84, 95)], {}, [(4, "sl", 95.0)]),
    ("which a touch is not", [(90, 94, 80, 85), (85, 95, 84, 95)], {}, []),
    ("unless a touch is enough", [(90, 94, 80, 85), (85, 95, 84, 95)], {"fill_on": "touch"}, [(4, "sl", 95.0)]),
    ("in the kline that gapped too", [(90, 96, 80, 85)], {}, [(3, "sl", 95.0)]),
    ("a resting stop is nearer than the target", [(90, 94, 80, 85), (85, 120, 84, 95)], {}, [(4, "sl", 95.0)]),
    ("unless a kline opens beyond the target", [(90, 94, 80, 85), (115, 120, 114, 115)], {}, [(3, "tp", 110.0)]),
    ("as decided, a market leg slips", [(100, 111, 99, 104)], {"bracket_execution": "as_decided"}, [(3, "tp", 108.9)]),
    ("as decided, a limit leg does not", [(100, 101, 94, 96)], {"bracket_execution": "as_decided"}, [(3, "sl", 95.0)]),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "fields", "expected"), [c[1:] for c in LIMIT_CASES], ids=[c[0] for c in LIMIT_CASES])
def test_limit_execution(rows, fields, expected):
    # the entry's slippage moves its price to 101, between the two triggers
    entry = buy(**LONG, tp_execution="market", sl_execution="limit")
    assert exits([100, 100, *rows], {1: entry}, **{**LIMIT, **fields}) == expected


def test_a_limit_leg_pays_the_makers_fee():
    history = market(X=klines(100, 100, (100, 111, 99, 104)))
    _, sim, _ = run_script(history, {1: buy(**LONG)}, 3, bracket_execution="limit", fee_rate=0.1, maker_fee_rate=0.02)
    entry, target = sim.exchange.fills
    assert entry.fee == pytest.approx(entry.size * 100 * 0.001)
    assert target.fee == pytest.approx(target.size * 110 * 0.0002)


def test_a_resting_stop_still_shows_among_the_open_orders():
    history = market(X=klines(100, 100, (90, 94, 80, 85), 85, 85))
    script, _, _ = run_script(history, {1: buy(**LONG)}, 5, bracket_execution="limit")
    for minute in (2, 3, 4):
        assert [(order.order_type, order.price) for order in script.seen[minute].open_orders] == [
            ("Take Profit Limit", 110.0),
            ("Stop Limit", 95.0),
        ]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(0.1, 0.6), min_size=1, max_size=6), st.integers(1, 7), st.floats(0.01, 1e5))
def test_brackets_of_all_lots_close_all_of_a_position_whatever_the_rounding(portions, leverage, price):
    rows = [price] * (len(portions) + 2) + [(price, price, price * 0.5, price * 0.6), price * 0.6]
    decisions = {
        1 + place: buy(portion=portion, leverage=leverage, stop_loss_price=price * (0.99 - place / 100))
        for place, portion in enumerate(portions)
    }
    script, _, result = run_script(market(X=klines(*rows)), decisions, len(rows), fee_rate=0.01)
    assert result.open_positions == []
    assert script.seen[len(rows)].open_orders == []
    assert sum(trade.size for trade in result.trades) == pytest.approx(
        sum(fill["size"] for entry in result.trigger_log if "order" in entry for fill in entry["order"]["fills"])
    )


def test_the_search_goes_through_its_growing_blocks_without_a_gap():
    """A touch at any distance, over the borders of the blocks too, is found at exactly that kline."""
    for distance in (1, 2, 127, 128, 129, 130, 639, 640, 641, 642, 2_688, 2_689, 2_690):
        rows = [100.0] * (2 + distance) + [(100, 101, 94, 96), 96]
        found = exits(rows, {1: buy(**LONG)}, scheduled_interval=60)
        assert found == [(3 + distance, "sl", 95.0)], distance


def test_equity_after_a_bracket_is_marked_right_after_its_fill():
    history = market(X=klines(100, 100, (100, 101, 94, 96), 96), Y=klines(50, 50, 60, 60))
    _, _, result = run_script(history, {1: buy(portion=0.5, **LONG)}, 4)
    (trade,) = result.trades
    assert trade.equity_after == pytest.approx(10_000 - 50 * 5)
    assert math.isclose(result.final_equity, trade.equity_after)


@pytest.mark.parametrize(
    "stops",
    [
        {"stop_loss_price": 98.0},
        {"trailing_stop_percent": 1.0},
        {"stop_loss_price": 98.0, "trailing_stop_percent": 1.0},
    ],
)
def test_a_kline_that_touches_a_target_and_any_stops_is_ambiguous(stops):
    history = market(X=klines(*[100.0] * 5, (100, 103, 97, 100), 100.0, 100.0))
    _, _, result = run_script(history, {3: buy(take_profit_price=102.0, **stops)}, 8)
    assert result.ambiguous_klines == 1


@pytest.mark.parametrize(("high", "low", "expected"), [(100.0, 97.0, 0), (101.5, 98.2, 1)])
def test_of_two_stops_a_trailing_one_that_moves_in_their_kline_makes_it_ambiguous(high, low, expected):
    history = market(X=klines(*[100.0] * 5, (100, high, low, 98.4), 98.4))
    _, _, result = run_script(history, {3: buy(stop_loss_price=98.5, trailing_stop_percent=2.0)}, 6)
    assert result.ambiguous_klines == expected
