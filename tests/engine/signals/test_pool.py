"""A malformed pool is refused."""

from __future__ import annotations

from typing import Any

import pytest

from engine import ConfigurationError, SignalDefinition, SignalPool, parse_condition

GOOD = {"metric": "cvd", "operator": ">", "threshold": 1, "time_window": "5m"}


@pytest.mark.parametrize(
    ("signals", "logic", "text"),
    [((), "OR", r"signal pool 3 \('x'\): it has no signal"), (None, "XOR", "logic 'XOR' is not one of OR, AND")],
)
def test_a_malformed_pool_is_refused_by_name(signals: Any, logic: str, text: str) -> None:
    chosen = (SignalDefinition(1, "s", parse_condition(GOOD)),) if signals is None else signals
    with pytest.raises(ConfigurationError, match=text):
        SignalPool(3, "x", chosen, logic=logic)
