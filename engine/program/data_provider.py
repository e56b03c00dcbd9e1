"""The strategy's window on the market: every query is answered as of the provider's current time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf
from operator import index
from typing import Any

from ..contract import RegimeInfo
from ..factors import Factor
from ..market import MarketHistory, SymbolHistory, market_regime
from ..market.flow import FLOW_METRICS, flow_metric, rows_needed
from ..market.indicators import INDICATOR_WINDOW, IndicatorHistory, parse_indicator
from ..market.series import Kline
from ..near_names import near
from ..periods import DAY_MS, PERIOD_MS
from .factor_answers import FactorAnswers
from .recorded_series import RecordedSeries
from .seen_klines import KlinesUpTo
from .unanswered import MOST_QUERIES, UnansweredQueries
from .warm_up import ShortIndicator

NO_SYMBOL = "no such symbol"
SCHEDULED = "no such symbol: trigger_symbol is '' at a scheduled trigger"
NO_PERIOD = "no such period, or no klines to make it from"
NO_INDICATOR = "no such indicator"
NOT_ENOUGH = "not enough history yet"
NO_PRICE_YET = "no price yet"
NO_FLOW = "not enough flow rows up to then"
NO_METRIC = "no such flow metric"
NO_FACTOR_VALUE = "it has no value then"
NO_RANKING = "how well factors foretell is not known"
NO_FEATURE = "no such feature"
NO_VALUE_YET = "no value of it is known yet"

#: What market data tells of the newest recorded values.
LATEST = ("mark_price", "oracle_price", "funding_rate")
#: An older volume of a day, as the venue says it, is not shown.
DAY_VOLUME_STALE_MS = 60_000

#: With the number of finished klines from which its values count.
IndicatorSource = tuple[KlinesUpTo, IndicatorHistory, float]
#: Symbol, indicator and period of a question, and its instant in epoch ms.
ShortAsked = tuple[str, str, str, int]


class HistoricalDataProvider:
    """Answers the contract's queries about `market` at the instant set by `set_current_time`.

    Nothing newer than that instant is reachable. A query that cannot be answered gives the contract's empty answer
    and is counted in `unanswered`. `now` is that instant, in epoch ms. `recorded` is what the program keeps itself.
    """

    #: Whether queries are kept until they are taken.
    records_queries = False

    def __init__(self, market: MarketHistory, mark_stale_ms: int = 60_000) -> None:
        self._market = market
        self._mark_stale_ms = mark_stale_ms
        self.now = 0
        self._sources: dict[tuple[str, str, str], IndicatorSource | str] = {}
        self._klines: dict[tuple[str, str], KlinesUpTo] = {}
        #: What is too short, until it is taken: to be looked at before, at every trigger.
        self.too_short: dict[ShortAsked, None] = {}
        self.unanswered = UnansweredQueries()
        self.recorded = RecordedSeries()
        self._factors = FactorAnswers()

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._market, self._mark_stale_ms)

    @property
    def market(self) -> MarketHistory:
        """The market that it answers about."""
        return self._market

    @property
    def mark_stale_ms(self) -> int:
        """How old a mark price may be, in ms."""
        return self._mark_stale_ms

    def set_current_time(self, timestamp_ms: int) -> None:
        """Move the instant of all answers."""
        self.now = timestamp_ms

    def margin_price(self, symbol: str, time_ms: int) -> float:
        """Return the price that margin was judged at, at an instant, 0.0 when unknown; it does not count as a query."""
        return self._market.margin_price(symbol, time_ms, self._mark_stale_ms)

    def take_queries(self) -> Sequence[dict[str, Any]]:
        """Return the queries since the last call, where they are recorded: not here."""
        return ()

    def restore_queries(self, queries: Iterable[dict[str, Any]]) -> None:
        """Take queries that were recorded elsewhere, where they are kept: not here."""

    def take_short(self) -> dict[str, ShortIndicator]:
        """Return by symbol which indicator that was asked for since the last call was too short: of several the one
        that stays so for the longest.
        """
        if not self.too_short:
            return {}
        longest: dict[str, ShortIndicator] = {}
        for symbol, indicator, period, at in self.take_short_asked():
            source = self._sources[symbol, indicator, period]
            assert not isinstance(source, str)
            found = ShortIndicator.of(symbol, source[0].series, source[1].indicator, period, at)
            known = longest.get(symbol)
            if known is None or found.lasts > known.lasts:
                longest[symbol] = found
        return longest

    def take_short_asked(self) -> list[ShortAsked]:
        """Return what was asked for since the last call and was too short, in that order."""
        short, self.too_short = self.too_short, {}
        return list(short)

    def restore_short(self, asked: Iterable[ShortAsked]) -> None:
        """Take what was asked for elsewhere and was too short; one that lacks nothing is a `ValueError`."""
        for symbol, indicator, period, at in asked:
            source = self._source(symbol, indicator, period)
            if isinstance(source, str) or source[0].series.finished(at) >= source[2]:
                raise ValueError(f"{indicator} on {period} of {symbol} is not too short at {at}")
            self.too_short[symbol, indicator, period, at] = None

    def get_price(self, symbol: str) -> float:
        """Return the last known price, 0.0 when unknown."""
        history = self._market.symbols.get(symbol)
        price = history.price(self.now, self._mark_stale_ms) if history is not None else None
        if price is None:
            self.unanswered.add(f"get_price({symbol!r})", _unknown(symbol) if history is None else NO_PRICE_YET)
            return 0.0
        return price

    def get_current_prices(self, symbols: Sequence[str]) -> dict[str, float]:
        """Return the last known price of each symbol that has one."""
        prices = {symbol: self.get_price(symbol) for symbol in symbols}
        return {symbol: price for symbol, price in prices.items() if price}

    def get_klines(self, symbol: str, period: str, count: int = 50) -> list[Kline]:
        """Return the last `count` klines, oldest first, the forming one included; [] when there are none.

        The list is the caller's own.
        """
        seen = self._klines.get((symbol, period)) or self._find_klines(symbol, period)
        if isinstance(seen, str):
            klines, why = [], seen
        else:
            if seen.at != self.now:
                seen.move(self.now)
            klines, why = seen.last(index(count)), NOT_ENOUGH
        if not klines:
            self.unanswered.add(f"get_klines({symbol!r}, {period!r})", why)
        return klines

    def _find_klines(self, symbol: str, period: str) -> KlinesUpTo | str:
        history = self._market.symbols.get(symbol)
        if history is None:
            return _unknown(symbol)
        series = history.series(period)
        if series is None:
            return NO_PERIOD
        seen = self._klines[symbol, period] = KlinesUpTo(history, series)
        return seen

    def get_indicator(self, symbol: str, indicator: str, period: str) -> dict[str, Any]:
        """Return an indicator's values over the last 500 klines, the forming one included; {} when unknown."""
        source = self._sources.get((symbol, indicator, period)) or self._source(symbol, indicator, period)
        if isinstance(source, str):
            self.unanswered.add(f"get_indicator({symbol!r}, {indicator!r}, {period!r})", source)
            return {}
        seen, values, needed = source
        now = self.now
        if seen.at != now:
            seen.move(now)
        finished = seen.finished
        if finished < needed:
            self.too_short[symbol, indicator, period, now] = None
            self.unanswered.add(f"get_indicator({symbol!r}, {indicator!r}, {period!r})", NOT_ENOUGH)
        return values.at(finished, seen.forming)

    def _source(self, symbol: str, indicator: str, period: str) -> IndicatorSource | str:
        key = symbol, indicator, period
        source = self._sources.get(key)
        if source is None:
            source = self._find_source(symbol, indicator, period)
            if not isinstance(source, str) or len(self._sources) < MOST_QUERIES:
                self._sources[key] = source  # a program can invent any number of names that there are not
        return source

    def _find_source(self, symbol: str, indicator: str, period: str) -> IndicatorSource | str:
        seen = self._klines.get((symbol, period)) or self._find_klines(symbol, period)
        if isinstance(seen, str):
            return seen
        parsed = parse_indicator(indicator)
        if parsed is None:
            return NO_INDICATOR
        needed = parsed.length if parsed.length <= INDICATOR_WINDOW else inf
        return seen, seen.indicator(parsed), needed

    def get_market_data(self, symbol: str) -> dict[str, Any]:
        """Return price and the figures of the last 24 hours; keys without data are absent.

        `open_interest` (at the mark price, or the last one where no mark is known) and `volume24h` (what the venue says
        where that is recorded and fresh, else what the klines say) are in USD, `open_interest_coins` and
        `volume24h_coins` in coins.
        """
        history = self._market.symbols.get(symbol)
        now = self.now
        price = history.price(now, self._mark_stale_ms) if history is not None else None
        if history is None or price is None:
            self.unanswered.add(f"get_market_data({symbol!r})", _unknown(symbol) if history is None else NO_PRICE_YET)
            return {}
        answer: dict[str, Any] = {"symbol": symbol, "price": price}
        for name in LATEST:
            latest = getattr(history.flow, name)
            value = None if latest is None else latest.at(now)
            if value is not None:
                answer[name] = value
        before = history.price(now - DAY_MS, self._mark_stale_ms)
        if before is not None:
            answer["change24h"] = price - before
            answer["percentage24h"] = (price - before) / before * 100.0
        answer.update(_interest(history, now, answer.get("mark_price", price)))
        answer.update(_day_volumes(history, now))
        return answer

    def get_price_change(self, symbol: str, period: str) -> dict[str, float]:
        """Return the change of the last high against that of the previous period: percent and USD, or zeros."""
        history, length, why = self._find_place(symbol, period, NOT_ENOUGH)
        change = None if history is None else _price_change(history, length, self.now)
        if change is None:
            self.unanswered.add(f"get_price_change({symbol!r}, {period!r})", why)
            return {"change_percent": 0.0, "change_usd": 0.0}
        return change

    def get_flow(self, symbol: str, metric: str, period: str) -> dict[str, Any]:
        """Return a flow metric of the contract with its period; {} without enough rows."""
        history, length, why = self._find_place(symbol, period, NO_FLOW)
        answer = {} if history is None else flow_metric(history.flow, metric.upper(), length, self.now)
        if not answer:
            why = NO_METRIC if answer is None else _needs_prices(history, metric.upper()) or why
            self.unanswered.add(f"get_flow({symbol!r}, {metric!r}, {period!r})", why)
            return {}
        answer["period"] = period
        return answer

    def get_regime(self, symbol: str, period: str) -> RegimeInfo:
        """Return the market regime; noise with confidence 0 where there are no flow rows."""
        history, length, why = self._find_place(symbol, period, NO_FLOW)
        regime = None if history is None else market_regime(history.flow, self._market.regime, length, self.now)
        if regime is None:
            self.unanswered.add(f"get_regime({symbol!r}, {period!r})", why)
            return RegimeInfo()
        return regime

    def _find_place(self, symbol: str, period: str, otherwise: str) -> tuple[SymbolHistory | None, int, str]:
        """Return a symbol's history, the length of a period, and why there is no answer if there is none."""
        history, length = self._market.symbols.get(symbol), PERIOD_MS.get(period)
        if history is None or length is None:
            return None, 0, _unknown(symbol) if history is None else NO_PERIOD
        return history, length, otherwise

    def get_feature(self, name: str, symbol: str, count: int = 1) -> dict[str, Any]:
        """Return the newest `value` of a feature with its `time` (epoch ms), and the last `count` (1 or more) `values`
        with their `times`, oldest first; {} while none is known.
        """
        history = self._market.symbols.get(symbol)
        feature = None if history is None else history.feature(name)
        times, values = ([], []) if feature is None else feature.newest(self.now, max(index(count), 1))
        if not values:
            self.unanswered.add(f"get_feature({name!r}, {symbol!r})", _no_feature(history, symbol, name))
            return {}
        return {"value": values[-1], "time": times[-1], "values": values, "times": times}

    def get_factor(self, symbol: str, factor_name: str, period: str = "5m") -> dict[str, Any]:
        """Return a factor's `value` over the last 500 klines, the forming one included (six decimals; None while it is
        unknown), with its `expression`, `description` and `category`, or an `error`.
        """
        answer: dict[str, Any] = {"factor_name": factor_name, "symbol": symbol, "period": period, "value": None}
        factor = self._factors.find(factor_name)
        if factor is None:
            answer["error"] = f"Factor '{factor_name}' not found"
        why = self._factors.missing(factor_name) if factor is None else self._fill(answer, factor, symbol, period)
        if why:
            self.unanswered.add(f"get_factor({symbol!r}, {factor_name!r}, {period!r})", why)
        return answer

    def _fill(self, answer: dict[str, Any], factor: Factor, symbol: str, period: str) -> str:
        """Put what is known of a factor into an answer; return why its value is not, if it is not."""
        seen = self._klines.get((symbol, period)) or self._find_klines(symbol, period)
        if isinstance(seen, str):
            return seen
        if seen.at != self.now:
            seen.move(self.now)
        if not self._factors.fill(answer, factor, self._market.symbols[symbol], seen):
            return NOT_ENOUGH
        return "" if answer["value"] is not None else answer.get("error", NO_FACTOR_VALUE)

    def get_factor_ranking(self, symbol: str, top_n: int = 10) -> list[Any]:
        """Return []: how well factors foretell is not known."""
        self.unanswered.add(f"get_factor_ranking({symbol!r})", NO_RANKING)
        return []


def _no_feature(history: SymbolHistory | None, symbol: str, name: str) -> str:
    """Return why there is no value of a feature."""
    if history is None:
        return _unknown(symbol)
    if name in history.feature_names:
        return NO_VALUE_YET
    hint = near(name, history.feature_names) if isinstance(name, str) else ""
    return f"{NO_FEATURE}; {hint}" if hint else NO_FEATURE


def _unknown(symbol: object) -> str:
    """Return why nothing is known of what is no symbol of the market."""
    return SCHEDULED if isinstance(symbol, str) and not symbol else NO_SYMBOL


def _needs_prices(history: SymbolHistory | None, name: str) -> str | None:
    """Return what a metric of prices lacks where no row has any: klines look as if they would do."""
    metric = FLOW_METRICS.get(name)
    if history is None or metric is None or metric.table != "ranged" or history.flow.ranged is not None:
        return None
    return f"it needs {rows_needed(metric)}"


def _interest(history: SymbolHistory, now: int, price: float) -> dict[str, float]:
    """Return the open interest in coins and in USD, as far as it is known."""
    coins = None if history.flow.open_interest is None else history.flow.open_interest.at(now)
    return {} if coins is None else {"open_interest": coins * price, "open_interest_coins": coins}


def _day_volumes(history: SymbolHistory, now: int) -> dict[str, float]:
    """Return what was traded in 24 hours in USD and in coins, as far as it is known."""
    stored, counted = history.flow.day_notional_volume, history.day_volume(now)
    told = None if stored is None else stored.fresh(now, DAY_VOLUME_STALE_MS)
    volumes = {} if counted is None else {"volume24h": counted[1], "volume24h_coins": counted[0]}
    return volumes if told is None else {**volumes, "volume24h": told}


def _price_change(history: SymbolHistory, length: int, now: int) -> dict[str, float] | None:
    """Return the change from flow rows, or from klines when the window has no flow row; None when unknown."""
    change = flow_metric(history.flow, "PRICE_CHANGE", length, now)
    if change:
        return {"change_percent": change["current"], "change_usd": change["end_price"] - change["start_price"]}
    if flow_metric(history.flow, "VOLATILITY", length, now):
        return None
    return _change_of_last_high(history, length, now)


def _change_of_last_high(history: SymbolHistory, length: int, now: int) -> dict[str, float] | None:
    base = history.base
    finished = base.finished(now)
    if not finished:
        return None
    c = base.columns
    bucket = int(c.open_ms[finished - 1]) // length * length
    before = base.first_opening(bucket)
    if not before or int(c.open_ms[before - 1]) < now - 10 * length:
        return None
    start, end = float(c.high[before - 1]), float(c.high[finished - 1])
    return {"change_percent": (end - start) / start * 100.0, "change_usd": end - start}
