"""Orders that work: resting ones by the minute, a grid that is laid anew, a position that is added to and halved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine import Decision
from tests.laws.test_costs import HOUR, MINUTE, Holds, simulation

from .conftest import AddRow
from .measuring import TIMES, Prepare, in_turns, times_row

TITLE = "Orders that work"
ROUNDS = 3
DAYS = 4 * 24 * HOUR
LEVELS = 200
HALVINGS = 4_000


class RestsEveryMinute:
    """Leaves one more limit order far from the market at each trigger; with `hours` each expires after so many."""

    def __init__(self, hours: float | None = None) -> None:
        self.expires_s = None if hours is None else 3_600 * hours

    def should_trade(self, data: Any) -> Decision:
        limit = data.get_price("BTC") * (0.5 + data.timestamp % HOUR / 1e9)
        rests: dict[str, Any] = {"max_price": limit, "time_in_force": "Gtc", "expires_after_seconds": self.expires_s}
        return Decision("buy", "BTC", size=0.0001, leverage=10, tag=f"{data.timestamp}", **rests)


class Grid:
    """Brings 200 limit orders around the price to where they belong, by one of three ways."""

    def __init__(self, way: str) -> None:
        self.way = way

    def should_trade(self, data: Any) -> list[Decision]:
        price, working = data.get_price("BTC"), {order.tag: order for order in data.open_orders}
        cancels = []
        if self.way == "cancel all":
            cancels = [Decision("cancel", "BTC")]
        elif self.way == "cancel each":
            cancels = [Decision("cancel", "BTC", tag=tag) for tag in working]
        amended = working if self.way == "amend" else {}
        return cancels + [self.level(number, price, f"{number}" in amended) for number in range(LEVELS)]

    @staticmethod
    def level(number: int, price: float, is_there: bool) -> Decision:
        away = 1 + number // 2 * 0.001 + 0.001
        limit = {"max_price": price / away} if number % 2 else {"min_price": price * away}
        if is_there:
            return Decision("amend", "BTC", tag=f"{number}", **limit)  # type: ignore[arg-type]
        side: dict[str, Any] = {"size": 0.0002, "leverage": 10, "post_only": True, "tag": f"{number}", **limit}
        return Decision("buy" if number % 2 else "sell", "BTC", **side)


class AddsAndHalves:
    """Adds to a position and halves it in turn, with a stop for each entry if so wanted."""

    def __init__(self, with_stops: bool) -> None:
        self.with_stops, self.is_to_add = with_stops, False

    def should_trade(self, data: Any) -> Decision:
        self.is_to_add = not self.is_to_add
        if not self.is_to_add:
            return Decision("close", "BTC", target_portion_of_balance=0.5)
        stop = data.get_price("BTC") * 0.3 if self.with_stops else None
        return Decision("buy", "BTC", size=0.01, leverage=2, tag="position", stop_loss_price=stop)


#: What is run, for how long, how often it is called, and how many times that is.
RUNS: dict[str, tuple[Callable[[], object], int, int]] = {
    "a program that holds, every minute": (Holds, DAYS, MINUTE),
    "a resting limit every minute, 4 days": (RestsEveryMinute, DAYS, MINUTE),
    "the same, 1 day": (RestsEveryMinute, DAYS // 4, MINUTE),
    "the same, 4 days, each for an hour": (lambda: RestsEveryMinute(1), DAYS, MINUTE),
    "200 levels every hour, cancelled at once": (lambda: Grid("cancel all"), DAYS, HOUR),
    "200 levels every hour, cancelled each": (lambda: Grid("cancel each"), DAYS, HOUR),
    "200 levels every hour, amended": (lambda: Grid("amend"), DAYS, HOUR),
    "added to and halved 4,000 times": (lambda: AddsAndHalves(False), 2 * HALVINGS * MINUTE, MINUTE),
    "the same, a stop for each entry": (lambda: AddsAndHalves(True), 2 * HALVINGS * MINUTE, MINUTE),
    "the same, 1,000 times": (lambda: AddsAndHalves(True), HALVINGS // 2 * MINUTE, MINUTE),
}


def prepared(program: Callable[[], object], length_ms: int, interval_ms: int) -> Prepare:
    return lambda: simulation(program(), length_ms // interval_ms, interval_ms).run


def test_orders_that_work(add_row: AddRow) -> None:
    costs = in_turns({name: prepared(*run) for name, run in RUNS.items()}, ROUNDS)
    for name, (_, length_ms, interval_ms) in RUNS.items():
        add_row(TITLE, TIMES, times_row(name, costs[name], length_ms // interval_ms))
