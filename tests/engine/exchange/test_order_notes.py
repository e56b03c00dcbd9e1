"""What is noted of orders that do not fill at once, and of where exits stand."""

from __future__ import annotations

from typing import Any

from engine import Decision, MarketHistory, SymbolHistory
from engine.exchange import AMENDED, CANCELLED, EXPIRED, PLACED, REJECTED
from tests.support.runs import buy, run_script, walk

MINUTE = 60_000


def history() -> MarketHistory:
    return MarketHistory([SymbolHistory("X", walk(600, volatility=0.0005))])


def test_what_becomes_of_resting_and_refused_orders_is_noted_with_its_price() -> None:
    prices: list[float] = []

    def rest(data: Any) -> Decision:
        prices.append(data.get_price("X") * 0.5)
        return buy(max_price=prices[0], time_in_force="Gtc", tag="low")

    def amend(data: Any) -> Decision:
        prices.append(prices[0] * 1.1)
        return Decision("amend", "X", tag="low", max_price=prices[1])

    def soon(data: Any) -> Decision:
        return buy(trigger_price=data.get_price("X") * 2.0, expires_after_seconds=120)

    script = {
        10: rest,
        20: amend,
        30: lambda data: Decision("cancel", "X", tag="low"),
        40: soon,
        50: lambda data: buy(portion=9.0),
    }
    _, _, result = run_script(history(), script, 100)
    notes = result.order_notes
    assert notes is not None
    start = result.start_time
    found = [(note.what, (note.timestamp - start) // MINUTE) for note in notes.orders]
    assert [what for what, _ in found] == [PLACED, AMENDED, CANCELLED, PLACED, EXPIRED, REJECTED]
    assert found[4][1] - found[3][1] == 2
    assert [note.price for note in notes.orders[:2]] == prices
    assert [note.text for note in notes.orders[:3]] == ["Limit", "Limit", "cancelled by a decision"]
    assert {note.sign for note in notes.orders if note.what == PLACED} == {1}
    assert notes.exits == []


def test_where_exits_stand_is_noted_from_the_entry_to_their_end() -> None:
    levels: list[float] = []

    def enter(data: Any) -> Decision:
        levels.extend(data.get_price("X") * factor for factor in (1.5, 0.5, 0.6))
        return buy(take_profit_price=levels[0], stop_loss_price=levels[1], tag="a")

    script = {
        10: enter,
        20: lambda data: Decision("amend", "X", tag="a", stop_loss_price=levels[2]),
        30: lambda data: buy(trailing_stop_percent=0.01, tag="b"),
    }
    _, _, result = run_script(history(), script, 100)
    notes = result.order_notes
    assert notes is not None
    entry, amended, trailing, gone = notes.exits
    assert (entry.take_profit, entry.stop_loss, entry.trailing_percent) == (*levels[:2], None)
    assert (amended.entry_id, amended.take_profit, amended.stop_loss) == (entry.entry_id, levels[0], levels[2])
    assert (trailing.trailing_percent, trailing.since) == (0.01, trailing.timestamp)
    assert (gone.entry_id, gone.timestamp) == (trailing.entry_id, result.trades[0].exit_timestamp)
    assert (gone.take_profit, gone.stop_loss, gone.trailing_percent) == (None, None, None)
