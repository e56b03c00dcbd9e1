"""What names of files tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.imports import told_by_name


@pytest.mark.parametrize(
    ("name", "market", "kind", "period", "day"),
    [
        ("BTCUSDT-1m-2023-04.zip", "BTCUSDT", "klines", "1m", "202304"),
        ("SOLUSDT-12h-2023-04-05.csv", "SOLUSDT", "klines", "12h", "20230405"),
        ("1000PEPEUSDT-aggTrades-2023-04-05.zip", "1000PEPEUSDT", "trades", None, "20230405"),
        ("BTCUSDT-trades-2023-04.zip", "BTCUSDT", "trades", None, "202304"),
        ("BTCUSDT-fundingRate-2023-04.zip", "BTCUSDT", "funding", None, "202304"),
        ("BTCUSDT-metrics-2023-04-05.zip", "BTCUSDT", "metrics", None, "20230405"),
        ("BTCUSDT-bookTicker-2023-04.zip", "BTCUSDT", "bbo", None, "202304"),
        ("um/markPriceKlines/BTCUSDT/1m/BTCUSDT-1m-2023-04.zip", "BTCUSDT", "mark", "1m", "202304"),
        ("BTCUSD_PERP-1m-2023-04.zip", "BTCUSD", "klines", "1m", "202304"),
        ("BTCUSD_230630-1m-2023-04.zip", "BTCUSD_230630", "klines", "1m", "202304"),
        ("MARKUSDT-1h-2023-04.zip", "MARKUSDT", "klines", "1h", "202304"),
        ("BTCUSDT2023-04-05.csv.gz", "BTCUSDT", "trades", None, "20230405"),
        ("BTCUSDT_2023-04.csv.gz", "BTCUSDT", "trades", None, "202304"),
        ("ETHUSDT_15_2023-04-01_2023-04-30.csv.gz", "ETHUSDT", "klines", "15m", "20230401"),
        ("ETH-USDT-SWAP-trades-2023-04-05.zip", "ETH-USDT-SWAP", "trades", None, "20230405"),
        ("ETH-USDT-candlesticks-2023-04-05.zip", "ETH-USDT", "klines", None, "20230405"),
        ("hyperliquid_ETH_5m.parquet", "ETH", "klines", "5m", ""),
        ("hyperliquid_ETH_funding_1h.parquet", "ETH", "funding", None, ""),
        ("binance_um_ETHUSDT_mark_1m_2023_04.parquet", "ETHUSDT", "mark", "1m", "202304"),
        ("deribit_quotes_2023-04-05_BTC-PERPETUAL.csv.gz", "BTC", "bbo", None, "20230405"),
        ("binance-futures_derivative_ticker_2023-04-05_ETHUSDT.csv.gz", "ETHUSDT", "metrics", None, "20230405"),
        ("ETH_USDT_USDT-1h-futures.feather", "ETH_USDT_USDT", "klines", "1h", ""),
        ("ETH_USDT_USDT-8h-funding_rate.feather", "ETH_USDT_USDT", "funding", None, ""),
        ("Bitstamp_BTCUSD_minute.csv", "BTCUSD", "klines", "1m", ""),
        ("XBTUSD_60.csv", "XBTUSD", "klines", "1h", ""),
        ("XBTUSD.csv", "XBTUSD", None, None, ""),
        ("trades.csv", None, "trades", None, ""),
        ("my_backup.csv", None, None, None, ""),
        ("README.txt", None, None, None, ""),
    ],
)
def test_names_of_venues_and_tools(
    name: str, market: str | None, kind: str | None, period: str | None, day: str
) -> None:
    assert told_by_name(Path(name))[:4] == (market, kind, period, day)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("BTCUSDT-1m-2023-04.zip", ""),
        ("data/spot/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2023-04.zip", "spot"),
        ("futures/um/BTCUSDT-1m-2023-04.zip", "um"),
        ("binance_um_BTCUSDT_1m_2023_04.parquet", "binance um"),
        ("Hyperliquid_BTC_1m.csv", "hyperliquid"),
    ],
)
def test_where_a_file_was_recorded(name: str, place: str) -> None:
    assert told_by_name(Path(name)).place == place


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("BTCUSDT-liquidationSnapshot-2023-04-05.zip", "liquidations"),
        ("BTCUSDT-bookDepth-2023-04-05.zip", "order book depth"),
        ("indexPriceKlines/BTCUSDT/1m/BTCUSDT-1m-2023-04.zip", "klines of the index price"),
        ("BTCUSDT-1s-2023-04-05.zip", "klines of 1s, which is no period here"),
        ("BTCUSDT-1mo-2023-04.zip", "klines of 1mo, which is no period here"),
    ],
)
def test_what_is_not_imported_is_told_in_brackets(name: str, what: str) -> None:
    tells = told_by_name(Path(name))
    assert (tells.market, tells.kind) == ("BTCUSDT", f"({what})")
