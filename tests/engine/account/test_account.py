"""The account notices what is wrong before it keeps it."""

import pytest

from engine import SimulationError
from engine.account import Origin
from tests.support.runs import START, Script, buy, config, klines, market, run_script, wired


def test_a_broken_account_is_noticed_at_the_next_change():
    def thief(sim):
        yield sim.at(START + 90_000)
        sim.account.ledger.cash -= 1.0

    sim = wired(market(X=klines(*[100.0] * 5)), config(Script({1: buy(), 2: buy()}), 4))
    sim.process(thief)
    with pytest.raises(SimulationError, match="ledger"):
        sim.run()


def test_a_fill_against_the_open_position_is_refused_before_anything_changes():
    _, sim, _ = run_script(market(X=klines(*[100.0] * 5)), {1: buy()}, 3)
    account = sim.account
    before, postings = account.state, list(account.ledger.postings)
    with pytest.raises(SimulationError, match="against the open long"):
        account.enter("X", -1, 1.0, 100.0, 0.1, 10.0, 9, Origin(START, "sell", "", None))
    assert (account.state, account.ledger.postings) == (before, postings)
