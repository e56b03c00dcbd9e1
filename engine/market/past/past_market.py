"""The market as it is told from copies of what has become known: the same answers, with nothing later to be found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property, partial
from typing import Any, NamedTuple

from .. import KlineSeries, MarketHistory, Marks, RegimeConfig, SymbolHistory
from ..flow import (
    FLOW_METRICS,
    LATEST_VALUES,
    Answer,
    BookRows,
    Buckets,
    FlowHistory,
    FlowRows,
    Kept,
    LatestValue,
    TimedValues,
    TradeRows,
)
from ..indicators import Indicator, IndicatorHistory
from ..series import FloatColumn, KlineColumns, TimeColumn, TimeIndex
from .parts import Column, PartName

#: Returns the columns of a part, in which rows appear as they become known, or None where there is no such data.
Fetch = Callable[[PartName], tuple[Column, ...] | None]
#: Answers a flow metric that is not registered here: symbol, metric, interval in ms, instant in epoch ms.
AskMetric = Callable[[str, str, int, int], Answer | None]

_TABLES: dict[str, Callable[..., FlowRows]] = {
    "trades": TradeRows,
    "ranged": TradeRows,
    "priced": TradeRows,
    "book": BookRows,
}
_RANGES = ("open", "high", "low", "volume")


class SymbolFacts(NamedTuple):
    """What is said of a symbol beforehand: its name, the length of its base klines in ms, whether klines of its mark
    price are recorded, and the names of its features.
    """

    symbol: str
    base_ms: int
    has_mark_klines: bool
    features: tuple[str, ...] = ()


def symbol_facts(market: MarketHistory) -> list[SymbolFacts]:
    """Return what a `PastMarket` must know of each symbol of a market."""
    return [
        SymbolFacts(each.symbol, each.base.period_ms, each.mark_klines is not None, each.feature_names)
        for each in market.symbols.values()
    ]


class PastMarket(MarketHistory):
    """A market of which each part is fetched when it is first asked for. A flow metric that is not registered here is
    asked for each time, if somebody can be asked.
    """

    def __init__(
        self, symbols: Iterable[SymbolFacts], fetch: Fetch, regime: RegimeConfig, ask_metric: AskMetric | None = None
    ) -> None:
        super().__init__([PastSymbol(facts, fetch, ask_metric) for facts in symbols], regime)


class PastSymbol(SymbolHistory):
    """The history of one symbol as it has become known."""

    def __init__(self, facts: SymbolFacts, fetch: Fetch, ask_metric: AskMetric | None = None) -> None:
        self.symbol, self._base_ms, self._fetch = facts.symbol, facts.base_ms, fetch
        self.mark_klines = KlineColumns.of(facts.base_ms, ()) if facts.has_mark_klines else None
        self.flow = PastFlow(facts.symbol, fetch, ask_metric)
        self._series, self._indicators, self._features = {}, {}, {}
        self._feature_names = facts.features

    def __getattr__(self, name: str) -> Any:
        # only what has not been asked for before comes here
        if name == "base":
            value: Any = self.series_of(self._base_ms)
        elif name == "_marks":
            value = self.flow.mark_price
        else:
            raise AttributeError(name)
        setattr(self, name, value)
        return value

    @cached_property
    def _all_marks(self) -> Marks:
        columns = self._fetch(("rows", self.symbol, "marks"))
        return Marks(None, None, None if columns is None else LatestValue(TimedValues(*columns)))

    @property
    def marks(self) -> Marks:
        """What has become known of the mark price, for `margin_price`."""
        return self._all_marks

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of its features, also of those of which nothing is known yet."""
        return self._feature_names

    def feature(self, name: str) -> LatestValue | None:
        """Return a feature as it has become known, or None when there is none of this name."""
        found = self._features.get(name)
        if found is None and name in self._feature_names:
            columns = self._fetch(("feature", self.symbol, name))
            assert columns is not None  # there is one of that name
            found = self._features[name] = LatestValue(TimedValues(*columns))
        return found

    def _make_series(self, period_ms: int) -> KlineSeries | None:
        columns = self._fetch(("closes", self.symbol, period_ms))
        if columns is None:
            return None
        open_ms, close = columns
        fetch = partial(self._fetch, ("ranges", self.symbol, period_ms))
        return KlineSeries(PastKlines(period_ms, open_ms, close, fetch))

    def _make_indicator(self, series: KlineSeries, indicator: Indicator) -> IndicatorHistory:
        return PastIndicator(self.symbol, series.columns, indicator, self._fetch)


class PastKlines(KlineColumns):
    """Klines of which most programs ask for nothing but the closes: the rest is fetched when it is first read."""

    __slots__ = ("_fetch",)

    def __init__(
        self, period_ms: int, open_ms: Column, close: Column, fetch: Callable[[], tuple[Column, ...] | None]
    ) -> None:
        values = {"period_ms": period_ms, "open_ms": open_ms, "close": close, "_fetch": fetch}
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        # only what is not there comes here
        if name not in _RANGES:
            raise AttributeError(name)
        columns = self._fetch()
        assert columns is not None  # there are closes
        for each, column in zip(_RANGES, columns, strict=True):
            object.__setattr__(self, each, column)
        return getattr(self, name)


class PastIndicator(IndicatorHistory):
    """An indicator whose columns were worked out elsewhere."""

    def __init__(self, symbol: str, columns: KlineColumns, indicator: Indicator, fetch: Fetch) -> None:
        super().__init__(columns, indicator)
        self._symbol, self._fetch = symbol, fetch

    def _fetched(self, kind: str) -> tuple[Column, ...]:
        columns = self._fetch((kind, self._symbol, self.columns.period_ms, self.indicator.name))
        assert columns is not None  # there are klines, and an indicator of that name
        return columns

    @cached_property
    def values(self) -> dict[str, FloatColumn]:
        """For every key a float64 column with the value at each kline's close, fillers where undefined."""
        return dict(zip(self.indicator.fillers, self._fetched("indicator"), strict=True))

    @cached_property
    def forming_columns(self) -> tuple[FloatColumn, ...]:
        """What is needed to add a forming kline to the finished ones: columns aligned with the klines."""
        return self._fetched("forming")


class PastFlow(FlowHistory):
    """The flow of one symbol as it has become known."""

    def __init__(self, symbol: str, fetch: Fetch, ask_metric: AskMetric | None) -> None:
        self._symbol, self._fetch, self._ask_metric = symbol, fetch, ask_metric
        self._buckets = {}

    def __getattr__(self, name: str) -> Any:
        # only what has not been asked for before comes here
        if name == "_trade_index":
            value: Any = None if self.trades is None else TimeIndex(self.trades.timestamp_ms)
        elif name in _TABLES or name in LATEST_VALUES:
            columns = self._fetch(("rows", self._symbol, name))
            value = None if columns is None else _table(name, columns)
        else:
            raise AttributeError(name)
        setattr(self, name, value)
        return value

    def unregistered(self, metric: str, interval_ms: int, time_ms: int) -> Answer | None:
        """Return what is answered elsewhere."""
        return None if self._ask_metric is None else self._ask_metric(self._symbol, metric, interval_ms, time_ms)

    def _make_buckets(self, table: str, rows: FlowRows, interval_ms: int) -> Buckets:
        return PastBuckets(self._symbol, table, rows, interval_ms, self._fetch)


def _table(name: str, columns: tuple[Column, ...]) -> FlowRows | LatestValue:
    return LatestValue(TimedValues(*columns)) if name in LATEST_VALUES else _TABLES[name](*columns)


class PastBuckets(Buckets):
    """Buckets whose bounds and figures were worked out elsewhere."""

    def __init__(self, symbol: str, table: str, rows: FlowRows, interval_ms: int, fetch: Fetch) -> None:
        self._symbol, self._name, self._fetch = symbol, table, fetch
        super().__init__(rows, interval_ms)

    def _bounds(self) -> tuple[TimeColumn, TimeColumn]:
        columns = self._fetch(("buckets", self._symbol, self._name, self.interval_ms))
        assert columns is not None  # there are rows
        first, opened = columns
        return first, opened

    def whole(self, kept: Kept) -> FloatColumn:
        """Return a figure of each bucket over all of its rows, as far as they are known."""
        metric = next(each for each in FLOW_METRICS.values() if each.table == self._name and kept in each.seen)
        place = metric.seen.index(kept)
        columns = self._fetch(("whole", self._symbol, self._name, self.interval_ms, metric.name, place))
        assert columns is not None  # there are buckets, and a metric of that name
        return columns[0]
