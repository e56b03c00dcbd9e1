"""What triggers do that watch the mark price: brackets and trailing stops, on mark klines and on mark rows."""

import pytest

from engine import FlowHistory, MarketHistory, SymbolHistory, TimedValues, TradeRows, VenueRules
from tests.support.runs import MINUTE, START, Script, buy, config, klines, run_script, sell, wired

ON_MARKS = {"trigger_price": "mark"}


def marked(path, mark_klines=None, rows=None, trades=None):
    """X with klines of the mark price, or with a mark row every 15 s."""
    times = [START + 15_000 * place for place in range(len(rows or ()))]
    mark_rows = TimedValues(times, rows) if rows else None
    flow = FlowHistory(trades=trades, mark_price=mark_rows)
    return MarketHistory([SymbolHistory("X", path, flow=flow, mark_klines=mark_klines)])


def exits(history, order, minutes=6, **fields):
    _, _, result = run_script(history, {1: order}, minutes, **(ON_MARKS | fields))
    return [
        (str(trade.exit_reason), (trade.exit_timestamp - START) / MINUTE, trade.exit_price) for trade in result.trades
    ]


@pytest.mark.parametrize(
    ("traded", "price"),
    [((100, 100, 97.5, 99), 98.0), ((100, 100, 99, 99.5), 99.0), ((97, 97.5, 97, 97.2), 97.5)],
    ids=["it traded there", "it traded above", "it traded below"],
)
def test_a_mark_touched_inside_a_kline_fills_at_its_level_moved_into_what_traded(traded, price):
    marks = klines(100.0, 100.0, (100, 100, 97.9, 100), 100.0, 100.0)
    history = marked(klines(100.0, 100.0, traded, 99.0, 99.0, 99.0), marks)
    assert exits(history, buy(stop_loss_price=98.0)) == [("sl", 3.0, price)]


def test_a_wick_of_the_last_price_does_not_touch_a_trigger_of_the_mark():
    wick = klines(100.0, 100.0, (100, 103, 97, 100), 100.0, 100.0, 100.0)
    history = marked(wick, klines(*[100.0] * 6))
    order = buy(stop_loss_price=98.0, take_profit_price=102.0)
    assert exits(history, order) == []
    assert exits(history, order, trigger_price="last") == [("sl", 3.0, 98.0)]
    assert exits(history, order, trigger_price=None) == [("sl", 3.0, 98.0)]


def test_a_mark_kline_that_opens_beyond_a_trigger_fills_at_the_traded_open():
    marks = klines(100.0, 100.0, 97.0, 97.0, 97.0)
    history = marked(klines(100.0, 100.0, (98.5, 99, 98.4, 99), 99.0, 99.0), marks)
    assert exits(history, buy(stop_loss_price=98.0)) == [("sl", 2.0, 98.5)]


def test_a_trailing_stop_follows_the_mark():
    marks = klines(100.0, 100.0, (100, 104, 103.9, 104), (104, 104, 102, 103), 103.0)
    history = marked(klines(100.0, 100.0, 101.0, (101, 103, 100.5, 102), 102.0, 102.0), marks)
    # 1 % behind 104 is 102.96, within what traded
    assert exits(history, buy(trailing_stop_percent=1.0)) == [("trailing", 4.0, pytest.approx(102.96))]


@pytest.mark.parametrize("watch", ["1m", "15s"])
def test_a_mark_row_beyond_a_trigger_fills_at_its_instant_and_price(watch):
    quarters = range(START + 15_000, START + 8 * MINUTE, 15_000)
    flat = [100.0] * len(quarters)
    trades = TradeRows(list(quarters), *[[1.0] * len(flat)] * 2, flat, flat, flat, flat, flat)
    history = marked(klines(*[100.0] * 8), rows=[100.0] * 13 + [97.5] * 20, trades=trades)
    assert exits(history, buy(stop_loss_price=98.0), watch_period=watch) == [("sl", 3.25, 97.5)]
    assert exits(history, sell(take_profit_price=98.0), watch_period=watch) == [("tp", 3.25, 97.5)]


def test_where_no_mark_is_fresh_the_last_price_touches():
    wick = klines(*[100.0] * 4, (100, 100, 97, 100), 100.0)
    history = marked(wick, rows=[100.0] * 13)  # up to 00:03:00
    assert exits(history, buy(stop_loss_price=98.0)) == [("sl", 5.0, 98.0)]
    assert exits(history, buy(stop_loss_price=98.0), mark_stale_ms=120_000) == []


def test_without_any_mark_the_last_price_touches_and_a_warning_says_so():
    path = klines(100.0, 100.0, (100, 100, 97, 100), 100.0, 100.0, 100.0)
    _, _, result = run_script(marked(path), {1: buy(stop_loss_price=98.0)}, 5, **ON_MARKS)
    assert [trade.exit_price for trade in result.trades] == [98.0]
    warning = "X: no marks are recorded: take-profits and stops watched the last price, not the mark price"
    assert warning in result.warnings
    _, _, result = run_script(marked(path), {1: buy()}, 5, **ON_MARKS)
    assert warning not in result.warnings


def test_a_bracket_with_a_limit_order_watches_the_price_at_which_that_trades():
    history = marked(klines(100.0, 100.0, (100, 103, 100, 100), 100.0, 100.0, 100.0), klines(*[100.0] * 6))
    order = buy(take_profit_price=102.0)
    assert exits(history, order, bracket_execution="limit") == [("tp", 3.0, 102.0)]
    assert exits(history, order) == []


def test_the_rule_book_says_what_is_watched_unless_the_configuration_does():
    wick = klines(100.0, 100.0, (100, 100, 97, 100), 100.0, 100.0, 100.0)
    history = marked(wick, klines(*[100.0] * 6))
    for asked, closed in ((None, 0), ("last", 1)):
        settings = config(Script({1: buy(stop_loss_price=98.0)}), 5, trigger_price=asked)
        result = wired(history, settings, rules=VenueRules(trigger_price="mark")).run()
        assert len(result.trades) == closed


def test_after_a_pause_the_mark_of_the_resumption_is_judged_first_and_fills_at_the_price_of_the_moment():
    marks = klines(100.0, 100.0, 100.0, 97.0, 97.0, 100.0, 100.0)
    history = marked(klines(100.0, 100.0, 100.0, 99.0, 99.0, 100.0, 100.0), marks)
    sim = wired(history, config(Script({1: buy(stop_loss_price=98.0)}), 6, **ON_MARKS))

    def pause(sim):
        yield sim.at(START + 3 * MINUTE)
        sim.exchange.pause("maintenance")
        yield sim.at(START + 5 * MINUTE)
        sim.exchange.resume()

    sim.process(pause)
    (trade,) = sim.run().trades
    assert (trade.exit_timestamp, trade.exit_price) == (START + 5 * MINUTE, 99.0)


def test_a_stop_of_the_mark_and_a_liquidation_in_one_kline_are_compared_on_the_mark():
    marks = klines(100.0, 100.0, (100, 100, 95, 100), 100.0)
    history = marked(klines(100.0, 100.0, (100, 100, 99.9, 100), 100.0, 100.0), marks)
    order = buy(portion=1.0, leverage=50, stop_loss_price=98.5)  # liquidated at 98.99
    assert [reason for reason, *_ in exits(history, order)] == ["liquidation"]
    nearer = buy(portion=1.0, leverage=50, stop_loss_price=99.5)
    assert exits(history, nearer) == [("sl", 3.0, 99.9)]
