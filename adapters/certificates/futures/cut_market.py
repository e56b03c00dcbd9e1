"""The market of a run whose future is another one from a cut on, in memory and through a database."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import BacktestConfig, MarketHistory
from engine.resampling import other_future

from ...database import open_database
from ...market import load_market
from .other_tables import OtherTables
from .reachable_things import CallCache, held_things
from .stored_future import store_market


@dataclass(frozen=True, slots=True)
class OtherFuture:
    """Replaces what is not known at `after_ms` (epoch ms) by noise; features that functions give are worked out anew,
    on tables that have the same future.
    """

    after_ms: int
    seed: int

    def applied(self, market: MarketHistory) -> MarketHistory:
        """Return the changed market."""
        functions = market.feature_functions
        if not functions:
            return other_future(market, self.after_ms, self.seed)
        bare = MarketHistory(market.given, market.regime, remarks=market.remarks)
        changed = other_future(bare, self.after_ms, self.seed)
        with HeldFuture(self.after_ms, self.seed).entered(list(functions.values()), market, changed):
            return MarketHistory(changed.symbols, changed.regime, functions, changed.remarks)


@dataclass(frozen=True, slots=True)
class StoredFuture:
    """Does the same, and takes the changed market through a database: its rows are written into a file of SQLite, as
    far as a run to the cut can need them, and loaded as those of any database are.
    """

    future: OtherFuture
    config: BacktestConfig

    def __hash__(self) -> int:
        return hash(self.future)

    def applied(self, market: MarketHistory) -> MarketHistory:
        """Return the changed market as it comes back; `DataError` where a row cannot be stored."""
        bare = MarketHistory(market.given, market.regime, remarks=market.remarks)
        changed = self.future.applied(bare)
        with tempfile.TemporaryDirectory(prefix="perpsim-cut-") as folder:
            database = open_database(Path(folder) / "market.db", create=True)
            store_market(database, self.config, changed, self.future.after_ms)
            loaded = load_market(database, self.config, cache=False)
        functions = market.feature_functions
        held_by = list(functions.values())
        with HeldFuture(self.future.after_ms, self.future.seed).entered(held_by, market, changed):
            return MarketHistory(loaded.symbols, market.regime, functions, changed.remarks)


@dataclass(frozen=True, slots=True)
class HeldFuture:
    """Gives a program, trigger sources and processes the same future in what they hold of the market themselves."""

    after_ms: int
    seed: int

    def entered(
        self, held_by: Sequence[object], market: MarketHistory, changed: MarketHistory
    ) -> AbstractContextManager[OtherTables]:
        """Return a context in which every table that can be reached from `held_by` is another one."""
        return _exchanged(held_by, OtherTables(market, changed, self.after_ms, self.seed))


@contextmanager
def _exchanged(held_by: Sequence[object], tables: OtherTables) -> Iterator[OtherTables]:
    reached = [*held_things(held_by)]
    caches = [each.value for each in reached if isinstance(each.value, CallCache)]
    done, others = [], {}
    try:
        _clear(caches)
        for each in reached:
            if each.put is None:
                continue
            if id(each.value) not in others:
                others[id(each.value)] = tables.of(each.name, each.value)
            other = others[id(each.value)]
            if other is not each.value:
                done.append(each)
                each.put(other)
        yield tables
    finally:
        _clear(caches)
        for each in reversed(done):
            assert each.put is not None
            each.put(each.value)


def _clear(caches: Sequence[Any]) -> None:
    """Empty what keeps what calls came to: what they came to with the recorded future, or with noise."""
    for cache in caches:
        cache.cache_clear()
