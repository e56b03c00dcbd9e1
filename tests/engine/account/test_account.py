"""The account notices what is wrong before it keeps it."""

import pytest

from engine import Fill, SimulationError
from engine.contract import ExitReason
from engine.kernel import Origin
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
        account.apply(Fill(sim.now, 9, "X", "sell", 1.0, 100.0, 0.1, "entry", 10.0, Origin(START, "sell", "", None)))
    assert (account.state, account.ledger.postings) == (before, postings)


def test_a_change_that_breaks_a_law_changes_nothing():
    _, sim, _ = run_script(market(X=klines(*[100.0] * 5)), {1: buy()}, 3)
    account, origin = sim.account, Origin(START, "buy", "", None)
    before = account.state, list(account.ledger.postings), list(account.changes), list(account.trades)
    entry = Fill(sim.now, 9, "X", "buy", 1.0, 100.0, 0.1, "entry", 10.0, origin)
    wrong = {
        "is dated": entry.replaced(timestamp=sim.now - 1),
        "not positive": entry.replaced(margin=float("nan")),
        "cash would be": entry.replaced(fee=float("inf")),
        "without a position": entry.replaced(symbol="Y", purpose=ExitReason.DECISION),
        "no decision behind": entry.replaced(symbol="Y", origin=None),
    }
    for text, fill in wrong.items():
        with pytest.raises(SimulationError, match=text):
            account.apply(fill)
    assert (account.state, account.ledger.postings, list(account.changes), list(account.trades)) == before
