from __future__ import annotations

import pytest

from adapters.imports.market_names import coin_of


@pytest.mark.parametrize(
    ("market", "coin"),
    [
        ("BTCUSDT", "BTC"),
        ("ETH-USD-SWAP", "ETH"),
        ("ETH/USDT:USDT", "ETH"),
        ("SOL_USDC", "SOL"),
        ("BTC-PERPETUAL", None),
        ("1000PEPEUSDT", "1000PEPE"),
        ("XBTUSD", "BTC"),
        ("DOTUSD", "DOT"),
        ("BNBUSD", "BNB"),
        ("BTCBUSD", "BTC"),
        ("ETHTUSD", "ETH"),
        ("ETHBTC", None),
        ("USDT", None),
        ("BTCUSD_230630", None),
        ("BTC", None),
    ],
)
def test_the_coin_of_a_market(market: str, coin: str | None) -> None:
    assert coin_of(market) == coin
