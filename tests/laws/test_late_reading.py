"""A view of an instant that a program keeps answers later as it would have answered then."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.support.worlds import Trader, run, world

OPTIONS = [
    {},
    {"volume_cap_percent": 20.0, "bracket_execution": "as_decided"},
    {"execution_price": "open", "order_latency_ms": 700},
    {"margin_mode": "isolated", "trigger_price": "mark", "bracket_execution": "limit", "volume_cap_percent": 40.0},
]


def account(data: Any) -> str:
    return repr((data.open_orders, data.positions, data.total_equity, data.recent_trades))


@dataclass
class Keeper(Trader):
    """Keeps each view, and reads the account in it at once only if it `reads`."""

    reads: bool = True
    kept: list[Any] = field(default_factory=list)
    read: list[str] = field(default_factory=list)

    def look(self, data: Any, name: str) -> None:
        self.kept.append(data)
        if self.reads:
            self.read.append(account(data))


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("seed", range(6))
def test_orders_positions_and_trades_that_are_read_late_are_those_of_the_instant(seed, options):
    of = world(seed, "klines")
    at_once, late = Keeper(of), Keeper(of, reads=False)
    run(of, at_once, **options)
    run(of, late, **options)
    assert [account(data) for data in late.kept] == at_once.read
    assert len(set(at_once.read)) > 20


@dataclass
class Holder(Keeper):
    """Keeps the positions of each view as well, and reads nothing in them."""

    held: list[Any] = field(default_factory=list)

    def look(self, data: Any, name: str) -> None:
        super().look(data, name)
        self.held.append(data.positions)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_positions_that_are_taken_at_the_instant_and_read_late_are_those_of_the_instant(seed, options):
    of = world(seed, "klines")
    at_once, late = Keeper(of), Holder(of, reads=False)
    run(of, at_once, **options)
    run(of, late, **options)
    assert [repr(found) for found in late.held] == [repr(data.positions) for data in at_once.kept]
    assert len({repr(found) for found in late.held}) > 20
