from __future__ import annotations

import numpy as np
import pytest

from adapters.files import ContractSize
from engine import DataError


def test_contracts_become_coins() -> None:
    contracts, price = np.array([3.0, 5.0]), np.array([100.0, 200.0])
    assert ContractSize.parse("0.01").coins(contracts, price).tolist() == [0.03, 0.05]
    assert ContractSize.parse(" 100 USD ").coins(contracts, price).tolist() == [3, 2.5]
    assert str(ContractSize.parse("100usd")) == "contracts of 100 USD"


@pytest.mark.parametrize("text", ["", "0", "-1", "1e999", "coins", "100EUR", "0.01 coins"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(DataError, match=r"is no size of a contract: write 0.01 \(coins\) or 100USD"):
        ContractSize.parse(text)
