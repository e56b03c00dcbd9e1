"""What a run needs of which table, in plain names: to find it in the cache takes no SQLAlchemy."""

from __future__ import annotations

from engine import PERIOD_MS, DataError
from engine.plain_values import shown

KLINES = "crypto_klines"
TRADES, BOOK = "market_trades_aggregated", "market_orderbook_snapshots"
METRICS, FUNDING, MARK_KLINES = "market_asset_metrics", "perp_funding", "perp_mark_klines"
FEATURES, REGIMES = "perp_features", "market_regime_configs"

#: The columns of each table beside the klines that a run needs.
FLOW_COLUMNS: dict[str, tuple[str, ...]] = {
    TRADES: tuple(
        "taker_buy_volume taker_sell_volume taker_buy_notional taker_sell_notional vwap high_price low_price"
        " taker_sell_count".split()
    ),
    BOOK: ("bid_depth_5", "ask_depth_5", "spread"),
    METRICS: tuple("mark_price open_interest funding_rate oracle_price day_notional_volume".split()),
    FUNDING: ("funding_rate",),
    MARK_KLINES: ("open_price", "high_price", "low_price", "close_price"),
}

_LONGEST_NAME = 20


def checked_name(what: str, name: str) -> str:
    """Return a name as it is. Raises `DataError` for one that cannot be stored."""
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise DataError(f"the {what} {shown(name)} is not a name of 1 to {_LONGEST_NAME} characters")
    return name


def exchange_name(text: str) -> str:
    """Return an exchange's name as it is stored: lower case. Raises `DataError` for an impossible one."""
    return checked_name("exchange", text.strip().lower())


def period_length(period: str) -> int:
    """Return the length of a period in ms. Raises `DataError` for an unknown one."""
    try:
        return PERIOD_MS[period]
    except KeyError:
        raise DataError(f"there is no period {shown(period)}; periods are {', '.join(PERIOD_MS)}") from None
