from __future__ import annotations

import pandas as pd
import pytest

from adapters.files.taker_sides import are_flags, are_sides


@pytest.mark.parametrize(
    ("values", "sides", "flags"),
    [
        (["buy", "Sell", "unknown"], True, False),
        (["B", "A"], True, False),
        (["unknown", None], False, False),
        ([True, False], False, True),
        (["true", "FALSE"], False, True),
        ([1, 0, 1], False, True),
        ([1_698_796_800_000, 2], False, False),
        (["market", "limit"], False, False),
    ],
)
def test_columns_that_tell_sides_are_known_by_what_they_hold(values: list[object], sides: bool, flags: bool) -> None:
    column = pd.Series(values)
    assert (are_sides(column), are_flags(column)) == (sides, flags)
