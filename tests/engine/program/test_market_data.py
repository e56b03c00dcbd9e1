"""What a strategy gets at a trigger: the contract's fields, as they stood then and for ever after."""

import pytest

from engine import Decision, MarketData
from processes import TriggerTimes
from tests.support.runs import MINUTE, START, buy, close, klines, market, run_script, sell, walk

FIELDS = {
    "available_balance", "total_equity", "used_margin", "margin_usage_percent", "maintenance_margin", "positions",
    "recent_trades", "open_orders", "trigger_symbol", "trigger_type", "signal_pool_name", "pool_logic",
    "triggered_signals", "trigger_market_regime", "signal_source_type", "wallet_event", "environment", "max_leverage",
    "default_leverage",
}  # fmt: skip
QUERIES = {
    "get_price", "get_market_data", "get_klines", "get_indicator", "get_flow", "get_price_change", "get_regime",
    "get_factor", "get_factor_ranking",
}  # fmt: skip
POSITION = {
    "symbol", "side", "size", "entry_price", "unrealized_pnl", "leverage", "liquidation_price", "opened_at",
    "opened_at_str", "holding_duration_seconds", "holding_duration_str",
}  # fmt: skip
RISING = market(X=klines(100, 100, 105, 110, 110, 110, 110, 110), Y=klines(*[50.0] * 8))


def fields_of(data):
    return {name: getattr(data, name) for name in sorted(FIELDS)}


def test_the_fields_and_queries_of_the_contract_exist():
    script, _, _ = run_script(RISING, {}, 1)
    assert {name for name in FIELDS | QUERIES if not hasattr(script.seen[1], name)} == set()


def test_a_fresh_account():
    script, _, _ = run_script(RISING, {}, 1, initial_balance=5_000.0)
    assert fields_of(script.seen[1]) == {
        "available_balance": 5_000.0, "total_equity": 5_000.0, "used_margin": 0, "margin_usage_percent": 0.0,
        "maintenance_margin": 0, "positions": {}, "recent_trades": [], "open_orders": [], "trigger_symbol": "",
        "trigger_type": "scheduled", "signal_pool_name": "", "pool_logic": "OR", "triggered_signals": [],
        "trigger_market_regime": None, "signal_source_type": None, "wallet_event": None, "environment": "mainnet",
        "max_leverage": 50, "default_leverage": 3,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "side", "unrealized"), [(buy(leverage=2), "long", 1_000.0), (sell(leverage=2), "short", -1_000.0)]
)
def test_an_account_with_a_position(entry, side, unrealized):
    script, _, _ = run_script(RISING, {1: entry}, 5)
    data = script.seen[4]
    position = data.positions["X"]
    assert {name: getattr(position, name) for name in POSITION} == {
        "symbol": "X", "side": side, "size": 100.0, "entry_price": 100.0, "unrealized_pnl": unrealized, "leverage": 2.0,
        "liquidation_price": position.liquidation_price, "opened_at": START + MINUTE,
        "opened_at_str": "2024-01-01 00:01:00 UTC", "holding_duration_seconds": 180.0, "holding_duration_str": "3m",
    }  # fmt: skip
    equity = 10_000 + unrealized
    assert (data.total_equity, data.used_margin, data.available_balance) == (equity, 5_000.0, equity - 5_000)
    assert data.margin_usage_percent == pytest.approx(100 * 5_000 / equity)
    assert data.maintenance_margin == pytest.approx(0.01 * 100 * 110)


def test_margin_usage_is_between_0_and_100_also_for_a_ruined_account():
    history = market(X=klines(100, 100, 60, 40, 40))
    script, _, _ = run_script(history, {1: buy(portion=1.0, leverage=2)}, 4, liquidation=False)
    assert [script.seen[minute].margin_usage_percent for minute in (1, 2, 3, 4)] == [0.0, 100.0, 100.0, 100.0]
    assert [script.seen[minute].total_equity for minute in (3, 4)] == [2_000.0, -2_000.0]


@pytest.mark.parametrize(
    ("minutes", "text"), [(1, "1m"), (59, "59m"), (60, "1h 0m"), (150, "2h 30m"), (1_501, "25h 1m")]
)
def test_holding_times_are_written_as_hours_and_minutes(minutes, text):
    history = market(X=klines(*[100.0] * 1_600))
    script, _, _ = run_script(history, {1: buy()}, 1_550)
    position = script.seen[1 + minutes].positions["X"]
    assert (position.holding_duration_str, position.holding_duration_seconds) == (text, 60 * minutes)


def test_closed_trades_as_the_strategy_sees_them():
    script, _, _ = run_script(RISING, {1: buy(), 3: close(), 4: sell(), 5: close()}, 6, fee_rate=0.1)
    newest, oldest = script.seen[6].recent_trades
    assert {name: getattr(oldest, name) for name in ("symbol", "side", "size", "price", "timestamp", "close_time")} == {
        "symbol": "X", "side": "Long", "size": 50.0, "price": 105.0, "timestamp": START + 3 * MINUTE,
        "close_time": "2024-01-01 00:03:00 UTC",
    }  # fmt: skip
    assert oldest.pnl == pytest.approx(250 - 5 - 5.25)  # net of both fees
    assert newest.side == "Short"


def test_at_most_twenty_trades_are_shown_newest_first():
    decisions = {minute: (buy(), close())[minute % 2] for minute in range(2, 62)}
    script, _, result = run_script(market(X=klines(*[100.0 + k for k in range(70)])), decisions, 64)
    assert result.total_trades == 30
    shown = [trade.timestamp for trade in script.seen[63].recent_trades]
    assert shown == [trade.exit_timestamp for trade in result.trades[:-21:-1]]
    assert len(shown) == 20


def test_a_signal_trigger_has_its_symbol_pool_and_a_regime_on_demand():
    seen = []

    def keep(data):
        seen.append(data)

    _, sim, _ = run_script(RISING, {1: keep}, 1, [TriggerTimes("Y", [START + MINUTE], "mine")])
    signal, tick = seen
    assert (signal.trigger_symbol, signal.trigger_type, signal.signal_pool_name) == ("Y", "signal", "mine")
    assert (tick.trigger_symbol, tick.trigger_type, tick.trigger_market_regime) == ("", "scheduled", None)
    assert sim.provider.unanswered.to_list() == []  # nobody read the regime: it was not worked out
    assert signal.trigger_market_regime.regime == "noise"
    assert signal.trigger_market_regime is signal.trigger_market_regime


# --- its own instant


def answers(data):
    found = {**fields_of(data), "timestamp": data.timestamp}
    for symbol in ("X", "Y"):
        found[symbol, "price"] = data.get_price(symbol)
        found[symbol, "market"] = data.get_market_data(symbol)
        for period in ("1m", "5m", "1h"):
            found[symbol, period] = list(data.get_klines(symbol, period, 20))
            found[symbol, period, "RSI"] = data.get_indicator(symbol, "RSI14", period)["value"]
            found[symbol, period, "series"] = list(data.get_indicator(symbol, "MA5", period)["series"])
            found[symbol, period, "change"] = data.get_price_change(symbol, period)
    return found


def trade(data):
    """Buy, sell or close by turns, with brackets close by."""
    minute = (data.timestamp - START) // MINUTE
    way = ("sell", "buy", "buy", "close")[minute % 4]
    price, sign = data.get_price("X"), -1 if way == "sell" else 1
    stops = {"take_profit_price": price * (1 + sign * 0.004), "stop_loss_price": price * (1 - sign * 0.004)}
    return Decision(way, "X", target_portion_of_balance=0.2, **(stops if way != "close" else {}))


@pytest.mark.parametrize("when", ["later", "at the end", "first read at the end"])
def test_a_retained_data_answers_as_of_its_own_instant(when):
    history = market(X=walk(2 * 60, 1), Y=walk(2 * 60, 2))
    kept, first, later = {}, {}, {}

    def look(data):
        minute = (data.timestamp - START) // MINUTE
        kept[minute] = data
        if when != "first read at the end":
            first[minute] = answers(data)
        if when == "later" and minute - 7 in kept:
            later[minute - 7] = answers(kept[minute - 7])
            assert answers(data) == first[minute]
        return trade(data)

    _, _, result = run_script(history, dict.fromkeys(range(1, 110), look), 110, fee_rate=0.1, warm_up="trade")
    assert result.total_trades > 10
    if when == "first read at the end":

        def look_at_once(data):
            first[(data.timestamp - START) // MINUTE] = answers(data)
            return trade(data)

        run_script(history, dict.fromkeys(kept, look_at_once), 110, fee_rate=0.1, warm_up="trade")
    if when != "later":
        assert {minute: answers(data) for minute, data in kept.items()} == first
    else:
        assert later == {minute: first[minute] for minute in later}
        assert len(later) > 50


def test_what_a_strategy_changes_in_its_data_changes_nothing_else():
    def vandal(data):
        data.positions.clear()
        data.recent_trades.clear()
        data.open_orders.clear()
        data.triggered_signals.append({})
        for name in ("total_equity", "used_margin", "timestamp"):
            with pytest.raises(AttributeError):
                setattr(data, name, 1e9)

    script, _, result = run_script(RISING, {1: buy(stop_loss_price=50.0), 2: vandal, 3: close(portion=0.5)}, 5)
    assert result.success
    assert sorted(script.seen[3].positions) == ["X"]
    assert len(script.seen[3].open_orders) == 1
    assert len(script.seen[5].recent_trades) == 1
    assert script.seen[3].total_equity == pytest.approx(10_250)


def test_reading_the_account_asks_nothing_of_the_market_that_would_be_listed():
    history = market(X=klines(None, None, (100, 110, 90, 105), 105.0), Y=klines(*[50.0] * 4))
    script, _sim, result = run_script(
        history,
        {1: buy(), 2.5: lambda data: fields_of(data) and None},
        3,
        execution_price="open",
        scheduled_interval=30,
    )
    assert script.seen[2.5].positions["X"].unrealized_pnl == 0.0
    assert result.unanswered_queries == []


def test_a_class_pattern_reaches_no_field_of_it():
    assert not hasattr(MarketData, "__match_args__")
