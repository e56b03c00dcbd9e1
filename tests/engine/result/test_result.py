"""The result: the contract's fields, plain JSON, and nothing left out."""

import json
from dataclasses import FrozenInstanceError, fields

import numpy as np
import pandas as pd
import pytest

from engine import BacktestResult, BacktestTradeRecord, Decision
from engine.result import IDENTITY
from processes import ProgramBacktestEngine, TriggerTimes
from tests.support.eventful_run import eventful_result
from tests.support.runs import (
    DAY,
    HOUR,
    MINUTE,
    START,
    Hold,
    Script,
    buy,
    close,
    config,
    klines,
    market,
    run,
    run_script,
    sell,
    walk,
    wired,
)

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
NEW_IN_TRADE = {
    "entry_timestamp",
    "tag",
    "exit_tag",
    "risk",
    "r_multiple",
    "mae",
    "mae_percent",
    "mfe",
    "mfe_percent",
    "shortfall_covered",
}
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
    assert set(values["trades"][0]) == TRADE | NEW_IN_TRADE
    assert {each.name for each in fields(BacktestTradeRecord)} == TRADE | NEW_IN_TRADE
    assert set(values["equity_curve"][0]) == POINT


def test_every_field_is_in_to_dict_and_the_full_curve_is_not(result):
    names = {each.name for each in fields(BacktestResult)}
    # nothing was recorded, and nothing certified
    unlisted = {"equity", "records", "prices", "fill_records", "order_notes", "recording", "stored_identity"}
    unlisted.add("certificate")
    assert set(result.to_dict()) == names - unlisted | {"equity_curve", *IDENTITY}
    assert names - set(result.to_dict(timing=False)) == {*unlisted, "execution_time_ms"}


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


def test_a_run_without_a_fill_has_no_volatility():
    idle = run(market(X=walk(3 * 1440, 1)), Hold, 2 * 1440)
    assert (idle.return_count, idle.annual_volatility_percent) == (2, None)
    assert idle.undefined["annual_volatility_percent"] == "nothing traded"
    _, _, held = run_script(market(X=klines(*[100] * 2 * 1440)), {1: buy()}, 2 * 1440)
    assert (held.total_trades, held.annual_volatility_percent) == (0, 0.0)


@pytest.mark.parametrize(("days", "is_told"), [(29.9, False), (30, True)])
@pytest.mark.parametrize("price", [50, 101, 2_000])
def test_what_a_run_of_less_than_30_days_brought_is_not_taken_to_a_year(days, is_told, price):
    history = market(X=klines(*[100] * 12, 90, *[price] * 720, period_ms=HOUR))
    minutes = days * 1_440
    _, _, result = run_script(
        history, {60: buy()}, minutes, base_period="1h", scheduled_interval=3_600, price_stale_ms=HOUR
    )
    told = (result.annual_return_percent, result.calmar_ratio, result.annual_alpha_percent)
    names = ("annual_return_percent", "calmar_ratio", "annual_alpha_percent")
    assert [each is not None for each in told] == [is_told] * 3
    assert [result.undefined.get(name) for name in names] == [None if is_told else "under 30 days"] * 3
    assert result.sharpe_ratio is not None
    assert ("sharpe_ratio" in result.remarks) == (result.return_count < 30)
    if is_told:
        growth = (result.final_equity / 10_000) ** (365 / 30) - 1
        assert result.annual_return_percent == pytest.approx(100 * growth)
        assert result.calmar_ratio == pytest.approx(100 * growth / result.max_drawdown_percent)


def test_ratios_of_few_daily_returns_say_so():
    _, _, result = run_script(market(X=walk(3 * 1440, 1)), {1: buy()}, 2 * 1440)
    assert result.remarks["sharpe_ratio"] == "of 2 daily returns: chance decides it"
    assert all(getattr(result, name) is not None for name in result.remarks)


def test_a_run_that_was_stopped_early_is_as_short_as_it_was():
    history = market(X=klines(*[100] * 60 * 24, period_ms=HOUR))
    sim = wired(history, config(Script({60: buy()}), 50 * 1_440, base_period="1h", scheduled_interval=3_600))

    def stopper(sim):
        yield sim.at(START + 29 * DAY)
        sim.stop()

    sim.process(stopper)
    assert sim.run().undefined["annual_return_percent"] == "under 30 days"


def test_every_figure_without_a_value_has_its_reason_and_no_other_one():
    flat, idle = market(X=klines(*[100] * 3_000)), market(X=walk(3_000, 2))
    runs = [
        eventful_result(),
        run(RANDOM, Hold, 250),
        run(idle, Hold, 2_900),
        run_script(flat, {1: buy()}, 2_900)[2],
        run_script(flat, {1: buy(), 2: close()}, 2_900)[2],
        run_script(idle, {1: buy(), 2: close(), 5: sell(), 9: close()}, 2_900)[2],
        run_script(idle, {1: buy(), 2_500: close()}, 2_900)[2],
        run_script(market(X=klines(100, 100, 110, 110, 120)), {1: buy(stop_loss_price=90.0), 3: close()}, 4)[2],
    ]
    for result in runs:
        missing = {name for name, value in result.figures().items() if value is None}
        assert set(result.undefined) == missing - {"error", "ruined_at", "execution_time_ms"}
        assert all(result.undefined.values())


def test_the_returns_of_a_ruined_account_end_at_its_ruin():
    """Ruined within the second day, and rich again on the third: nothing can be earned on nothing."""
    prices = [*[100] * 1_440, *[80] * 720, *[40] * 720, *[200] * 1_440]
    decisions = {1: buy(portion=1.0, leverage=2)}
    _, _, result = run_script(market(X=klines(*prices)), decisions, 3 * 1_440, liquidation=False)
    assert result.ruined_at == START + (1_440 + 720 + 1) * MINUTE
    assert (result.return_count, result.final_equity) == (2, pytest.approx(30_000.0))
    returns = [0.0, -2_000 / 10_000 - 1]
    assert result.sharpe_ratio == pytest.approx(np.mean(returns) / np.std(returns, ddof=1) * 365**0.5)
    assert "up to the ruin" in result.return_grid
    (warning,) = (each for each in result.warnings if "ruin" in each)
    assert "2024-01-02 12:01:00 UTC" in warning


def test_a_ruined_account_lost_everything_a_year():
    prices = [*[100] * 24 * 3, *[40] * 24, *[200] * 24 * 40]
    decisions = {60: buy(portion=1.0, leverage=2)}
    history = market(X=klines(*prices, period_ms=HOUR))
    _, _, result = run_script(
        history, decisions, 40 * 1_440, liquidation=False, base_period="1h", scheduled_interval=3_600
    )
    assert result.final_equity > 10_000
    assert result.annual_return_percent == -100.0


def test_an_account_that_is_not_ruined_says_nothing_of_it(result):
    assert result.ruined_at is None
    assert result.return_grid == "00:00 UTC, part-days at both ends"
    assert not any("ruin" in each for each in result.warnings)


@pytest.mark.parametrize("execution", ["open", "vwap"])
def test_the_first_fill_stands_beside_the_decision(execution):
    history = market(X=klines(100, 100, None, 100, 100, 100))
    _, _, result = run_script(history, {2: buy(), 4: buy(portion=0.3), 5: close()}, 6, execution_price=execution)
    (trade,) = result.trades
    filled = START + (3 if execution == "open" else 4) * MINUTE
    assert (trade.timestamp, trade.entry_timestamp) == (START + 2 * MINUTE, filled)
    assert trade.holding_ms == trade.exit_timestamp - filled


def test_the_risk_of_entries_adds_up_and_goes_with_what_is_closed():
    """5,000 USD at 100 with a stop at 98, then a quarter of the rest with a trailing stop of 1 %: 100 + 12.5 USD."""
    decisions = {
        1: buy(stop_loss_price=98.0),
        2: buy(portion=0.25, trailing_stop_percent=1.0, stop_loss_price=90.0),
        3: close(portion=0.4),
        4: close(),
    }
    _, _, result = run_script(market(X=klines(*[100] * 6)), decisions, 5)
    assert [trade.risk for trade in result.trades] == [pytest.approx(0.4 * 112.5), pytest.approx(0.6 * 112.5)]


def test_an_entry_without_a_stop_has_no_risk_to_measure_by():
    decisions = {1: buy(stop_loss_price=98.0), 2: buy(portion=0.2, take_profit_price=120.0), 3: close()}
    _, _, result = run_script(market(X=klines(*[100] * 6)), decisions, 5)
    assert [(trade.risk, trade.r_multiple) for trade in result.trades] == [(None, None)]


def negative_zeros(value):
    if isinstance(value, dict):
        return [path for key, each in value.items() for path in (f"{key} {found}" for found in negative_zeros(each))]
    if isinstance(value, list):
        return [path for each in value for path in negative_zeros(each)]
    return [str(value)] if isinstance(value, float) and str(value) == "-0.0" else []


def test_a_zero_has_no_sign():
    flat = klines(*[100.0] * 10)
    for decisions in ({1: sell(), 3: close()}, {1: sell()}, {1: buy(), 3: close(), 4: sell()}, {}):
        _, _, result = run_script(market(X=flat), decisions, 6)
        values = result.to_dict()
        assert negative_zeros({name: value for name, value in values.items() if name != "trigger_log"}) == []


def test_alpha_and_beta_are_against_holding_the_symbols_in_equal_parts():
    """Half of X, bought at the start: the market is X and Y, each for half, so that nothing but X moves both."""
    prices = klines(*np.repeat([100.0, 110, 90, 120, 115], 24), period_ms=HOUR)
    other = klines(*[50.0] * 120, period_ms=HOUR)
    settings = {"base_period": "1h", "scheduled_interval": 3_600}
    _, _, result = run_script(market(X=prices, Y=other), {60: buy()}, 5 * 1_440, **settings)
    assert (result.beta, result.holding_percent) == (pytest.approx(1.0), pytest.approx(7.5))
    _, _, double = run_script(market(X=prices, Y=other), {60: buy(leverage=2)}, 5 * 1_440, **settings)
    assert double.beta == pytest.approx(1.9, abs=0.15)  # the share of X in the market drifts, that in the account too


def test_a_symbol_without_a_price_yet_is_held_as_cash():
    history = market(X=klines(*[100.0] * 6), Y=klines(None, None, 50, 50, 60, 60))
    _, _, result = run_script(history, {}, 6)
    assert result.buy_and_hold_percent == {"X": 0.0, "Y": pytest.approx(20.0)}
    assert result.holding_percent == pytest.approx(10.0)


def test_exposure_is_told_by_symbol():
    history = market(X=klines(*[100.0] * 12), Y=klines(*[50.0] * 12), Z=klines(*[10.0] * 12))
    decisions = {1: buy(portion=0.2), 5: close(), 3: sell("Y", 0.2), 8: close("Y")}
    _, _, result = run_script(history, decisions, 10)
    assert result.exposure_by_symbol_percent == {"X": 40.0, "Y": 50.0, "Z": 0.0}
    assert result.exposure_percent == 70.0


@pytest.mark.parametrize(
    ("prices", "longest", "recovery"),
    [
        ([100, 100, 110, 120, 130], 0, None),
        ([100, 100, 90, 80, 100, 100], 3, 1),  # from the peak at minute 2 to minute 5; the trough is at 4
        ([100, 100, 90, 80, 90, 90], 4, None),
        ([100, 100, 99, 100, 100, 100, 60, 100], 2, 1),
        ([100, 100, 60, 100, 99, 99, 99, 100], 4, 1),  # the deepest is not the longest
    ],
)
def test_how_long_drawdowns_took(prices, longest, recovery):
    _, _, result = run_script(market(X=klines(*prices)), {1: buy()}, len(prices))
    assert result.longest_drawdown_ms == longest * MINUTE
    assert result.recovery_ms == (None if recovery is None else recovery * MINUTE)
    if result.max_drawdown:
        assert result.recovery_factor == pytest.approx(result.total_pnl / result.max_drawdown)


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
        "timestamp": START + 2 * MINUTE, "entry_timestamp": START + 2 * MINUTE, "trigger_type": "signal",
        "symbol": "X", "operation": "buy", "side": "long",
        "entry_price": entry, "size": pytest.approx(size), "leverage": pytest.approx(2.0), "exit_price": out,
        "exit_timestamp": START + 4 * MINUTE, "exit_reason": "decision",
        "gross_pnl": pytest.approx(size * (out - entry)), "pnl": pytest.approx(size * (out - entry) - fee),
        "pnl_percent": pytest.approx(100 * (size * (out - entry) - fee) / 10_000), "fee": pytest.approx(fee),
        "funding": 0.0, "equity_after": pytest.approx(10_000 + size * (out - entry) - fee), "reason": "in",
        "pool_name": "entry pool", "triggered_signals": [], "exit_trigger_type": "signal",
        "exit_pool_name": "exit pool", "exit_decision_reason": "out", "risk": None, "r_multiple": None,
        "mae": pytest.approx(size * (out - entry)), "mae_percent": pytest.approx(100 * (out - entry) / entry),
        "mfe": 0.0, "mfe_percent": 0.0, "shortfall_covered": 0.0, "tag": "", "exit_tag": "",
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


def test_what_a_program_recorded_is_a_frame_with_a_row_for_each_instant():
    def keep(data):
        minute = (data.timestamp - START) // MINUTE
        data.record("every", minute)
        if minute == 2:
            data.record("once", 0.5)

    _, _, kept = run_script(market(X=klines(*[100.0] * 6)), dict.fromkeys((1, 2, 3), keep), 4)
    frame = kept.records_frame
    assert list(frame.columns) == ["every", "once"]
    assert frame.index.tolist() == list(
        pd.to_datetime([START + minute * MINUTE for minute in (1, 2, 3)], unit="ms", utc=True)
    )
    assert frame["every"].tolist() == [1.0, 2.0, 3.0]
    assert frame["once"].dropna().to_dict() == {frame.index[1]: 0.5}
    _, _, empty = run_script(market(X=klines(*[100.0] * 6)), {}, 4)
    assert (empty.records_frame.shape, str(empty.records_frame.index.tz)) == ((0, 0), "UTC")


def test_the_log_shows_the_tags_of_fills_that_have_one():
    decisions = {1: buy(tag="first"), 2: buy()}
    _, _, result = run_script(market(X=klines(*[100.0] * 6)), decisions, 4)
    fills = [entry["order"]["fills"][0] for entry in result.trigger_log if "order" in entry]
    assert [fill.get("tag") for fill in fills] == ["first", None]
