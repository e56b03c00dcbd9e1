"""Market history in columns: what is known of each symbol, and what of it was known at an instant."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..instants import utc_text
from ..periods import DAY_MS, PERIOD_MS, SECOND_MS, period_name
from .fine_rows import FineRows, RowSource
from .flow import FlowHistory, LatestValue, TimedValues
from .funding import STAMP_JITTER_MS
from .indicators import DerivedPart, DerivedStore, Indicator, IndicatorHistory, MadeHere
from .known_prices import KnownPrices
from .margin_spans import MarginSpans, Marks
from .market_frames import market_parts
from .own_data import ALL_SYMBOLS, checked_feature, feature_tables, own_features
from .regime import RegimeConfig
from .series import FloatColumn, FormingKline, Kline, KlineColumns, TimeColumn, TimeIndex
from .spans import WatchColumns, watch_klines, watch_marks, watch_rows

if TYPE_CHECKING:
    import pandas

#: What prices of two sources may differ by, as a share of them: digits that were cut off.
_ROUNDING = 1e-6
_MOST_DECIMALS = 8

#: Indicators of so many klines together are kept of a symbol, the last ones that were asked for.
_MOST_INDICATED = 16_000_000


class KlineSeries:
    """Klines of one period with the search for what was finished at an instant."""

    __slots__ = ("closes", "columns", "index", "period_ms")

    def __init__(self, columns: KlineColumns) -> None:
        self.columns = columns
        self.period_ms = columns.period_ms
        self.index = TimeIndex(columns.open_ms)
        self.closes = columns.close.data

    def finished(self, time_ms: int) -> int:
        """Return how many klines have closed at or before `time_ms`."""
        return self.index.count_upto(time_ms - self.period_ms)

    def finished_at(self, times_ms: TimeColumn) -> TimeColumn:
        """Return for each time how many klines have closed at or before it."""
        return self.index.counts_upto(times_ms - self.period_ms)

    def next_close(self, time_ms: int) -> int | None:
        """Return the first time at or after `time_ms` at which a kline closes, None when there is none."""
        place = self.finished(time_ms - 1)
        return self.index.time(place) + self.period_ms if place < len(self.columns) else None

    def first_opening(self, time_ms: int) -> int:
        """Return the place of the first kline that opens at or after `time_ms` (the length when there is none)."""
        return self.index.count_before(time_ms)


class SymbolHistory:
    """All that is known of one symbol. Every answer about an instant uses only what was known then.

    `base` are the klines that stand for the finest period; `stored` are longer ones as they were recorded, which
    count unless all of their period is in the base and says otherwise; `mark_klines` are 1m klines of the mark price,
    None without any, of which each is known at its close; `flow` is everything else that was recorded; `features` are
    series of one's own, by name, each value known from its time on (`DataError` for one that is not finite). `finer`
    are shorter klines than the base, which tell nobody anything but what came first inside of a base kline.
    """

    def __init__(
        self,
        symbol: str,
        base: KlineColumns,
        stored: Iterable[KlineColumns] = (),
        flow: FlowHistory | None = None,
        mark_klines: KlineColumns | None = None,
        features: Mapping[str, TimedValues] | None = None,
        finer: Iterable[KlineColumns] = (),
    ) -> None:
        self.symbol = symbol
        self.finer = tuple(sorted(finer, key=lambda columns: columns.period_ms))
        self.base = KlineSeries(base)
        self.flow = flow if flow is not None else FlowHistory()
        self.mark_klines = mark_klines
        self._features = {name: LatestValue(checked_feature(name, rows)) for name, rows in (features or {}).items()}
        self._marks = self.flow.mark_price
        self._stored = {columns.period_ms: columns for columns in stored}
        self._indicators: dict[tuple[int, Indicator], IndicatorHistory] = {}
        self._watch: dict[tuple[str, int | None], WatchColumns] = {}
        self._recorded_marks: Marks | None = None
        self._margin: dict[int, MarginSpans] = {}
        self._series: dict[int, KlineSeries | None] = {base.period_ms: self.base}
        self._derived: DerivedStore = MadeHere()

    def __reduce__(self) -> tuple[Any, ...]:
        # what was recorded, without what has been worked out from it
        return self._made_with({})

    def _made_with(self, features: Mapping[str, TimedValues]) -> tuple[Any, ...]:
        own = {name: series.rows for name, series in self._features.items()}
        of_all = {**features, **own}
        arguments = (self.symbol, self.base.columns, self.stored, self.flow, self.mark_klines, of_all, self.finer)
        return SymbolHistory, arguments

    def with_features(self, features: Mapping[str, TimedValues]) -> SymbolHistory:
        """Return the same history with further features; one that it has already stays as it is."""
        make, arguments = self._made_with(features)
        history: SymbolHistory = make(*arguments)
        return history

    def replaced(self, **parts: Any) -> SymbolHistory:
        """Return the same history with other `base`, `stored`, `flow` or `mark_klines`; what is worked out from them
        follows.
        """
        make, arguments = self._made_with({})
        names = ("symbol", "base", "stored", "flow", "mark_klines", "features", "finer")
        history: SymbolHistory = make(**{**dict(zip(names, arguments, strict=True)), **parts})
        return history

    def anew(self) -> SymbolHistory:
        """Return the same records, and the same store, without what has been worked out from them in this object."""
        history = self.with_features({})
        history._derived = self._derived
        return history

    def keep_derived_in(self, store: DerivedStore) -> None:
        """Have what is worked out from now on kept by a store: klines of longer periods, indicators, spans."""
        self._derived = DerivedPart(store, self.symbol)

    def until(self, end_ms: int) -> SymbolHistory:
        """Return what a run that ends at `end_ms` is given of it: klines, of the mark price too, that open up to then
        (an order may fill at that open), everything else that is known then, and funding rates of settlements up to
        then that are stamped late.
        """
        marks = None if self.mark_klines is None else self.mark_klines.until(end_ms)
        history = SymbolHistory(
            self.symbol,
            self.base.columns.until(end_ms),
            [columns.until(end_ms) for columns in self._stored.values()],
            self.flow.until(end_ms, STAMP_JITTER_MS),
            marks if marks is not None and len(marks) else None,
            {name: series.rows.until(end_ms) for name, series in self._features.items()},
            [columns.until(end_ms) for columns in self.finer],
        )
        history._derived = DerivedPart(self._derived, "until", end_ms)
        return history

    @property
    def stored(self) -> tuple[KlineColumns, ...]:
        """The longer klines as they were recorded, one set of columns for each period."""
        return tuple(self._stored.values())

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of its features, in alphabetical order."""
        return tuple(sorted(self._features))

    def feature(self, name: str) -> LatestValue | None:
        """Return a feature, or None when there is none of this name."""
        return self._features.get(name)

    def series(self, period: str) -> KlineSeries | None:
        """Return the klines of a period, or None when there are none and none can be made from the base."""
        period_ms = PERIOD_MS.get(period)
        if period_ms is None:
            return None
        return self.series_of(period_ms)

    def series_of(self, period_ms: int) -> KlineSeries | None:
        """Return the same by the length of the period."""
        if period_ms not in self._series:
            self._series[period_ms] = self._make_series(period_ms)
        return self._series[period_ms]

    def _make_series(self, period_ms: int) -> KlineSeries | None:
        stored = self._stored.get(period_ms)
        if period_ms < self.base.period_ms or period_ms % self.base.period_ms:
            return None if stored is None else KlineSeries(stored)
        return KlineSeries(self._derived.get(("klines", period_ms), lambda: self._longer_klines(period_ms, stored)))

    def _longer_klines(self, period_ms: int, stored: KlineColumns | None) -> KlineColumns:
        columns = aggregate(self.base.columns, period_ms, self.base.index)
        if stored is None:
            return columns
        wrong = np.isin(stored.open_ms, disagreeing(stored, self.base.columns), assume_unique=True)
        return merge(stored.where(~wrong), columns)

    def disagreements(self) -> dict[int, TimeColumn]:
        """Return by period the opens of stored longer klines that are not what the base says, beyond rounding."""
        found = {}
        for period_ms, stored in self._stored.items():
            if period_ms > self.base.period_ms and not period_ms % self.base.period_ms:
                found[period_ms] = disagreeing(stored, self.base.columns)
        return {period_ms: opened for period_ms, opened in found.items() if len(opened)}

    def watch(self, watch_period: str, mark_stale_ms: int | None = None) -> WatchColumns:
        """Return what brackets are checked against: the base klines ("1m"), or 15-second rows where there are any; with
        `mark_stale_ms` the marks, fresh up to that age, and these where none is.
        """
        key = watch_period, mark_stale_ms
        if key not in self._watch:
            self._watch[key] = self._make_watch(watch_period, mark_stale_ms)
        return self._watch[key]

    def _make_watch(self, watch_period: str, mark_stale_ms: int | None) -> WatchColumns:
        base, rows = self.base.columns, self.flow.priced if watch_period == "15s" else None
        if mark_stale_ms is not None:
            traded = self.watch(watch_period)
            key = "watched marks", watch_period, mark_stale_ms
            return self._derived.get(key, lambda: watch_marks(traded, base, self.marks, mark_stale_ms))
        if rows is not None:
            return self._derived.get(("watched rows",), lambda: watch_rows(rows, base))
        return watch_klines(base, self.base.index)

    def fine_rows(self, of_marks: bool = False) -> FineRows:
        """Return what tells in which order the prices inside of a base kline were reached: 15-second rows (but for
        whole minutes among them) and shorter klines; inside of one `of_marks` shorter klines of the mark price.
        """
        base, marks, rows = self.base.columns, self.mark_klines, self.flow.priced
        if of_marks:
            return FineRows(base, [] if marks is None else [RowSource.of_klines(marks, has_volume=False)])
        sources = [] if rows is None else [RowSource.of_rows(rows)]
        return FineRows(base, [*sources, *map(RowSource.of_klines, self.finer)])

    def price(self, time_ms: int, mark_stale_ms: int, price_stale_ms: int | None = None) -> float | None:
        """Return the last known price: the newest mark price not older than `mark_stale_ms`, else the close of the
        last finished base kline unless it is older than `price_stale_ms` (None: however old), else None.
        """
        marks = self._marks
        mark = None if marks is None else marks.fresh(time_ms, mark_stale_ms)
        if mark is not None:
            return mark
        base = self.base
        count = base.index.count_upto(time_ms - base.period_ms)
        if not count:
            return None
        if price_stale_ms is not None and time_ms - (base.index.time(count - 1) + base.period_ms) > price_stale_ms:
            return None
        return base.closes[count - 1]

    def prices(self, times_ms: TimeColumn, mark_stale_ms: int) -> FloatColumn:
        """Return the last known price at each time, however old the kline; 0.0 where there is none."""
        base = self.base
        columns = base.columns
        known = KnownPrices(base.period_ms, columns.open_ms, columns.close, self._marks, mark_stale_ms, base.index)
        return known.at_times(times_ms)

    def margin_price(self, time_ms: int, mark_stale_ms: int) -> float | None:
        """Return the price that margin is judged at: the newest mark not older than `mark_stale_ms`, a mark price or
        the close of a mark kline, else the last close of the base klines, None when there is none.
        """
        if self.mark_klines is not None:
            marks = self.marks.all
            mark = None if marks is None else marks.fresh(time_ms, mark_stale_ms)
            if mark is not None:
                return mark
        return self.price(time_ms, mark_stale_ms)

    @property
    def marks(self) -> Marks:
        """What is recorded of the mark price."""
        if self._recorded_marks is None:
            finest = klines = self.mark_klines
            if finest is not None and finest.period_ms != self.base.period_ms:
                klines = aggregate(finest, self.base.period_ms)
            self._recorded_marks = Marks.of(self._marks, finest, klines)
        return self._recorded_marks

    def margin_spans(self, mark_stale_ms: int) -> MarginSpans:
        """Return what margin is judged on, where marks are fresh up to `mark_stale_ms`."""
        spans = self._margin.get(mark_stale_ms)
        if spans is None:
            base = self.base
            spans = self._margin[mark_stale_ms] = MarginSpans(base.columns, base.index, self.marks, mark_stale_ms)
        return spans

    def forming(self, period_ms: int, time_ms: int) -> FormingKline | None:
        """Return the kline of the period that contains `time_ms` as far as it is known, or None on a boundary."""
        opened = time_ms - time_ms % period_ms
        if opened == time_ms:
            return None
        marks = self._marks
        close = None if marks is None else marks.fresh(time_ms, time_ms - opened)
        if close is None:
            base = self.base
            last = base.index.count_upto(time_ms - base.period_ms)
            if not last or base.index.time(last - 1) < opened:
                return None
            close = base.closes[last - 1]
        return FormingKline(close, partial(self._whole_forming, opened, time_ms))

    def _whole_forming(self, opened: int, time_ms: int) -> Kline:
        c, index = self.base.columns, self.base.index
        first, last = index.count_upto(opened - 1), index.count_upto(time_ms - c.period_ms)
        part = slice(first, last)
        volume, known = 0.0, opened
        if last > first:
            volume, known = float(np.add.reduce(c.volume[part])), index.time(last - 1) + c.period_ms
        volume += self.flow.volume_between(known, time_ms)
        timestamp = opened // SECOND_MS
        marks = None if self._marks is None else self._marks.between(opened, time_ms)
        if marks is not None:
            return Kline(timestamp, *marks, volume)
        high, low = float(np.maximum.reduce(c.high[part])), float(np.minimum.reduce(c.low[part]))
        return Kline(timestamp, c.open.item(first), high, low, self.base.closes[last - 1], volume)

    def indicator(self, series: KlineSeries, indicator: Indicator) -> IndicatorHistory:
        """Return an indicator over one of this symbol's series; its columns are worked out once."""
        key = series.period_ms, indicator
        found = self._indicators.pop(key, None)
        if found is None:
            found = self._make_indicator(series, indicator)
        self._indicators[key] = found  # behind all that were asked for before
        return found

    def _make_indicator(self, series: KlineSeries, indicator: Indicator) -> IndicatorHistory:
        self._make_room(len(series.columns))
        store = DerivedPart(self._derived, "indicator", series.period_ms, indicator.name)
        return IndicatorHistory(series.columns, indicator, store)

    def _make_room(self, rows: int) -> None:
        """Forget indicators until there is room for as many rows more; who uses one still has it."""
        kept = sum(len(each.columns) for each in self._indicators.values())
        while self._indicators and kept + rows > _MOST_INDICATED:
            kept -= len(self._indicators.pop(next(iter(self._indicators))).columns)

    def day_volume(self, time_ms: int) -> tuple[float, float] | None:
        """Return what the base klines that closed in the last 24 h traded, in coins and in USD (each at the mean of its
        high, low and close); None with less than 24 h of them.
        """
        c = self.base.columns
        if not len(c) or c.open_ms[0] > time_ms - DAY_MS:
            return None
        day = slice(self.base.finished(time_ms - DAY_MS), self.base.finished(time_ms))
        volume = c.volume[day]
        typical = (c.high[day] + c.low[day] + c.close[day]) / 3.0
        return float(np.add.reduce(volume)), float(np.add.reduce(volume * typical))


def _range_text(history: SymbolHistory) -> str:
    """Return which base klines there are of a symbol."""
    opened, period_ms = history.base.columns.open_ms, history.base.period_ms
    ends = f", {utc_text(int(opened[0]))} to {utc_text(int(opened[-1]) + period_ms)}" if len(opened) else ""
    return f"{history.symbol} ({len(opened):,} of {period_name(period_ms)}{ends})"


class MarketHistory:
    """The history of every symbol of a run, by symbol, and the thresholds by which its regimes are told.

    `features` are data of one's own by name, each a table as `feature_tables` takes them, or a function that gives one
    when it is called with this market without what functions give; a symbol that has a feature of that name already
    keeps it. `remarks` say what was done to the data to make it; they come into every result.
    """

    def __init__(
        self,
        symbols: Mapping[str, SymbolHistory] | Iterable[SymbolHistory],
        regime: RegimeConfig | None = None,
        features: Mapping[str, Any] | None = None,
        remarks: Iterable[str] = (),
    ) -> None:
        self.regime = regime if regime is not None else RegimeConfig()
        self.remarks = tuple(remarks)
        found = symbols.values() if isinstance(symbols, Mapping) else symbols
        self.symbols: dict[str, SymbolHistory] = {history.symbol: history for history in found}
        #: The functions among the features, by name.
        own = own_features(features)
        self.feature_functions = {name: each for name, each in own.items() if callable(each)}
        self.symbols = self._with({name: each for name, each in own.items() if not callable(each)})
        #: The symbols without what functions give.
        self.given = self.symbols
        if self.feature_functions:
            self.symbols = self._with({name: make(self) for name, make in self.feature_functions.items()})

    def _with(self, features: Mapping[str, Any]) -> dict[str, SymbolHistory]:
        """Return the symbols with further features."""
        if not features:
            return self.symbols
        tables = feature_tables(features)
        every = tables.get(ALL_SYMBOLS, {})
        return {
            symbol: history.with_features({**every, **tables.get(symbol, {})})
            for symbol, history in self.symbols.items()
        }

    def __repr__(self) -> str:
        return f"<market of {', '.join(map(_range_text, self.symbols.values())) or 'no symbols'}>"

    def keep_derived_in(self, store: DerivedStore) -> None:
        """Have what is worked out from now on kept by a store, which several processes with this market may share."""
        for history in self.symbols.values():
            history.keep_derived_in(store)

    def until(self, end_ms: int) -> MarketHistory:
        """Return the market that a run which ends at `end_ms` is given, with nothing that becomes known later: what is
        loaded of a database for such a run. What is worked out of it is worked out anew, and kept where that of
        this market is; its columns are the same memory.
        """
        histories = [history.until(end_ms) for history in self.given.values()]
        return MarketHistory(histories, self.regime, self.feature_functions, self.remarks)

    def last_price(self, symbol: str, time_ms: int, mark_stale_ms: int) -> float:
        """Return the last price that was known at an instant, 0.0 when there was none (or no such symbol)."""
        history = self.symbols.get(symbol)
        return 0.0 if history is None else history.price(time_ms, mark_stale_ms) or 0.0

    def margin_price(self, symbol: str, time_ms: int, mark_stale_ms: int) -> float:
        """Return the price that margin was judged at, at an instant; 0.0 when there was none (or no such symbol)."""
        history = self.symbols.get(symbol)
        return 0.0 if history is None else history.margin_price(time_ms, mark_stale_ms) or 0.0

    @classmethod
    def from_klines(
        cls, klines: Mapping[str, KlineColumns], features: Mapping[str, Any] | None = None
    ) -> MarketHistory:
        """Make a history from base klines alone, one set of columns for each symbol, and data of one's own."""
        return cls([SymbolHistory(symbol, columns) for symbol, columns in klines.items()], features=features)

    @classmethod
    def from_frames(
        cls,
        frames: pandas.DataFrame | Mapping[str, pandas.DataFrame],
        symbol: str | None = None,
        period: str | None = None,
        funding: Any = None,
        flow: Any = None,
        mark: Any = None,
        features: Mapping[str, Any] | None = None,
    ) -> MarketHistory:
        """Make a history from pandas frames of klines, one for each symbol, or one alone, of `symbol`: without that of
        the ticker that stands above its columns, or "ASSET".

        Columns are found as people call them (`Open` or `open`, `Vol`, ...), others are ignored. Times are those of the
        opens: a DatetimeIndex with a time zone, or a column of such times, of ISO texts with an offset, or of epoch
        seconds to nanoseconds. The period is the commonest step, unless it is given. `funding`, `flow` and `mark` are
        frames too, by symbol, or one where there is one symbol: rates (fractions of the notional), 15-second rows, mark
        prices or 1m klines of them. `features` are as `MarketHistory` takes them. What was sorted, left out or assumed
        is in `remarks`. Raises `DataError`, which names symbol and row and says what to write, for whatever is not as
        it should be.
        """
        parts, remarks = market_parts(frames, symbol, period, funding, flow, mark)
        histories = [SymbolHistory(name, each.klines, (), each.flow, each.marks) for name, each in parts.items()]
        return cls(histories, features=features, remarks=remarks)


def aggregate(base: KlineColumns, period_ms: int, index: TimeIndex | None = None) -> KlineColumns:
    """Return klines of a longer period made from finer ones; periods without a finer kline stay absent. The `index` of
    the finer ones, where there is one already, mostly divides instead of searching through a year that is not cached.
    """
    if not len(base):
        return KlineColumns.of(period_ms, ())
    begin = base.open_ms[0] // period_ms * period_ms
    opened = np.arange(begin, base.open_ms[-1] + 1, period_ms, dtype=np.int64)
    first = np.searchsorted(base.open_ms, opened) if index is None else index.counts_upto(opened - 1)
    stop = np.append(first[1:], len(base))
    filled = first < stop
    opened, first, last = opened[filled], first[filled], stop[filled] - 1
    return KlineColumns(
        period_ms,
        opened,
        base.open[first],
        np.maximum.reduceat(base.high, first),
        np.minimum.reduceat(base.low, first),
        base.close[last],
        np.add.reduceat(base.volume, first),
    )


def disagreeing(stored: KlineColumns, base: KlineColumns) -> TimeColumn:
    """Return the opens of longer klines that differ beyond rounding from the finer ones, where these are all there."""
    made = aggregate(base, stored.period_ms)
    first, stop = (np.searchsorted(base.open_ms, made.open_ms + shift) for shift in (0, made.period_ms))
    made = made.where((stop - first) * base.period_ms == made.period_ms)
    opened, ours, theirs = np.intersect1d(made.open_ms, stored.open_ms, assume_unique=True, return_indices=True)
    differ = np.zeros(len(opened), bool)
    for name in ("open", "high", "low", "close", "volume"):
        one, other = getattr(made, name)[ours], getattr(stored, name)[theirs]
        rounding = _ROUNDING * np.maximum(np.abs(one), np.abs(other))
        if name == "volume":
            rounding = rounding + _rounding_of_sums(base, stored)
        differ |= np.abs(one - other) > rounding
    return opened[differ]


def _rounding_of_sums(base: KlineColumns, stored: KlineColumns) -> float:
    """Return what the rounding of volumes may make of their sum: five standard deviations of as many uniform errors."""
    parts = stored.period_ms // base.period_ms
    return 5.0 * math.sqrt((parts * last_digit(base.volume) ** 2 + last_digit(stored.volume) ** 2) / 12.0)


def last_digit(volumes: FloatColumn) -> float:
    """Return what the last decimal of volumes or prices is worth; 0.0 where they have more than eight."""
    for decimals in range(_MOST_DECIMALS + 1):
        scaled = volumes * 10.0**decimals
        if np.all(np.abs(scaled - np.rint(scaled)) <= 1e-9 * np.maximum(np.abs(scaled), 1.0)):
            return float(10.0**-decimals)
    return 0.0


def merge(preferred: KlineColumns, other: KlineColumns) -> KlineColumns:
    """Return `preferred` with the klines of `other` where it has none."""
    missing = ~np.isin(other.open_ms, preferred.open_ms, assume_unique=True)
    if not missing.any():
        return preferred
    opened = np.concatenate((preferred.open_ms, other.open_ms[missing]))
    order = np.argsort(opened, kind="stable")
    figures = zip(preferred.figures, other.figures, strict=True)
    both = (np.concatenate((one, another[missing]))[order] for one, another in figures)
    return KlineColumns(preferred.period_ms, opened[order], *both)
