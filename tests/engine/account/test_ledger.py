"""The ledger: cash is the sum of its postings, which stand in order of time."""

import pytest

from engine import SimulationError
from engine.account import Ledger, Posting


def test_cash_is_the_sum_of_the_postings():
    ledger = Ledger(100.0)
    ledger.post((Posting(1, "pnl", "X", 5.0, 1), Posting(1, "fee", "X", -0.25, 1)))
    ledger.post((Posting(2, "funding", "X", 1.0, 0),))
    assert (ledger.cash, ledger.total("fee")) == (105.75, -0.25)


@pytest.mark.parametrize(
    ("postings", "text"),
    [
        ((Posting(1, "fee", "X", -1.0, 2),), "a fee at 1 came after a posting at 2"),
        ((Posting(3, "pnl", "X", 1.0, 2), Posting(2, "fee", "X", -1.0, 2)), "a fee at 2 came after a posting at 3"),
        ((Posting(3, "pnl", "X", float("nan"), 2),), "cash would be nan"),
    ],
)
def test_a_posting_out_of_order_or_without_a_number_is_refused_and_nothing_is_added(postings, text):
    ledger = Ledger(100.0)
    ledger.post((Posting(2, "pnl", "X", 5.0, 1),))
    with pytest.raises(SimulationError, match=text):
        ledger.post(postings)
    assert (ledger.cash, len(ledger.postings)) == (105.0, 1)
