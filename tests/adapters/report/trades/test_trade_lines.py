"""The lines of trades on a price chart."""

from __future__ import annotations

from typing import Any

from adapters.report.trades.trade_lines import decisions_of, lines_of

TRADE = {
    "symbol": "X", "timestamp": 100, "entry_timestamp": 110, "exit_timestamp": 500, "entry_price": 10.0,
    "exit_price": 12.0, "pnl": 1.5, "tag": "a", "side": "long",
}  # fmt: skip


def rows(*decisions: tuple[int, dict[str, Any]], **changes: Any) -> list[tuple[Any, ...]]:
    columns = lines_of([{**TRADE, **changes}], decisions, {}, None)
    names = ("kind", "trade", "symbol", "tone", "start", "end", "first", "last")
    return [*zip(*(columns[name].tolist() for name in names), strict=True)]


def decided(operation: str = "buy", **fields: Any) -> dict[str, Any]:
    return {"operation": operation, "symbol": "X", "tag": "a", **fields}


def test_the_way_says_whether_it_won() -> None:
    assert rows() == [("way", 0, "X", "good", 110, 500, 10.0, 12.0)]
    assert rows(pnl=-1.0) == [("way", 0, "X", "bad", 110, 500, 10.0, 12.0)]


def test_target_and_stop_stand_from_the_entry_to_the_exit() -> None:
    opening = decided(take_profit_price=13.0, stop_loss_price=9.0)
    assert rows((100, opening))[1:] == [
        ("target", 0, "X", "good", 110, 500, 13.0, 13.0),
        ("stop", 0, "X", "bad", 110, 500, 9.0, 9.0),
    ]


def test_other_symbols_tags_and_times_are_not_its_own() -> None:
    levels = {"take_profit_price": 13.0}
    others = [(100, decided(symbol="Y", **levels)), (100, decided(tag="b", **levels)), (90, decided(**levels))]
    assert len(rows(*others)) == 1


def test_an_amended_stop_makes_a_step() -> None:
    found = rows(
        (100, decided(stop_loss_price=9.0)),
        (200, decided("amend", stop_loss_price=9.5)),
        (300, decided("amend", tag="b", stop_loss_price=1.0)),
        (350, decided("amend", tag="", order_id=7, max_price=1.0)),
        (400, decided("amend", tag="", stop_loss_price=10.5)),
        (600, decided("amend", stop_loss_price=11.0)),
    )[1:]
    assert [(start, end, price) for *_, start, end, price, _ in found] == [
        (110, 200, 9.0), (200, 400, 9.5), (400, 500, 10.5),
    ]  # fmt: skip


def test_a_refused_decision_sets_nothing() -> None:
    refused = {"decision": decided(), "order": {"status": "rejected"}}
    taken = {"decision": decided(reason="2"), "order": {"status": "filled"}}
    assert [*decisions_of({**refused, "decisions": [refused, taken]})] == [taken["decision"]]
    assert [*decisions_of(refused)] == [*decisions_of({"decision": None})] == [*decisions_of(None)] == []
