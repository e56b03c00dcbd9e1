"""A market in other units of price, and at another time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine import BookRows, FlowHistory, KlineColumns, MarketHistory, SymbolHistory, TimedValues, TradeRows
from engine.market.flow import LATEST_VALUES, LatestValue

#: Which of the latest values are prices, and which are coins.
_POWERS = {"mark_price": 1, "oracle_price": 1, "open_interest": -1}


@dataclass(frozen=True, slots=True)
class Units:
    """Prices are `price` times as high, for as many times fewer coins; money is worth `money` times as much, in as many
    times more coins; all happens `later_ms` later. Nothing is rounded where these are powers of two.
    """

    price: float = 1.0
    money: float = 1.0
    later_ms: int = 0

    @property
    def coins(self) -> float:
        """What a size is multiplied by."""
        return self.money / self.price


def market_in(market: MarketHistory, units: Units) -> MarketHistory:
    """Return the market in other units of price, and as much later; without features, which only a program asks for."""
    return MarketHistory([_symbol(each, units) for each in market.given.values()], market.regime)


def _symbol(history: SymbolHistory, units: Units) -> SymbolHistory:
    marks = history.mark_klines
    return SymbolHistory(
        history.symbol,
        _klines(history.base.columns, units),
        [_klines(columns, units) for columns in history.stored],
        _flow(history.flow, units),
        None if marks is None else _klines(marks, units),
    )


def _klines(columns: KlineColumns, units: Units) -> KlineColumns:
    price = units.price
    return KlineColumns(
        columns.period_ms,
        columns.open_ms + units.later_ms,
        columns.open * price,
        columns.high * price,
        columns.low * price,
        columns.close * price,
        columns.volume / price,
    )


def _flow(flow: FlowHistory, units: Units) -> FlowHistory:
    later_ms, price = units.later_ms, units.price
    trades, book = flow.trades, flow.book
    if trades is not None:
        coins, usd = (trades.buy_volume, trades.sell_volume), (trades.buy_notional, trades.sell_notional)
        prices = (trades.vwap, trades.high, trades.low)
        columns = (*(each / price for each in coins), *usd, *(each * price for each in prices))
        trades = TradeRows(trades.timestamp_ms + later_ms, *columns)
    if book is not None:
        depths = (book.bid_depth / price, book.ask_depth / price)
        book = BookRows(book.timestamp_ms + later_ms, *depths, book.spread * price)
    return FlowHistory(trades, book, **_latest(flow, units), back_filled_ms=flow.back_filled_ms + later_ms)


def _latest(flow: FlowHistory, units: Units) -> Mapping[str, TimedValues]:
    found = {}
    for name in LATEST_VALUES:
        series: LatestValue | None = getattr(flow, name)
        if series is not None:
            value = series.rows.value * units.price ** _POWERS.get(name, 0)
            found[name] = TimedValues(series.rows.timestamp_ms + units.later_ms, value)
    return found
