"""Warm-up: decisions to open that were made while an indicator had fewer finished klines than its length."""

import pytest

from engine import Decision, KlineColumns
from engine.market import KlineSeries
from engine.market.indicators import parse_indicator
from engine.program import ShortIndicator
from tests.support.runs import HOUR, MINUTE, START, buy, close, klines, market, run_script, sell

FLAT = market(X=klines(*[100.0] * 90))
PAIR = market(X=klines(*[100.0] * 60), Y=klines(None, *[100.0] * 60))


def asking(decision, name="MA5", period="1m", symbol="X"):
    """A decision that is made after asking for an indicator."""

    def decide(data):
        data.get_indicator(symbol, name, period)
        return decision

    return decide


def rows(result):
    return [
        (
            (each["timestamp"] - START) // MINUTE,
            each["trigger_index"],
            each["operation"],
            each["symbol"],
            each["outcome"],
        )
        for each in result.held_decisions
    ]


@pytest.mark.parametrize(
    ("name", "length"),
    [
        ("MA5", 5), ("EMA20", 20), ("ATR14", 14), ("RSI14", 15), ("RSI7", 8), ("MACD", 34), ("BOLL", 20), ("STOCH", 18),
        ("VWAP", 1), ("OBV", 1),
    ],
)  # fmt: skip
def test_a_decision_to_open_is_submitted_from_the_finished_kline_on_that_fills_the_length(name, length):
    _, _, result = run_script(FLAT, dict.fromkeys(range(1, 41), asking(buy(portion=0.1), name)), 40)
    assert [row[0] for row in rows(result)] == list(range(1, length))
    assert result.orders_submitted == 40 - (length - 1)
    assert result.success


def test_a_forming_kline_does_not_count_for_the_length():
    early, late = 5 * 10 - 1, 5 * 10  # the tenth kline of five minutes forms, and closes
    decisions = {early: asking(buy(portion=0.1), "MA10", "5m"), late: asking(buy(portion=0.1), "MA10", "5m")}
    _, _, result = run_script(FLAT, decisions, 60)
    assert rows(result) == [(early, early - 1, "buy", "X", "not submitted")]
    (held,) = result.held_decisions
    assert (held["indicator"], held["period"], held["klines"], held["needed"]) == ("MA10", "5m", 9, 10)
    assert held["until"] == START + late * MINUTE


def test_of_several_indicators_the_one_that_stays_too_short_the_longest_is_named():
    def decide(data):
        for name, period in (("MA20", "1m"), ("RSI14", "5m"), ("MACD", "1m")):
            data.get_indicator("X", name, period)
        return buy()

    _, _, result = run_script(FLAT, {2: decide}, 3)
    (held,) = result.held_decisions
    assert (held["indicator"], held["until"]) == ("RSI14", START + 75 * MINUTE)


def test_a_held_decision_is_warned_about_once_for_each_indicator_with_its_count_and_told_at_its_trigger():
    decisions = {**dict.fromkeys((1, 2, 3), asking(buy())), 4: asking(sell(), "MA7")}
    _, _, result = run_script(FLAT, decisions, 5)
    assert [text for text in result.warnings if "held back" in text] == [
        "X: 3 decisions to open were held back, for MA5 on 1m had fewer than 5 finished klines (until 2024-01-01 "
        '00:05:00 UTC); load more history or start later (warm_up = "trade" submits them)',
        "X: 1 decisions to open were held back, for MA7 on 1m had fewer than 7 finished klines (until 2024-01-01 "
        '00:07:00 UTC); load more history or start later (warm_up = "trade" submits them)',
    ]
    told = result.trigger_log[2]
    assert told["warm_up"] == {
        "symbol": "X",
        "indicator": "MA5",
        "period": "1m",
        "klines": 3,
        "needed": 5,
        "until": START + 5 * MINUTE,
        "outcome": "not submitted",
    }
    assert "order" not in told
    assert told["decision"]["operation"] == "buy"
    assert (result.orders_submitted, result.decisions) == (0, {"buy": 3, "none": 1, "sell": 1})


def test_what_was_asked_for_at_another_trigger_holds_nothing_back():
    _, _, result = run_script(FLAT, {1: asking(None), 2: buy()}, 3)
    assert (result.held_decisions, result.fills) == ([], 1)


def test_closing_and_holding_pass():
    decisions = {1: buy(), 2: asking(close()), 3: asking(Decision("hold", "X"))}
    _, _, result = run_script(FLAT, decisions, 4)
    assert (result.held_decisions, result.total_trades) == ([], 1)
    assert "warm_up" not in result.trigger_log[1]


@pytest.mark.parametrize("fields", [{}, {"order_latency_ms": 1_000}, {"execution_price": "open"}], ids=str)
def test_an_opposite_decision_only_closes(fields):
    decisions = {6: sell(), 8: asking(buy(portion=0.4, take_profit_price=200.0), "MA20")}
    _, sim, result = run_script(FLAT, decisions, 20, **fields)
    assert rows(result) == [(8, 7, "buy", "X", "only closed")]
    assert (result.total_trades, result.open_positions, result.fills) == (1, [], 2)
    assert result.trades[0].exit_reason == "decision"
    assert sim.exchange.open_orders() == ()


def test_adding_to_a_position_is_opening():
    _, _, result = run_script(FLAT, {6: buy(), 8: asking(buy(), "MA20")}, 10)
    assert rows(result) == [(8, 7, "buy", "X", "not submitted")]
    assert result.fills == 1


def test_a_position_that_has_turned_while_a_held_back_decision_was_on_its_way_is_left_alone():
    decisions = {6: buy(), 8: sell(), 8.5: asking(sell(), "MA20")}
    _, _, result = run_script(FLAT, decisions, 20, scheduled_interval=30, order_latency_ms=90_000)
    assert rows(result) == [(8, 16, "sell", "X", "only closed")]
    assert result.rejections == {"nothing to close": 1}
    assert [position["side"] for position in result.open_positions] == ["short"]


def test_a_risk_limit_that_forbids_opening_does_not_keep_an_opposite_decision_from_closing():
    decisions = {6: buy(stop_loss_price=1.0), 8: asking(sell(), "MA20")}
    _, _, result = run_script(FLAT, decisions, 10, max_open_orders=1)
    assert (result.risk_limit_hits, result.total_trades) == ([], 1)


def test_an_opposite_decision_that_is_wrong_by_itself_closes_nothing():
    _, _, result = run_script(FLAT, {6: buy(), 8: asking(sell(portion=7.0), "MA20")}, 10)
    assert (result.rejections, result.total_trades) == ({"portion out of range": 1}, 0)


def test_an_indicator_of_another_symbol_is_a_warning_only():
    _, _, result = run_script(PAIR, dict.fromkeys((2, 3), asking(buy("X", 0.1), "MA5", symbol="Y")), 5)
    assert (result.held_decisions, result.fills) == ([], 2)
    (warning,) = [text for text in result.warnings if "submitted while" in text]
    assert warning == (
        "X: 2 decisions to open were submitted while MA5 on 1m of Y had fewer than 5 finished klines (until 2024-01-01 "
        "00:06:00 UTC)"
    )
    assert result.trigger_log[1]["warm_up"]["outcome"] == "submitted"


def test_with_trade_everything_is_submitted_and_warned_about():
    decisions = {1: asking(buy()), 2: asking(sell())}
    _, _, result = run_script(FLAT, decisions, 3, warm_up="trade")
    assert result.held_decisions == []
    assert [position["side"] for position in result.open_positions] == ["short"]
    assert [text for text in result.warnings if "submitted while" in text] == [
        "X: 2 decisions to open were submitted while MA5 on 1m had fewer than 5 finished klines (until 2024-01-01 "
        "00:05:00 UTC)"
    ]


def test_an_indicator_longer_than_the_klines_that_count_is_never_known():
    long = market(X=klines(*[100.0] * 620))
    _, _, result = run_script(long, dict.fromkeys((499, 500, 610), asking(buy(portion=0.1), "MA600")), 615)
    assert [(each["klines"], each["needed"], each["until"]) for each in result.held_decisions] == [
        (499, 600, None),
        (500, 600, None),
        (500, 600, None),
    ]
    assert "(always: indicators are of the last 500)" in "".join(result.warnings)
    _, _, result = run_script(long, dict.fromkeys((499, 500), asking(buy(portion=0.1), "RSI600")), 615)
    assert [row[0] for row in rows(result)] == [499]  # it has no filler, and never sees more than these


def test_a_missing_kline_delays_the_end_of_the_warm_up_and_klines_that_are_not_there_are_taken_as_whole():
    series = KlineSeries(klines(100.0, 100.0, None, None, 100.0, 100.0))
    ma = {n: ShortIndicator.of("X", series, parse_indicator(f"MA{n}"), "1m", START + 2 * MINUTE) for n in (3, 4, 6)}
    assert {n: (short.until - START) // MINUTE for n, short in ma.items()} == {3: 5, 4: 6, 6: 6}
    nothing = KlineSeries(KlineColumns.of(HOUR, []))
    at = START + 90 * MINUTE
    assert ShortIndicator.of("X", nothing, parse_indicator("MA5"), "1h", at).until == START + 6 * HOUR


def test_data_that_was_kept_from_an_earlier_trigger_counts_as_asked_for():
    kept = []

    def keep(data):
        kept.append(data)

    def decide(data):
        kept[0].get_indicator("X", "MA5", "1m")
        return buy()

    _, _, result = run_script(FLAT, {1: keep, 9: decide}, 10)
    (held,) = result.held_decisions
    assert (held["timestamp"], held["klines"]) == (START + 9 * MINUTE, 1)
