"""The values of the rows of a market that a journal names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from engine import MarketHistory

Values = Mapping[str, float]


def row_values(market: MarketHistory | None, row: Sequence[Any] | None) -> Values:
    """Return the values of a row, [table, symbol, time], by their columns: none where the market, or the row in it, is
    not at hand.
    """
    if market is None or row is None or row[1] not in market.symbols:
        return {}
    table, symbol, time_ms = row
    columns = _columns(market, table, symbol)
    if columns is None:
        return {}
    names = [each.name for each in fields(columns) if each.name != "period_ms"]
    times = getattr(columns, names[0])
    place = int(times.searchsorted(time_ms))
    if place == len(times) or times[place] != time_ms:
        return {}
    return {name: getattr(columns, name).item(place) for name in names[1:]}


def _columns(market: MarketHistory, table: str, symbol: str) -> Any:
    history = market.symbols[symbol]
    kind, _, name = table.partition(" ")
    if kind == "klines":
        series = history.series(name) if name else history.base
        return None if series is None else series.columns
    if kind == "feature":
        feature = history.feature(name)
        return None if feature is None else feature.rows
    if kind == "mark_klines":
        return history.mark_klines
    if kind == "trades":
        return history.flow.priced
    latest = {"marks": history.flow.mark_price, "funding": history.flow.funding_rate}.get(kind)
    return None if latest is None else latest.rows
