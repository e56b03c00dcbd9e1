"""Programs, signals, processes and features that look ahead, each in a way that people have been caught by."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from adapters import synthetic_klines
from adapters.trials import Ground, Job
from engine import BacktestConfig, Decision, MarketHistory, Phase, TriggerEvent

START, MINUTE, HOUR, DAY = 1_704_067_200_000, 60_000, 3_600_000, 86_400_000
DAYS, SYMBOLS = 7, ("BTC", "ETH")


def market(features: dict[str, Any] | None = None) -> MarketHistory:
    """Two symbols, two days of warm-up and a week."""
    begin = START - 2 * DAY
    klines = {name: synthetic_klines(name, begin, (DAYS + 2) * 1440, seed=5) for name in SYMBOLS}
    return MarketHistory.from_klines(klines, features)


def job(program: Any, history: MarketHistory, signals: Any = (), prepare: Any = None, interval: Any = "1h") -> Job:
    """The job of a program on a market."""
    config = BacktestConfig(
        strategy=program, symbols=list(SYMBOLS), start_time=START, end_time=START + DAYS * DAY,
        scheduled_interval=interval,
    )  # fmt: skip
    return Job(config, {"": Ground(history, tuple(signals))}, prepare=prepare)


def frame_of(history: MarketHistory, symbol: str = "BTC") -> pd.DataFrame:
    """The klines of a symbol as people have them."""
    c = history.symbols[symbol].base.columns
    index = pd.to_datetime(c.open_ms, unit="ms", utc=True)
    return pd.DataFrame(
        {"open": c.open, "high": c.high, "low": c.low, "close": c.close, "volume": c.volume}, index=index
    )


def turned(data: Any, is_up: bool, symbol: str = "BTC") -> Decision | None:
    """What a program decides that wants to be long while something is up, and out else."""
    if symbol in data.positions:
        return None if is_up else Decision("close", symbol)
    return Decision("buy", symbol, target_portion_of_balance=0.3, leverage=1) if is_up else None


class OnSignal:
    """Buys what a signal names, and sells it at the next one that names another."""

    def should_trade(self, data):
        for symbol in data.positions:
            if symbol != data.trigger_symbol:
                return Decision("close", symbol)
        return turned(data, True, data.trigger_symbol)


class OnFeature:
    """Is long while a feature is above a level."""

    def __init__(self, name: str, level: float = 0.0) -> None:
        self.name, self.level = name, level

    def should_trade(self, data):
        seen = data.get_feature(self.name, "BTC")
        return turned(data, bool(seen) and seen["value"] > self.level)


class AboveKnown:
    """Is long while a feature is above the last price."""

    def should_trade(self, data):
        seen = data.get_feature("ahead", "BTC")
        return turned(data, bool(seen) and seen["value"] > data.get_price("BTC"))


# a longer period's close before it is known


class HourlyRises:
    """Fires five minutes into each hour that will end higher."""

    name = "hourly rises"

    def triggers(self, market, symbols, start_ms, end_ms):
        c = market.symbols["BTC"].series("1h").columns
        times = c.open_ms[c.close > c.open] + 5 * MINUTE
        return [TriggerEvent(int(t), "signal", "BTC", pool_name=self.name) for t in times if start_ms <= t <= end_ms]


class Alternating:
    """Buys and sells in turn when it is woken by a signal."""

    def should_trade(self, data):
        return turned(data, "BTC" not in data.positions)


def hour_watcher(sim):
    """Publish a signal at a quarter past each hour that will end lower."""
    c = sim.market.symbols["BTC"].series("1h").columns
    for opened, begun, closed in zip(c.open_ms.tolist(), c.open.tolist(), c.close.tolist(), strict=True):
        if sim.start_ms <= opened < sim.end_ms - HOUR and closed < begun:
            yield sim.at(opened + 15 * MINUTE, Phase.SIGNALS)
            sim.bus.publish(TriggerEvent(sim.now, "signal", "BTC", pool_name="hour watcher"))


class ResamplesFrame:
    """Makes daily klines of the frame that it was given, and takes the close of the present one."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame

    def init(self, params):
        self.daily = self.frame["close"].resample("1D").last()

    def should_trade(self, data):
        day = pd.Timestamp(data.timestamp, unit="ms", tz="UTC").floor("1D")
        return turned(data, day in self.daily.index and self.daily[day] > data.get_price("BTC"))


# a negative shift


def shifted(history: MarketHistory) -> pd.Series:
    """The close of two hours later."""
    return frame_of(history)["close"].shift(-120).dropna()


def shifted_change(history: MarketHistory) -> pd.Series:
    """The change of the hour that follows, as a table of features has it."""
    close = frame_of(history)["close"].iloc[::60]
    return close.pct_change().shift(-1).dropna()


class ShiftsColumn:
    """Compares with a column of its own that is shifted the wrong way."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame

    def init(self, params):
        self.later = self.frame["close"].shift(-30)

    def should_trade(self, data):
        place = self.frame.index.searchsorted(pd.Timestamp(data.timestamp, unit="ms", tz="UTC")) - 1
        return turned(data, self.later.iloc[place] > self.frame["close"].iloc[place])


# the mean of the whole sample


def normalised(history: MarketHistory) -> pd.Series:
    """Prices in deviations from the mean of all."""
    close = frame_of(history)["close"].iloc[::60]
    return (close - close.mean()) / close.std()


class AboveTheMean:
    """Fires where the price crosses the mean of the whole sample."""

    name = "above the mean"

    def triggers(self, market, symbols, start_ms, end_ms):
        c = market.symbols["BTC"].base.columns
        above = c.close > c.close.mean()
        crossed = np.flatnonzero(above[1:] != above[:-1]) + 1
        times = c.open_ms[crossed] + MINUTE
        return [TriggerEvent(int(t), "signal", "BTC", pool_name=self.name) for t in times if start_ms <= t <= end_ms]


class MeanOfArray:
    """Holds all closes as an array and compares with their mean."""

    def __init__(self, closes: np.ndarray) -> None:
        self.closes = closes

    def should_trade(self, data):
        return turned(data, data.get_price("BTC") > self.closes.mean())


def knowing_mean(mean: float) -> type:
    """A program that closes over the mean of all closes."""

    class KnowsMean:
        def should_trade(self, data):
            return turned(data, data.get_price("BTC") > mean)

    return KnowsMean


# a row stamped at its open, taken as known


class OpenedHours:
    """Fires at the open of each hour whose own kline rises by more than the one before."""

    name = "opened hours"

    def triggers(self, market, symbols, start_ms, end_ms):
        c = market.symbols["BTC"].series("1h").columns
        change = c.close / c.open - 1
        chosen = np.flatnonzero(change[1:] > change[:-1]) + 1
        times = c.open_ms[chosen]
        return [TriggerEvent(int(t), "signal", "BTC", pool_name=self.name) for t in times if start_ms <= t <= end_ms]


class FiltersByOpen:
    """Takes the last of all klines that have opened as one that is known."""

    def __init__(self, columns: Any) -> None:
        self.columns = columns

    def should_trade(self, data):
        last = int(self.columns.open_ms.searchsorted(data.timestamp, side="right")) - 1
        return turned(data, self.columns.close[last] > self.columns.open[last])


class FiltersHours:
    """Takes the last of all hours that have opened, of a frame that pandas has made of minutes."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.hours = frame.resample("1h").agg({"open": "first", "close": "last"})

    def should_trade(self, data):
        last = self.hours.loc[: pd.Timestamp(data.timestamp, unit="ms", tz="UTC")].iloc[-1]
        return turned(data, last["close"] > last["open"])


class HoursOfArray:
    """Holds the closes of hours, and their times."""

    def __init__(self, history: MarketHistory) -> None:
        columns = history.symbols["BTC"].series("1h").columns
        self.closes, self.times = columns.close.copy(), columns.open_ms.tolist()

    def should_trade(self, data):
        place = bisect_right(self.times, data.timestamp) - 1
        return turned(data, self.closes[place] > data.get_price("BTC"))


def stamped_at_open(history: MarketHistory) -> dict[str, Any]:
    """Closes of hours, said to be known when these open."""
    c = history.symbols["BTC"].series("1h").columns
    return {"time": c.open_ms, "close": c.close}


# a stale cache

SEEN: dict[int, float] = {}


class RemembersLastRun:
    """Keeps prices in a global, where it looks an hour ahead: in the second run they are there."""

    def should_trade(self, data):
        price = SEEN[data.timestamp] = data.get_price("BTC")
        return turned(data, SEEN.get(data.timestamp + HOUR, price) > price)


class KeepsHighest:
    """Keeps the highest price in its class."""

    highest = 0.0

    def should_trade(self, data):
        price = data.get_price("BTC")
        is_new = price > KeepsHighest.highest
        KeepsHighest.highest = max(KeepsHighest.highest, price)
        return turned(data, is_new)


@lru_cache
def _rising(symbol: str, market: Any) -> tuple[int, ...]:
    c = market.symbols[symbol].series("1h").columns
    return tuple((c.open_ms[c.close > c.open] + MINUTE).tolist())


_FOUND: dict[str, tuple[int, ...]] = {}


class CachedSignals:
    """Works out its times, which look ahead, once a process, and keeps them in a global."""

    name = "cached signals"

    def triggers(self, market, symbols, start_ms, end_ms):
        if "BTC" not in _FOUND:
            _FOUND["BTC"] = _rising("BTC", market)
        return [TriggerEvent(t, "signal", "BTC", pool_name=self.name) for t in _FOUND["BTC"] if start_ms <= t <= end_ms]


class CachesCalls:
    """Takes the last close of the present day by a function that keeps what it came to."""

    def should_trade(self, data):
        return turned(data, _close_of(data.timestamp // DAY) > data.get_price("BTC"))


FRAME: dict[str, pd.DataFrame] = {}


@lru_cache
def _close_of(day: int) -> float:
    return float(FRAME["minutes"]["close"].loc[: str(pd.Timestamp(day * DAY, unit="ms").date())].iloc[-1])


END_PRICE = [0.0]


class KnowsTheEnd:
    """Is long below the price of the end, which it keeps."""

    def should_trade(self, data):
        return turned(data, data.get_price("BTC") < END_PRICE[0])


# sorted by what comes later


def _best(history: MarketHistory, place: int, ahead: int) -> str:
    def change(symbol: str) -> float:
        close = history.symbols[symbol].base.columns.close
        return close[min(place + ahead, len(close) - 1)] / close[place]

    return max(SYMBOLS, key=change)


class BestOfTomorrow:
    """Fires every four hours for the symbol that will do best."""

    name = "best of tomorrow"

    def triggers(self, market, symbols, start_ms, end_ms):
        opened = market.symbols["BTC"].base.columns.open_ms
        times = range(start_ms + 4 * HOUR, end_ms, 4 * HOUR)
        best = [(t, _best(market, int(opened.searchsorted(t)) - 1, 240)) for t in times]
        return [TriggerEvent(t, "signal", symbol, pool_name=self.name) for t, symbol in best]


def rotation(sim):
    """Publish every six hours a signal of the symbol that will do best."""
    opened = sim.market.symbols["BTC"].base.columns.open_ms
    while sim.now + 6 * HOUR < sim.end_ms:
        yield sim.at(sim.now + 6 * HOUR, Phase.SIGNALS)
        best = _best(sim.market, int(opened.searchsorted(sim.now)) - 1, 360)
        sim.bus.publish(TriggerEvent(sim.now, "signal", best, pool_name="rotation"))


class RanksByMarket:
    """Holds the market, and buys what will do best."""

    def __init__(self, history: MarketHistory) -> None:
        self.history = history

    def should_trade(self, data):
        opened = self.history.symbols["BTC"].base.columns.open_ms
        best = _best(self.history, int(opened.searchsorted(data.timestamp)) - 1, 60)
        for symbol in data.positions:
            if symbol != best:
                return Decision("close", symbol)
        return turned(data, True, best)


# what the future may be in, and nobody can work out anew


class HoldsData:
    """Holds, or reads, what may be anything."""

    def __init__(self, data: Any) -> None:
        self.data = data

    def should_trade(self, data):
        return turned(data, "BTC" not in data.positions)


class ReadsFile(HoldsData):
    """Reads what may be anything."""

    def init(self, params):
        with open(__file__) as file:
            self.text = file.read()


def _signs() -> dict[int, bool]:
    return {START + n * HOUR: n % 3 == 0 for n in range(24)}


#: Each by what is said of it.
HELD: dict[str, Callable[[], Any]] = {
    "data of HoldsData": lambda: HoldsData(_signs()),
    "data of HoldsData[0]": lambda: HoldsData([[float(n * n) for n in range(50)], ["a"] * 30]),
    "data of HoldsData['hours']": lambda: HoldsData({"hours": [START + n * n * HOUR for n in range(30)]}),
    "column up of data of HoldsData": lambda: HoldsData(
        frame_of(market()).assign(up=lambda frame: frame["close"].diff().shift(-1) > 0)
    ),
    "data of HoldsData ": lambda: HoldsData(b"12345" * 300),
    "what ReadsFile.init reads by open": lambda: ReadsFile(None),
    "data of HoldsData  ": lambda: HoldsData(iter([float(n * n) for n in range(50)])),
}
#: What may be held and tells nothing.
HARMLESS = ([START + n * HOUR for n in range(99)], ["BTC"] * 40, {"fast": 12, "slow": 26}, np.zeros(50), range(99))


class Leak(NamedTuple):
    """A planted leak: its kind, its shape, what makes its job, and a part of what must be said of it."""

    kind: str
    shape: str
    make: Callable[[], Job]
    said: str = "runs with another future differ"


def _with(program: Callable[[MarketHistory], Any]) -> Job:
    history = market()
    return job(program(history), history)


def _known_end() -> Job:
    history = market()
    END_PRICE[0] = float(history.symbols["BTC"].base.columns.close[-1])
    return job(KnowsTheEnd, history)


def _cached_calls() -> Job:
    history = market()
    FRAME["minutes"] = frame_of(history)
    _close_of.cache_clear()
    return job(CachesCalls, history)


def _values(make: Callable[[MarketHistory], Any], name: str, program: Any) -> Job:
    return job(program, market({name: make(market())}))


LEAKS = (
    Leak("longer close", "trigger source", lambda: job(Alternating, market(), [HourlyRises()], interval=None)),
    Leak("longer close", "process", lambda: job(Alternating, market(), prepare=prepare_watcher, interval=None)),
    Leak("longer close", "object", lambda: _with(lambda history: ResamplesFrame(frame_of(history)))),
    Leak("negative shift", "feature function", lambda: job(AboveKnown, market({"ahead": shifted}))),
    Leak("negative shift", "object", lambda: _with(lambda history: ShiftsColumn(frame_of(history)))),
    Leak("negative shift", "values", lambda: _values(shifted, "ahead", AboveKnown), "is the close of 2h 1m later"),
    Leak(
        "negative shift", "values of changes", lambda: _values(shifted_change, "ahead", OnFeature("ahead")),
        "rank correlation",
    ),
    Leak("whole mean", "feature function", lambda: job(OnFeature("z"), market({"z": normalised}))),
    Leak("whole mean", "trigger source", lambda: job(Alternating, market(), [AboveTheMean()], interval=None)),
    Leak("whole mean", "object", lambda: _with(lambda h: MeanOfArray(h.symbols["BTC"].base.columns.close.copy()))),
    Leak(
        "whole mean", "number in a closure",
        lambda: _with(lambda h: knowing_mean(float(h.symbols["BTC"].base.columns.close.mean()))), "the mean close",
    ),
    Leak("whole mean", "values", lambda: _values(normalised, "z", OnFeature("z")), "the mean 0"),
    Leak("open time", "trigger source", lambda: job(Alternating, market(), [OpenedHours()], interval=None)),
    Leak("open time", "object", lambda: _with(lambda h: FiltersByOpen(h.symbols["BTC"].base.columns))),
    Leak("open time", "feature function", lambda: job(AboveKnown, market({"ahead": stamped_at_open}))),
    Leak(
        "open time", "values", lambda: _values(stamped_at_open, "ahead", AboveKnown),
        "is the close of the 1h kline that is not over",
    ),
    Leak("open time", "frame of hours", lambda: _with(lambda h: FiltersHours(frame_of(h)))),
    Leak("longer close", "array of hours", lambda: _with(HoursOfArray)),
    Leak("stale cache", "cache of calls", _cached_calls),
    Leak("stale cache", "global", lambda: job(RemembersLastRun, market()), "kept from an earlier run"),
    Leak("stale cache", "class attribute", lambda: job(KeepsHighest, market()), "kept from an earlier run"),
    Leak("stale cache", "price of the end", _known_end, "the last close"),
    Leak("sorted by the future", "trigger source", lambda: job(OnSignal, market(), [BestOfTomorrow()], interval=None)),
    Leak("sorted by the future", "process", lambda: job(OnSignal, market(), prepare=prepare_rotation, interval=None)),
    Leak("sorted by the future", "object", lambda: _with(RanksByMarket)),
)  # fmt: skip


def prepare_watcher(sim: Any) -> None:
    """Add the process that watches hours."""
    sim.process(hour_watcher)


def prepare_rotation(sim: Any) -> None:
    """Add the process that rotates."""
    sim.process(rotation)
