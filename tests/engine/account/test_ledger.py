"""The ledger: cash is the sum of its postings, which stand in order of time."""

import pytest

from engine import SimulationError
from engine.account import Ledger, Posting


def test_cash_is_the_sum_of_the_postings():
    ledger = Ledger(100.0)
    ledger.post(1, "X", 1, (("pnl", 5.0), ("fee", -0.25)))
    ledger.post(2, "Y", 0, (("funding", 1.0),))
    assert (ledger.cash, ledger.summed(), ledger.total("fee")) == (105.75, 105.75, -0.25)
    assert ledger.postings == [
        Posting(1, "pnl", "X", 5.0, 1),
        Posting(1, "fee", "X", -0.25, 1),
        Posting(2, "funding", "Y", 1.0, 0),
    ]


@pytest.mark.parametrize(
    ("timestamp", "amounts", "text"),
    [
        (1, (("fee", -1.0),), "a fee at 1 came after a posting at 2"),
        (3, (("pnl", float("nan")),), "cash would be nan"),
        (3, (("pnl", 1.0), ("fee", float("inf"))), "cash would be inf"),
    ],
)
def test_a_posting_out_of_order_or_without_a_number_is_refused_and_nothing_is_added(timestamp, amounts, text):
    ledger = Ledger(100.0)
    ledger.post(2, "X", 1, (("pnl", 5.0),))
    with pytest.raises(SimulationError, match=text):
        ledger.post(timestamp, "X", 2, amounts)
    assert (ledger.cash, len(ledger.postings)) == (105.0, 1)
