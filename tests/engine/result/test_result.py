"""The result: the contract's fields, plain JSON, and nothing left out."""

import json
from dataclasses import FrozenInstanceError, fields

import numpy as np
import pytest

from engine import BacktestResult, BacktestTradeRecord, Decision
from processes import ProgramBacktestEngine, TriggerTimes
from tests.support.runs import MINUTE, START, Hold, buy, close, config, klines, market, run, run_script, sell, walk

RESULT = {
    "success", "error", "total_pnl", "total_pnl_percent", "max_drawdown", "max_drawdown_percent", "sharpe_ratio",
    "total_trades", "winning_trades", "losing_trades", "win_rate", "profit_factor", "avg_win", "avg_loss",
    "largest_win", "largest_loss", "signal_triggers", "scheduled_triggers", "total_triggers", "equity_curve", "trades",
    "trigger_log", "execution_time_ms", "start_time", "end_time", "warnings",
}  # fmt: skip
TRADE = {
    "timestamp", "trigger_type", "symbol", "operation", "side", "entry_price", "size", "leverage", "exit_price",
    "exit_timestamp", "exit_reason", "pnl", "gross_pnl", "pnl_percent", "fee", "funding", "equity_after", "reason",
    "pool_name", "triggered_signals", "exit_trigger_type", "exit_pool_name", "exit_decision_reason",
}  # fmt: skip
POINT = {"timestamp", "equity", "balance", "drawdown"}

RANDOM = market(X=walk(300, 1, holes=0.1), Y=walk(300, 2))


class Busy:
    """Trades all the time, asks what cannot be answered, and decides some nonsense."""

    def __init__(self):
        self.count = 0

    def should_trade(self, data):
        self.count += 1
        data.get_indicator("X", "MACD", "1d")
        data.get_flow("X", "CVD", "5m")
        data.get_price("NOPE")
        price = data.get_price("X")
        table = {
            0: Decision("buy", "X", "up", target_portion_of_balance=0.3, take_profit_price=price * 1.003),
            1: Decision("sell", "Y", "down", target_portion_of_balance=0.3, leverage=3, stop_loss_price=1e6),
            2: Decision("close", "X"),
            3: Decision("buy", "NOPE", target_portion_of_balance=np.float64("nan"), leverage=np.int64(3)),
            4: Decision("hold", "X"),
            5: None,
            6: Decision(object(), {"odd": {1, 2}}, reason=object(), leverage=object()),
            7: Decision("close", "Y"),
        }
        return table[self.count % 8]


def busy(**fields_):
    source = TriggerTimes("X", [START + k * 7 * MINUTE for k in range(40)], "sevens")
    return ProgramBacktestEngine(RANDOM, [source]).run(config(Busy, 280, ("X", "Y"), fee_rate=0.05, **fields_))


@pytest.fixture(scope="module")
def result():
    return busy()


def test_the_fields_of_the_contract_are_there(result):
    values = result.to_dict()
    assert set(values) >= RESULT
    assert set(values["trades"][0]) == TRADE
    assert {each.name for each in fields(BacktestTradeRecord)} == TRADE
    assert set(values["equity_curve"][0]) == POINT


def test_every_field_is_in_to_dict_and_the_full_curve_is_not(result):
    names = {each.name for each in fields(BacktestResult)}
    assert set(result.to_dict()) == names - {"equity"} | {"equity_curve"}
    assert names - set(result.to_dict(timing=False)) == {"equity", "execution_time_ms"}


def plain_types(value):
    if isinstance(value, dict):
        return {type(value), *map(type, value), *(kind for each in value.values() for kind in plain_types(each))}
    if isinstance(value, list):
        return {type(value), *(kind for each in value for kind in plain_types(each))}
    return {type(value)}


def test_to_dict_is_plain_json_whatever_a_strategy_decides(result):
    values = result.to_dict()
    assert plain_types(values) <= {dict, list, str, int, float, bool, type(None)}
    assert json.loads(json.dumps(values, allow_nan=False)) == values


def test_times_are_integer_milliseconds(result):
    values = result.to_dict()
    found = [values["start_time"], values["end_time"]]
    found += [trade[name] for trade in values["trades"] for name in ("timestamp", "exit_timestamp")]
    found += [point["timestamp"] for point in values["equity_curve"]]
    found += [entry["timestamp"] for entry in values["trigger_log"]]
    assert {type(time) for time in found} == {int}
    assert all(START <= time <= START + 280 * MINUTE for time in found)


def test_execution_time_is_the_only_value_of_the_machine(result):
    assert result.execution_time_ms > 0
    again = busy()
    one, other = result.to_dict(timing=False), again.to_dict(timing=False)
    assert "execution_time_ms" not in one
    assert json.dumps(one) == json.dumps(other)


def test_a_result_cannot_be_changed(result):
    with pytest.raises(FrozenInstanceError):
        result.total_pnl = 1e6
    with pytest.raises(FrozenInstanceError):
        result.trades[0].pnl = 1e6


def test_what_is_counted_adds_up(result):
    assert result.total_trades == len(result.trades) > 10
    assert result.total_trades == result.winning_trades + result.losing_trades
    assert result.total_triggers == result.signal_triggers + result.scheduled_triggers == len(result.trigger_log)
    assert sum(result.decisions.values()) == result.total_triggers
    orders = [entry["order"] for entry in result.trigger_log if "order" in entry]
    assert result.orders_submitted == len(orders)
    assert sum(order["status"] == "rejected" for order in orders) == sum(result.rejections.values())
    assert result.signal_triggers == 40
    assert result.rejections["symbol not configured"] > 0
    assert result.rejections["unknown operation"] > 0


def test_statistics_of_trades_are_those_of_a_slow_loop(result):
    wins = [trade.pnl for trade in result.trades if trade.pnl > 0]
    losses = [trade.pnl for trade in result.trades if trade.pnl < 0]
    assert (result.winning_trades, result.losing_trades) == (len(wins), len(losses))
    assert result.win_rate == pytest.approx(100 * len(wins) / len(result.trades))
    assert result.profit_factor == pytest.approx(sum(wins) / -sum(losses))
    assert (result.avg_win, result.avg_loss) == (
        pytest.approx(sum(wins) / len(wins)),
        pytest.approx(sum(losses) / len(losses)),
    )
    assert (result.largest_win, result.largest_loss) == (max(wins), min(losses))


def test_total_pnl_is_in_percent_of_the_initial_balance_too(result):
    assert result.total_pnl == pytest.approx(result.final_equity - 10_000)
    assert result.total_pnl_percent == pytest.approx(100 * result.total_pnl / 10_000)


def test_without_a_loss_there_is_no_profit_factor():
    _, _, result = run_script(market(X=klines(100, 100, 110, 110)), {1: buy(), 3: close()}, 3)
    assert (result.profit_factor, result.win_rate, result.losing_trades) == (None, 100.0, 0)
    assert (result.avg_loss, result.largest_loss) == (0.0, 0.0)


def test_a_trade_of_exactly_nothing_neither_wins_nor_loses():
    _, _, result = run_script(market(X=klines(*[100] * 4)), {1: buy(), 3: close()}, 3)
    assert (result.total_trades, result.winning_trades, result.losing_trades, result.win_rate) == (1, 0, 0, 0.0)


def test_a_run_without_trades_has_figures_that_are_none_or_nothing():
    result = run(RANDOM, Hold, 250)
    assert (result.total_trades, result.total_pnl, result.max_drawdown, result.fills) == (0, 0.0, 0.0, 0)
    assert (result.sharpe_ratio, result.sortino_ratio, result.profit_factor, result.calmar_ratio) == (None,) * 4


def test_a_record_tells_the_decision_and_the_trigger_of_both_ends():
    source = TriggerTimes("X", [START + 2 * MINUTE], "entry pool"), TriggerTimes("X", [START + 4 * MINUTE], "exit pool")
    decisions = {2: buy(reason="in", leverage=2), 4: close(reason="out")}
    _, _, result = run_script(
        market(X=klines(*[100.0] * 6)),
        decisions,
        5,
        source,
        scheduled_interval=None,
        slippage_percent=1.0,
        fee_rate=0.1,
    )
    (trade,) = result.trades
    entry, out = 101.0, 99.0
    size = 10_000 / entry
    fee = 0.001 * size * (entry + out)
    assert trade.to_dict() == {
        "timestamp": START + 2 * MINUTE, "trigger_type": "signal", "symbol": "X", "operation": "buy", "side": "long",
        "entry_price": entry, "size": pytest.approx(size), "leverage": pytest.approx(2.0), "exit_price": out,
        "exit_timestamp": START + 4 * MINUTE, "exit_reason": "decision",
        "gross_pnl": pytest.approx(size * (out - entry)), "pnl": pytest.approx(size * (out - entry) - fee),
        "pnl_percent": pytest.approx(100 * (size * (out - entry) - fee) / 10_000), "fee": pytest.approx(fee),
        "funding": 0.0, "equity_after": pytest.approx(10_000 + size * (out - entry) - fee), "reason": "in",
        "pool_name": "entry pool", "triggered_signals": [], "exit_trigger_type": "signal",
        "exit_pool_name": "exit pool", "exit_decision_reason": "out",
    }  # fmt: skip


@pytest.mark.parametrize(("row", "reason"), [((100, 111, 99, 100), "tp"), ((100, 101, 89, 100), "sl")])
def test_the_exit_fields_of_a_bracket_are_empty(row, reason):
    entry = buy(take_profit_price=110.0, stop_loss_price=90.0, reason="in")
    _, _, result = run_script(market(X=klines(100, 100, row)), {1: entry}, 3)
    (trade,) = result.trades
    assert (trade.exit_reason, trade.exit_trigger_type, trade.exit_pool_name, trade.exit_decision_reason) == (
        reason,
        "",
        "",
        "",
    )
    assert (trade.reason, trade.trigger_type) == ("in", "scheduled")


def test_positions_that_are_still_open_are_reported_as_open_and_not_closed():
    history = market(X=klines(100, 100, 110, 110), Y=klines(50, 50, 50, 50))
    _, _, result = run_script(history, {1: buy(leverage=2, reason="in"), 2: sell("Y", 0.1)}, 3, fee_rate=0.1)
    assert result.total_trades == 0
    first, second = result.open_positions
    assert first == {
        "symbol": "X", "side": "long", "size": 100.0, "entry_price": 100.0, "mark_price": 110.0,
        "unrealized_pnl": pytest.approx(1_000.0), "margin": 5_000.0, "leverage": pytest.approx(2.0),
        "entry_fees": pytest.approx(10.0), "funding": 0.0, "opened_at": START + MINUTE,
    }  # fmt: skip
    assert (second["symbol"], second["side"]) == ("Y", "short")
    assert result.unrealized_pnl == pytest.approx(1_000.0)


def test_the_trigger_log_tells_what_was_decided_and_done(result):
    entry = next(each for each in result.trigger_log if each["trigger_type"] == "signal" and "order" in each)
    assert {"index", "timestamp", "trigger_type", "symbol", "pool_name", "triggered_signals", "decision"} <= set(entry)
    assert {"equity_before", "equity_after", "logs", "error", "order"} <= set(entry)
    assert set(entry["decision"]) == set(Decision("hold", "X").to_dict())
    assert entry["pool_name"] == "sevens"


def test_the_trigger_log_is_a_sequence(result):
    log = result.trigger_log
    everything = list(log)
    assert (len(everything), everything[3], everything[-1]) == (len(log), log[3], log[-1])
    assert log[2:5] == everything[2:5]
    assert log[::-1] == everything[::-1]
    with pytest.raises(IndexError):
        log[len(log)]


def test_queries_without_an_answer_are_listed_and_warned_about(result):
    whys = {each["query"]: (each["why"], each["count"]) for each in result.unanswered_queries}
    assert whys["get_price('NOPE')"] == ("no such symbol", result.total_triggers)
    assert "get_indicator('X', 'MACD', '1d')" in whys
    assert any("get_price('NOPE')" in warning for warning in result.warnings)


def test_holes_in_the_data_are_warned_about():
    history = market(X=klines(100, 100, None, None, None, 100, 100), Y=klines(*[50.0] * 7))
    result = run(history, Hold, 7)
    klines_of = {each["symbol"]: each for each in result.data_coverage if each["series"] == "klines"}
    assert (klines_of["X"]["missing"], klines_of["X"]["longest_hole"]) == (3, 3)
    assert klines_of["Y"]["missing"] == 0
    (warning,) = (warning for warning in result.warnings if "missing" in warning)
    assert warning.startswith("X: 3 of 7 klines are missing")


def test_odd_operations_and_reasons_are_counted_and_shown_by_the_name_of_their_type(result):
    assert result.decisions["<object>"] == result.rejections["unknown operation"]
    _, _, other = run_script(market(X=klines(*[100] * 4)), {1: buy(reason=object()), 3: close(reason=5)}, 3)
    (trade,) = other.trades
    assert (trade.reason, trade.exit_decision_reason) == ("<object>", "5")


def test_decisions_are_shown_as_they_were_when_they_were_taken():
    class Reuser:
        """Changes and returns one decision object again and again."""

        def __init__(self):
            self.decision = Decision("hold", "X")

        def should_trade(self, data):
            self.decision.reason = str((data.timestamp - START) // MINUTE)
            return self.decision

    log = run(RANDOM, Reuser, 3).trigger_log
    assert [entry["decision"]["reason"] for entry in log] == ["1", "2", "3"]
