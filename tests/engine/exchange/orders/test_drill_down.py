"""Which exit comes first in a kline that touches two, told by its finer rows."""

import numpy as np
import pytest

from engine import FlowHistory, KlineColumns, MarketHistory, SymbolHistory, TradeRows
from processes import ProgramBacktestEngine
from tests.support.runs import MINUTE, START, Script, buy, config, klines, market, run_script, sell

LONG = {"take_profit_price": 110.0, "stop_loss_price": 95.0}
SHORT = {"take_profit_price": 90.0, "stop_loss_price": 105.0}
TRAIL = {"take_profit_price": 110.0, "trailing_stop_percent": 5.0}
BOTH = [100, 100, (100, 111, 94, 100)]


def rows_in(minute, *highs_and_lows, first=1, volume=0.25):
    """15-second rows of a minute, one behind the other from the `first` on: (high, low) or None for a hole."""
    found = []
    for place, row in enumerate(highs_and_lows, first):
        if row is not None:
            found.append((START + minute * MINUTE + 15_000 * place, *row, volume))
    return found


def history(base, rows, **more):
    times, high, low, volume = (np.array(column) for column in zip(*rows, strict=True))
    half, middle = volume / 2, (high + low) / 2
    flow = FlowHistory(trades=TradeRows(times, half, half, half * middle, half * middle, middle, high, low))
    return MarketHistory([SymbolHistory("X", klines(*base), flow=flow, **more)])


def left(where, order, minutes=3, **fields):
    _, _, result = run_script(where, {1: order}, minutes, **{"drill_down": True, **fields})
    (trade,) = result.trades
    found = (trade.exit_timestamp - START) / MINUTE, trade.exit_reason, trade.exit_price
    return found, (result.ambiguous_klines, result.drilled_klines)


# rows of minute 2, and what comes of a long (110, 95), a short (90, 105) being the mirror image
DECIDED = [
    ("the target first", [(111, 100), (105, 94), (100, 95), (100, 99)], (3, "tp", 110.0)),
    ("the stop first", [(101, 96), (100, 94), (111, 100), (105, 100)], (3, "sl", 95.0)),
    ("met exactly", [(110, 99), (111, 94), (100, 95), (100, 99)], (3, "tp", 110.0)),
    ("a row wholly beyond, after one that is not", [(100, 98), (94.5, 94), (111, 94), (100, 99)], (3, "sl", 95.0)),
]


@pytest.mark.parametrize(("rows", "expected"), [row[1:] for row in DECIDED], ids=[row[0] for row in DECIDED])
@pytest.mark.parametrize("rule", ["pessimistic", "optimistic", "nearest_open"])
def test_the_first_row_that_touches_only_one_decides(rows, expected, rule):
    where = history(BOTH, rows_in(2, *rows))
    assert left(where, buy(**LONG), intrabar=rule) == (expected, (0, 1))
    mirrored = history([100, 100, (100, 106, 89, 100)], rows_in(2, *[(200 - low, 200 - high) for high, low in rows]))
    _, reason, price = expected
    assert left(mirrored, sell(**SHORT), intrabar=rule) == ((3, reason, 200 - price), (0, 1))


OPEN = [
    ("a row touches both", [(100, 99), (111, 94), (100, 99), (100, 99)]),
    ("a row is missing, and its volume", [None, (111, 100), (100, 94), (100, 99)]),
    ("rows that do not reach the extreme of the kline", [(110.5, 100), (100, 94), (100, 99), (100, 99)]),
    ("rows that go beyond it", [(112, 100), (100, 94), (100, 99), (100, 99)]),
]


@pytest.mark.parametrize("rows", [row[1] for row in OPEN], ids=[row[0] for row in OPEN])
def test_what_the_rows_leave_open_is_left_to_the_rule_and_counted(rows):
    where = history(BOTH, rows_in(2, *rows))
    assert left(where, buy(**LONG)) == ((3, "sl", 95.0), (1, 0))
    assert left(where, buy(**LONG), intrabar="optimistic") == ((3, "tp", 110.0), (1, 0))


def test_a_quarter_without_a_trade_is_no_hole_where_the_volumes_add_up():
    rows = rows_in(2, None, (111, 100), (100, 94), None, volume=0.5)
    assert left(history(BOTH, rows), buy(**LONG)) == ((3, "tp", 110.0), (0, 1))


def test_rows_stamped_beside_the_minute_and_whole_minutes_decide_nothing():
    beside = [(time + 4_000, *more) for time, *more in rows_in(2, (111, 100), (100, 94), (100, 99), (100, 99))]
    assert left(history(BOTH, beside), buy(**LONG)) == ((3, "sl", 95.0), (1, 0))
    minutes = np.array([START + 3 * MINUTE]), *[np.array([0.5])] * 4, np.array([np.nan]), np.array([111.0])
    flow = FlowHistory(trades=TradeRows(*minutes, np.array([94.0])), back_filled_ms=np.array([START + 3 * MINUTE]))
    where = MarketHistory([SymbolHistory("X", klines(*BOTH), flow=flow)])
    assert left(where, buy(**LONG)) == ((3, "sl", 95.0), (1, 0))


def test_without_drill_down_nothing_is_looked_at():
    where = history(BOTH, rows_in(2, (111, 100), (100, 94), (100, 99), (100, 99)))
    assert left(where, buy(**LONG), drill_down=False) == ((3, "sl", 95.0), (1, 0))
    _, _, result = run_script(where, {1: buy(**LONG)}, 3, drill_down=True)
    assert not any("two exits" in each for each in result.warnings)


TRAILING = [  # a level of 95 before the kline; rows, and what comes of them
    ("the target first", [(111, 105), (100, 94), (100, 99), (100, 99)], (3, "tp", 110.0), (0, 1)),
    ("the level from before", [(101, 98), (100, 94), (111, 94), (100, 99)], (3, "trailing", 101 * 0.95), (0, 1)),
    ("a level that rows have made", [(106, 102), (104, 100), (111, 94), (100, 99)], (3, "trailing", 100.7), (0, 1)),
    ("maybe at the row's own level", [(106, 100), (111, 94), (100, 99), (100, 99)], (3, "trailing", 95.0), (1, 0)),
    ("both in a row", [(101, 98), (111, 94), (100, 99), (100, 99)], (3, "trailing", 95.0), (1, 0)),
]


@pytest.mark.parametrize(
    ("rows", "expected", "counts"), [row[1:] for row in TRAILING], ids=[row[0] for row in TRAILING]
)
def test_a_trailing_stop_moves_from_row_to_row(rows, expected, counts):
    found, counted = left(history(BOTH, rows_in(2, *rows)), buy(**TRAIL))
    assert found == (*expected[:2], pytest.approx(expected[2]))
    assert counted == counts


def test_klines_of_a_shorter_period_decide_where_there_are_no_rows():
    length = 5 * MINUTE
    base = KlineColumns(length, [START, START + length], *[[100.0, v] for v in (100.0, 111.0, 94.0, 100.0)], [1, 5])
    finer = klines(*[100] * 5, (100, 101, 97, 98), (98, 98, 94, 96), (96, 111, 96, 110), 105, (105, 105, 100, 100))
    for shorter, expected in (((finer,), ((10, "sl", 95.0), (0, 1))), ((), ((10, "tp", 110.0), (1, 0)))):
        where = MarketHistory([SymbolHistory("X", base, finer=shorter)])
        fields = {"base_period": "5m", "scheduled_interval": "5m", "intrabar": "optimistic", "drill_down": True}
        _, _, result = run_script(where, {5: buy(**LONG)}, 10, **fields)
        (trade,) = result.trades
        found = (trade.exit_timestamp - START) / MINUTE, trade.exit_reason, trade.exit_price
        assert (found, (result.ambiguous_klines, result.drilled_klines)) == expected


def test_triggers_of_the_mark_are_decided_on_finer_marks_and_not_on_trades():
    length = 3 * MINUTE
    base = KlineColumns(length, [START, START + length], *[[100.0, v] for v in (100.0, 111.0, 94.0, 100.0)], [1, 3])
    marks = {"tp": (100, 111, 99, 105), "sl": (100, 101, 94, 99)}
    trades = history([100], rows_in(3, (100, 99), (100, 94), (111, 94), (100, 99))).symbols["X"].flow
    for first, later in (("tp", "sl"), ("sl", "tp")):
        for mark_klines in (klines(100, 100, 100, marks[first], marks[later], 100), None):
            where = MarketHistory([SymbolHistory("X", base, flow=trades, mark_klines=mark_klines)])
            fields = {"base_period": "3m", "scheduled_interval": "3m", "trigger_price": "mark", "drill_down": True}
            _, _, result = run_script(where, {3: buy(**LONG)}, 6, **fields)
            decided = mark_klines is not None
            assert [trade.exit_reason for trade in result.trades] == [first if decided else "sl"]
            assert (result.ambiguous_klines, result.drilled_klines) == (not decided, decided)


def test_a_pause_keeps_the_finer_rows():
    where = history([*BOTH[:2], 100, 100, BOTH[2]], rows_in(4, (111, 100), (100, 94), (100, 99), (100, 99)))

    def pause(sim):
        yield sim.at(START + 2 * MINUTE)
        sim.exchange.pause("maintenance")
        yield sim.at(START + 3 * MINUTE)
        sim.exchange.resume()

    settings = config(Script({1: buy(**LONG)}), 5, drill_down=True)
    result = ProgramBacktestEngine(where).run(settings, prepare=lambda sim: sim.process(pause))
    assert [(trade.exit_reason, trade.exit_price) for trade in result.trades] == [("tp", 110.0)]


def test_market_of_klines_alone_leaves_all_open():
    assert left(market(X=klines(*BOTH)), buy(**LONG)) == ((3, "sl", 95.0), (1, 0))


def test_that_nothing_finer_is_recorded_is_said_with_the_way_out():
    warnings = []
    for where in (market(X=klines(*BOTH)), history(BOTH, rows_in(2, (100, 99), (111, 94), (100, 99), (100, 99)))):
        _, _, result = run_script(where, {1: buy(**LONG)}, 3, drill_down=True)
        warnings.append(result.warnings[-1])
    lacks = "nothing finer is recorded there to look inside: import trades or shorter klines"
    touched = "1 kline touched two exits of one entry"
    assert warnings[0] == f"{touched} ({lacks}): the stop was taken first"
    assert warnings[1] == f"{touched} (finer rows decided 0 others): the stop was taken first"
