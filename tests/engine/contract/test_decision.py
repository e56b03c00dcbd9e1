"""A decision as it is written down."""

from engine import Decision


def test_the_contract_keeps_its_thirteen_keys_unless_an_extension_is_set():
    plain = Decision("buy", "X").to_dict()
    assert len(plain) == 13
    assert Decision("buy", "X", trailing_stop_percent=2.0).to_dict() == {**plain, "trailing_stop_percent": 2.0}
    assert Decision("buy", "X", max_holding_seconds=60) != Decision("buy", "X")
