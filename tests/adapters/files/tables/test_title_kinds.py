from __future__ import annotations

import pytest

from adapters.files.tables.title_kinds import seems_to_be


@pytest.mark.parametrize(
    ("titles", "what"),
    [
        ("time side order_type original_quantity price average_price", "liquidations, which no table has a place for"),
        ("timestamp percentage depth notional", "levels of an order book"),
        ("create_time symbol sum_open_interest", "--kind metrics"),
        ("calc_time funding_interval_hours last_funding_rate", "--kind funding"),
        ("time price qty side", "--kind trades"),
        ("update_id best_bid_price bid_price best_ask_price ask_price", "--kind bbo"),
        ("Open Time,Open,High,Low,Close".replace(",", " "), "--kind klines"),
    ],
)
def test_titles_tell_what_a_file_is(titles: str, what: str) -> None:
    assert what in str(seems_to_be(titles.split(" ")))


def test_other_titles_tell_nothing() -> None:
    assert seems_to_be(["time", "mood"]) is None
