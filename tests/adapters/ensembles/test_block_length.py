"""Lengths of blocks as people write them."""

import pytest

from adapters.ensembles import block_ms


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90m", 5_400_000), ("4h", 14_400_000), ("2d", 172_800_000), ("1w", 604_800_000), (" 1.5 h ", 5_400_000)],
)
def test_a_length_is_a_number_and_a_unit(text: str, expected: int) -> None:
    assert block_ms(text) == expected


@pytest.mark.parametrize("text", ["", "0d", "5", "5s", "d", "-1h", "1e3m", "two days"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no length of time such as 90m, 4h or 2d"):
        block_ms(text)
