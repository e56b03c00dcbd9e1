"""Signal triggers: publishes the edges of signal sources in order of time."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import groupby
from numbers import Integral
from operator import itemgetter
from typing import Protocol

from simpy import Event

from engine import (
    ConfigurationError,
    FeatureCondition,
    IndicatorCondition,
    MarketHistory,
    PerpsimError,
    Phase,
    SignalDefinition,
    SignalPool,
    Simulation,
    SimulationError,
    SymbolHistory,
    TriggerEvent,
)
from engine.instants import instant_ms
from engine.plain_values import shown
from engine.signals import Detection, PoolTriggers, judge_pool
from engine.triggers import RepeatableFacts

from .trigger_series import Ranked, SymbolSeries, TriggerSeries, in_order

#: A pool that could not be decided at more of its check points than this is worth a warning.
_MOST_UNDEFINED_PERCENT = 10.0


class TriggerSource(Protocol):
    """Something that knows when it fires: `triggers` returns its edges in [start_ms, end_ms], each once."""

    def triggers(
        self, market: MarketHistory, symbols: Sequence[str], start_ms: int, end_ms: int
    ) -> Sequence[TriggerEvent]:
        """Return the triggers for `symbols` in any order."""


class TriggerTimes:
    """A source that fires for one symbol at the given instants (epoch ms)."""

    def __init__(self, symbol: str, times_ms: Iterable[int], name: str = "trigger times") -> None:
        if not isinstance(times_ms, Iterable) or isinstance(times_ms, str):
            raise ConfigurationError([f"signals: {shown(times_ms)} are no times: TriggerTimes('BTC', [epoch_ms, ...])"])
        self.symbol, self.times_ms, self.name = symbol, tuple(map(_instant, times_ms)), name

    def triggers(self, market: MarketHistory, symbols: Sequence[str], start_ms: int, end_ms: int) -> TriggerSeries:
        """Return one trigger at each instant that lies in the range; `ConfigurationError` for a foreign symbol."""
        if self.symbol not in symbols:
            raise ConfigurationError(
                [f"signals: {self.name} fires for {self.symbol}, which is not a configured symbol"]
            )
        times = [time for time in sorted(set(self.times_ms)) if start_ms <= time <= end_ms]

        def make(place: int) -> TriggerEvent:
            return TriggerEvent(times[place], "signal", self.symbol, pool_name=self.name)

        return TriggerSeries([SymbolSeries(self.symbol, times, make)])


def _instant(time_ms: object) -> int:
    """Return an instant as a plain integer, where it is one."""
    if isinstance(time_ms, Integral) and not isinstance(time_ms, bool):
        return int(time_ms)
    try:
        moment = instant_ms(time_ms)  # type: ignore[arg-type]
    except ValueError as error:
        raise ConfigurationError([f"signals: {error}; TriggerTimes takes epoch ms"]) from None
    return moment


@dataclass(frozen=True)
class KnownTriggers:
    """A source whose triggers have been worked out already, for the range and the symbols of one run."""

    known: Sequence[TriggerEvent]
    name: str = "known triggers"
    warnings: tuple[str, ...] = ()

    def triggers(
        self, market: MarketHistory, symbols: Sequence[str], start_ms: int, end_ms: int
    ) -> Sequence[TriggerEvent]:
        """Return them, whatever the range."""
        return self.known


class PoolSource:
    """A source that fires when a signal pool does, for each of its symbols that the run is configured for.

    `warnings` are about the range that was last asked for: symbols that are not run, values that were not there.
    """

    def __init__(self, pool: SignalPool) -> None:
        self.pool = pool
        self.name = pool.name
        self.warnings: list[str] = []

    def triggers(self, market: MarketHistory, symbols: Sequence[str], start_ms: int, end_ms: int) -> TriggerSeries:
        """Return one trigger at each instant in the range at which the pool turns true."""
        pool = self.pool
        watched = [symbol for symbol in symbols if symbol in pool.symbols or not pool.symbols]
        found = {symbol: self.judged(market.symbols[symbol], start_ms, end_ms) for symbol in watched}
        for detection in found.values():
            detection.triggers.outlive(market)
        left_out = [text for detection in found.values() for text in detection.warnings]
        self.warnings = [*self._foreign(symbols), *left_out, *self._undefined(found)]
        return TriggerSeries([self._series(symbol, detection.triggers) for symbol, detection in found.items()])

    def judged(self, history: SymbolHistory, start_ms: int, end_ms: int) -> Detection:
        """Return when the pool turns true for one symbol in the range."""
        return judge_pool(self.pool, history, start_ms, end_ms)

    def _series(self, symbol: str, found: PoolTriggers) -> SymbolSeries:
        pool, times = self.pool, found.times_ms.data

        def make(place: int) -> TriggerEvent:
            facts = RepeatableFacts.of(found, place)
            return TriggerEvent(times[place], "signal", symbol, pool.pool_id, pool.name, pool.logic, facts)

        return SymbolSeries(symbol, times, make)

    def _foreign(self, symbols: Sequence[str]) -> list[str]:
        foreign = ", ".join(symbol for symbol in self.pool.symbols if symbol not in symbols)
        return [f"signal pool {self.pool.label}: {foreign} ignored, not a configured symbol"] if foreign else []

    def _undefined(self, found: Mapping[str, Detection]) -> list[str]:
        """Return for which symbols the pool could not be decided for a good part of the range."""
        return [
            f"signal pool {self.pool.label}: undefined for {symbol} at {detection.undefined_percent:.0f} % of the "
            "times it was judged, for want of data"
            for symbol, detection in found.items()
            if detection.undefined_percent > _MOST_UNDEFINED_PERCENT
        ]


class IndicatorSignal(PoolSource):
    """A source that fires when a condition, on an indicator or a feature, becomes true, for each symbol by itself."""

    def __init__(self, condition: IndicatorCondition | FeatureCondition, name: str | None = None) -> None:
        name = condition.describe() if name is None else name
        super().__init__(SignalPool(None, name, (SignalDefinition(None, name, condition),)))


def signal_source(sim: Simulation, sources: Sequence[TriggerSource]) -> Generator[Event, object, None]:
    """Publish the triggers of all sources in order of time, source and symbol."""
    streams = [
        stream
        for rank, source in enumerate(sources)
        for stream in in_order(_triggers_of(source, sim), rank, sim.config.symbols)
    ]
    for source in sources:
        sim.warnings.extend(getattr(source, "warnings", ()))
    by_instant = groupby(merge(*streams, key=itemgetter(0, 1, 2)), key=itemgetter(0))
    upcoming: Iterable[tuple[int, Sequence[TriggerEvent]]]
    upcoming = ((due, [trigger for *_, trigger in together]) for due, together in by_instant)
    if sim.has_shuffled_ties:
        upcoming = ((due, _shuffled(sim, together)) for due, together in by_instant)
    yield sim.announce(TriggerEvent, upcoming, Phase.SIGNALS)


def _shuffled(sim: Simulation, together: Iterable[Ranked]) -> list[TriggerEvent]:
    """Return what fires at one instant: sources and their symbols in any order, what one says of one symbol in its."""
    series = [[trigger for *_, trigger in of_one] for _, of_one in groupby(together, key=itemgetter(1, 2))]
    return [trigger for of_one in sim.in_tie_order(series) for trigger in of_one]


def _triggers_of(source: TriggerSource, sim: Simulation) -> Sequence[TriggerEvent]:
    """Return what a source, which may be a user's own, fires in a run."""
    try:
        found = source.triggers(sim.market, sim.config.symbols, sim.start_ms, sim.end_ms)
    except PerpsimError:
        raise
    except Exception as error:
        raise SimulationError(
            f"signal source {_source_name(source)} failed when it was asked for its triggers: "
            f"{type(error).__name__}: {error}"
        ) from error
    is_known = isinstance(found, Sequence) and not isinstance(found, str)
    if not is_known or not (isinstance(found, TriggerSeries) or all(isinstance(each, TriggerEvent) for each in found)):
        raise SimulationError(
            f"signal source {_source_name(source)} gave {shown(found)}: triggers(...) returns a list of TriggerEvent"
        )
    return found


def _source_name(source: TriggerSource) -> str:
    return repr(getattr(source, "name", type(source).__name__))
