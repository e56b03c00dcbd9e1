"""The life of every order: the table, its drawing, and where a run leaves its orders."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import SimulationError
from engine.exchange import LIFE, OrderEvent, OrderLives, OrderState
from tests.conftest import ROOT
from tests.support.runs import buy, klines, market, run_script

DIP = market(X=klines(100.0, 100.0, (100, 100, 98, 99), (99, 99, 95, 97), (97, 103, 97, 102), 102.0, 102.0))


@given(st.lists(st.sampled_from(list(OrderEvent)), max_size=12))
@settings(max_examples=300)
def test_an_order_moves_only_as_the_table_says(events):
    lives, state = OrderLives(), OrderState.NEW
    for event in events:
        if event in LIFE[state]:
            lives.move(7, event)
            state = LIFE[state][event]
        else:
            with pytest.raises(SimulationError, match=f"order 7 is {state}: it cannot {event}"):
                lives.move(7, event)
        assert lives.state(7) == state


def test_final_states_are_final_and_every_state_is_reached():
    final = {state for state, events in LIFE.items() if not events}
    assert final == {OrderState.FILLED, OrderState.CANCELLED, OrderState.REJECTED, OrderState.CARRIED_OUT}
    assert {after for events in LIFE.values() for after in events.values()} | {OrderState.NEW} == set(LIFE)


def test_the_readme_draws_the_table():
    text = (ROOT / "engine" / "exchange" / "README.md").read_text("utf-8")
    (diagram,) = re.findall(r"```mermaid\nstateDiagram-v2\n(.*?)```", text, re.DOTALL)
    assert diagram.splitlines() == [
        f"    {state.name} --> {after.name} : {event}"
        for state, events in LIFE.items()
        for event, after in events.items()
    ]


def test_a_run_ends_with_every_order_where_it_should_be():
    orders = {
        1: buy(stop_loss_price=95.5, take_profit_price=130.0),
        2: buy(time_in_force="Gtc", max_price=90.0),
        3: buy(portion=9.0),
    }
    _, sim, _ = run_script(DIP, orders, 6)
    lives = sim.exchange.lives
    kinds = [lives.state(order_id).value for order_id in range(1, 6)]
    assert kinds == ["filled", "cancelled", "filled", "cancelled", "rejected"]
