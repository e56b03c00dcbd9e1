"""Why a fill came at its price: the rule, and the row of the market that justifies it."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from ..config import BacktestConfig
from ..contract import ExitReason
from ..exchange import Touch
from ..kernel import Fill
from ..market import KlineSeries, MarketHistory, SymbolHistory, are_predictions, nominal_settlements
from ..market.flow import LatestValue
from ..periods import SECOND_MS
from .entries import Grounds

_ROW_MS = 15 * SECOND_MS
_STOPS = (ExitReason.STOP_LOSS, ExitReason.TRAILING_STOP)


class Row(NamedTuple):
    """A row of the market: its table, symbol and time (epoch ms): of klines that of their open."""

    table: str
    symbol: str
    time_ms: int


Why = tuple[str, Row | None]


class Justification:
    """Finds rules and rows of one run in its market."""

    def __init__(self, market: MarketHistory, config: BacktestConfig) -> None:
        self._market, self._config = market, config

    def of_fill(self, fill: Fill, before: float, grounds: Grounds | None, at_open: bool) -> Why:
        """Return why a fill came at its price `before` slippage; `at_open` is of a liquidation."""
        history = self._market.symbols[fill.symbol]
        if fill.purpose is ExitReason.LIQUIDATION:
            return self._liquidation(history, fill.timestamp, fill.price, at_open)
        if grounds is None:
            return self._moment(history, fill.timestamp, before)
        if grounds.own:
            row = None if grounds.touch.place < 0 or grounds.resumes else self._row_of(history, grounds)
            return "own-order-kind", row or self._moment(history, fill.timestamp, before)[1]
        if grounds.touch.works_on:
            return "works-on-at-close", self._moment(history, fill.timestamp, before)[1]
        if grounds.touch.place < 0:
            return self._at_instant(history, fill, grounds.touch, before)
        if grounds.resumes:
            return "resumption-price", self._moment(history, fill.timestamp, before)[1]
        return self._rule_of(grounds.touch, fill), self._row_of(history, grounds)

    def of_move(self, grounds: Grounds, symbol: str) -> Row | None:
        """Return the row of what has moved an order."""
        return None if grounds.touch.place < 0 else self._row_of(self._market.symbols[symbol], grounds)

    def of_funding(self, symbol: str, at: int) -> Row | None:
        """Return the row of the rate that was settled at an instant."""
        rates = self._market.symbols[symbol].flow.funding_rate
        if rates is None:
            return None
        times = rates.rows.timestamp_ms
        if are_predictions(times):  # the newest one counts
            place = int(times.searchsorted(at, side="right")) - 1
        else:
            place = int(nominal_settlements(times).searchsorted(at))
        return Row("funding", symbol, times.item(place))

    def of_signal(self, symbol: str, fact: object, at: int) -> Row | None:
        """Return the newest row of what a signal had seen."""
        history = self._market.symbols.get(symbol)
        if history is None or not isinstance(fact, dict):
            return None
        metric, period = str(fact.get("metric", "")), str(fact.get("time_window", ""))
        kind, _, name = metric.partition(":")
        series = history.series(period) if kind in ("indicator", "macd") else None
        if series is not None:
            return _last_kline(series, symbol, at, "klines" if series is history.base else f"klines {period}")
        if kind == "feature":
            feature = history.feature(name)
            return None if feature is None else _last_value(feature, f"feature {name}", symbol, at)
        rows = history.flow.priced
        if rows is None:
            return None
        place = bisect_right(rows.timestamp_ms.data, at) - 1
        return None if place < 0 else Row("trades", symbol, rows.timestamp_ms.item(place))

    def _moment(self, history: SymbolHistory, at: int, price: float) -> Why:
        """Return where the price of the moment came from: a mark, or the last close."""
        symbol, stale_ms = history.symbol, self._config.mark_stale_ms
        marks = history.flow.mark_price
        if marks is not None and marks.fresh(at, stale_ms) == price:
            return "market-at-mark", _last_value(marks, "marks", symbol, at)
        kline = _last_kline(history.base, symbol, at, "klines")
        if kline is None or history.base.columns.close[history.base.finished(at) - 1] == price:
            return "market-at-close", kline
        if history.mark_klines is not None:  # a trigger that was met when the order came
            series = KlineSeries(history.mark_klines)
            return "market-at-mark", _last_kline(series, symbol, at, "mark_klines")
        return "own-order-kind", kline

    def _at_instant(self, history: SymbolHistory, fill: Fill, touch: Touch, before: float) -> Why:
        """Return why something trades that was due at an instant, whatever the market did."""
        at = fill.timestamp
        if touch.why is ExitReason.TIME_STOP:
            return "time-stop", self._moment(history, at, before)[1]
        if touch.why is not ExitReason.DECISION:
            return "works-on-at-close", self._moment(history, at, before)[1]
        klines, price = history.base, self._config.execution_price
        if price == "close":
            return "own-order-kind", self._moment(history, at, before)[1]
        opened = at if price == "open" else at - klines.period_ms
        row = Row("klines", history.symbol, opened)
        if price == "open":
            return "waiting-open", row
        has_rows = history.flow.vwap_between(opened, at) is not None
        return "waiting-vwap" if has_rows else "waiting-typical", row

    def _rule_of(self, touch: Touch, fill: Fill) -> str:
        why = touch.why
        if why is ExitReason.DECISION:
            if fill.is_maker:
                return "limit-traded-through" if self._config.fill_on == "through" else "limit-touched"
            return "gap-over-trigger" if touch.at_open else "trigger-inside-kline"
        if touch.ambiguous:
            intrabar = "both-nearest-open" if self._config.intrabar == "nearest_open" else ""
            return "bracket-" + (intrabar or f"both-{'stop' if why in _STOPS else 'target'}-first")
        if why is ExitReason.TRAILING_STOP:
            return "gap-over-trailing" if touch.at_open else "trailing-inside-kline"
        if not touch.at_open:
            return "bracket-inside-kline"
        return f"gap-over-{'limit-' * fill.is_maker}{'stop' if why is ExitReason.STOP_LOSS else 'target'}"

    def seen(self, symbol: str, grounds: Grounds | None) -> Row | None:
        """Return the row of marks that was watched, where what has traded is another one."""
        return None if grounds is None else self._mark_kline(self._market.symbols[symbol], grounds)

    def _mark_kline(self, history: SymbolHistory, grounds: Grounds) -> Row | None:
        klines = history.mark_klines
        if not grounds.marks or klines is None or grounds.start_ms == grounds.end_ms:
            return None
        is_there = _has(klines.open_ms, grounds.start_ms)
        return Row("mark_klines", history.symbol, grounds.start_ms) if is_there else None

    def _row_of(self, history: SymbolHistory, grounds: Grounds) -> Row | None:
        """Return the row that has traded in a span."""
        symbol, start, end = history.symbol, grounds.start_ms, grounds.end_ms
        if start == end:
            return Row("marks", symbol, start)
        if self._mark_kline(history, grounds) is not None and not _has(history.base.columns.open_ms, start):
            return _last_kline(history.base, symbol, start, "klines")
        if end - start == _ROW_MS and end - start != history.base.period_ms:
            return Row("trades", symbol, end)
        return Row("klines", symbol, start)

    def _liquidation(self, history: SymbolHistory, at: int, price: float, at_open: bool) -> Why:
        """Return where margin was judged at a price: at an instant, or inside of the kline that closes then."""
        symbol, spans = history.symbol, history.margin_spans(self._config.mark_stale_ms)
        rows = spans.rows
        if at_open and rows is not None:
            place = bisect_right(rows.timestamp_ms.data, at) - 1
            if place >= 0 and rows.timestamp_ms[place] == at and rows.value[place] == price:
                return "liquidation-at-mark", Row("marks", symbol, at)
        start = at if at_open else at - spans.period_ms
        for place in range(spans.index.count_before(start), spans.index.count_upto(start)):
            if not at_open or spans.open.item(place) == price:
                is_traded = spans.traded is None or bool(spans.traded[place])
                row = Row("klines" if is_traded else "mark_klines", symbol, start)
                return "liquidation-at-open" if at_open else "liquidation-inside-kline", row
        return "liquidation-at-price", self._moment(history, at, price)[1]


def _has(times: object, time_ms: int) -> bool:
    column = times.data  # type: ignore[attr-defined]
    place = bisect_right(column, time_ms) - 1
    return place >= 0 and bool(column[place] == time_ms)


def _last_kline(series: KlineSeries, symbol: str, at: int, table: str) -> Row | None:
    count = series.finished(at)
    return Row(table, symbol, series.columns.open_ms.item(count - 1)) if count else None


def _last_value(values: LatestValue, table: str, symbol: str, at: int) -> Row | None:
    place = bisect_right(values.rows.timestamp_ms.data, at) - 1
    return Row(table, symbol, values.rows.timestamp_ms.item(place)) if place >= 0 else None
