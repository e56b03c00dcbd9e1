"""Signals and pools as a database holds them: from stored rows to pools that can be run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, Table, select

from engine import (
    BacktestConfig,
    ConfigurationError,
    MarketHistory,
    SignalDefinition,
    SignalPool,
    SymbolHistory,
    parse_condition,
)
from engine.errors import UnknownMetric
from engine.plain_values import shown
from engine.signals import Condition, Detection
from processes import PoolSource, TriggerSeries

from ..database import Database, signal_definitions, signal_pools, stored_json
from ..runs import long_step, unseen

MARKET_SIGNALS = "market_signals"


@dataclass(frozen=True)
class StoredSignal:
    """A row of signal_definitions that is not deleted; `condition` is as it is stored: JSON text, or what it says."""

    signal_id: int
    name: str
    description: str
    condition: Any
    enabled: bool
    exchange: str

    @property
    def label(self) -> str:
        """What messages call it."""
        return f"signal {self.signal_id} ({self.name!r})"

    @cached_property
    def parsed(self) -> Condition:
        """Its condition; `ConfigurationError` when that is malformed."""
        return parse_condition(self.condition)

    def definition(self) -> SignalDefinition:
        """Return the signal; `ConfigurationError` when its condition is malformed."""
        return SignalDefinition(self.signal_id, self.name, self.parsed, self.description, self.exchange)


@dataclass(frozen=True)
class StoredPool:
    """A row of signal_pools that is not deleted; `signal_ids` and `symbols` are as they are stored."""

    pool_id: int
    name: str
    signal_ids: Any
    symbols: Any
    logic: str
    enabled: bool
    exchange: str
    source_type: str

    @property
    def label(self) -> str:
        """What messages call it."""
        return f"signal pool {self.pool_id} ({self.name!r})"


class SignalStore:
    """The signals and pools of a database, as they are now: to one who writes, as they are in the transaction of the
    given connection. Raises `DataError` without their tables.
    """

    def __init__(self, database: Database, within: Connection | None = None) -> None:
        self.name = database.name
        with database.reading() if within is None else nullcontext(within) as connection:
            for table in (signal_definitions, signal_pools):
                database.require_table(connection, table, _columns_of(table))
            signals, pools = _rows(connection, signal_definitions), _rows(connection, signal_pools)
        self.signals = {row["id"]: _signal(row) for row in signals}
        self.pools = {row["id"]: _pool(row) for row in pools}

    def pool(self, pool_id: int) -> SignalPool:
        """Return a pool, enabled or not, with its enabled signals; `ConfigurationError` with every problem."""
        draft = _Draft(self)
        pool = draft.pool(self.stored_pool(pool_id))
        if pool is None:
            raise ConfigurationError(draft.problems)
        return pool

    def runnable(self, pool_id: int) -> tuple[SignalPool, list[str]]:
        """Return a pool as a run has it, enabled or not, and warnings about what of it a run leaves out;
        `ConfigurationError` with every problem for one that a run cannot have.
        """
        draft = _Draft(self)
        pool = draft.pool(self.stored_pool(pool_id), may_lack=True)
        if pool is None:
            raise ConfigurationError(draft.problems or draft.warnings)
        return pool, draft.warnings

    def stored_pool(self, pool_id: int) -> StoredPool:
        """Return the row of a pool; `ConfigurationError` for one that is not there."""
        if pool_id not in self.pools:
            raise ConfigurationError([f"signal pool {pool_id}: {_missing(self.name, 'pool', self.pools)}"])
        return self.pools[pool_id]


def load_pools(
    database: Database, ids: Iterable[int], symbols: Sequence[str] = (), exchange: str | None = None
) -> tuple[list[SignalPool], list[str]]:
    """Return stored pools in the order of `ids`, and warnings about what of them is not run.

    A disabled pool, a disabled signal, and a symbol that is not among `symbols` (where those are given) are left out
    with a warning; so is a pool that watches none of them, a signal that cannot be judged here, such as one of a wallet
    (with its pool, where the others cannot fire without it), and a pool of a source type other than "market_signals". A
    pool without symbols watches all. Data of `exchange` stand for that of signals defined on another one, with a
    warning. Raises
    `ConfigurationError` with every problem, each naming pool and signal: a missing pool or signal, malformed JSON, a
    malformed condition, a pool without enabled signals, and no pool left at all.
    """
    draft = _Draft(SignalStore(database))
    pools = [draft.runnable(pool_id, symbols, exchange) for pool_id in dict.fromkeys(ids)]
    found = [pool for pool in pools if pool is not None]
    if pools and not found and not draft.problems:
        draft.problems.append(f"signal_pool_ids: no pool is left to run ({'; '.join(draft.warnings)})")
    if draft.problems:
        raise ConfigurationError(draft.problems)
    return found, draft.warnings


class _StoredPoolSource(PoolSource):
    """A pool's source that shows in how many symbols it has been searched for."""

    def __init__(self, pool: SignalPool) -> None:
        super().__init__(pool)
        self._advance: Callable[[int], None] = unseen

    def triggers(self, market: MarketHistory, symbols: Sequence[str], start_ms: int, end_ms: int) -> TriggerSeries:
        """Return the triggers, as any pool's source does."""
        watched = [symbol for symbol in symbols if symbol in self.pool.symbols or not self.pool.symbols]
        with long_step(f"searching for {self.name}", len(watched), "symbols") as self._advance:
            return super().triggers(market, symbols, start_ms, end_ms)

    def judged(self, history: SymbolHistory, start_ms: int, end_ms: int) -> Detection:
        """Return when the pool turns true for one symbol in the range."""
        found = super().judged(history, start_ms, end_ms)
        self._advance(1)
        return found


class PoolSources(NamedTuple):
    """The sources of a run's signal pools, in the order of its `signal_pool_ids`, and what of them is not run."""

    sources: tuple[PoolSource, ...]
    warnings: tuple[str, ...]


def load_pool_sources(database: Database, config: BacktestConfig) -> PoolSources:
    """Return what `ProgramBacktestEngine` takes beside the market; `ConfigurationError` as `load_pools` has it."""
    if not config.signal_pool_ids:
        return PoolSources((), ())
    pools, warnings = load_pools(database, config.signal_pool_ids, config.symbols, config.exchange)
    return PoolSources(tuple(map(_StoredPoolSource, pools)), tuple(warnings))


class _Draft:
    """Pools in the making: what is wrong and what is left out so far."""

    def __init__(self, store: SignalStore) -> None:
        self._store = store
        self.problems: list[str] = []
        self.warnings: list[str] = []

    def runnable(self, pool_id: int, symbols: Sequence[str], exchange: str | None) -> SignalPool | None:
        """Return a pool with the symbols that are run, or None after noting why not."""
        try:
            row = self._store.stored_pool(pool_id)
        except ConfigurationError as error:
            self.problems += error.problems
            return None
        if not row.enabled:
            self.warnings.append(f"{row.label}: is disabled and left out")
            return None
        if row.source_type != MARKET_SIGNALS:
            self.warnings.append(f"{row.label}: {_not_market_signals(row)}, it is left out")
            return None
        pool = self.pool(row, may_lack=True)
        if pool is None:
            return None
        others = sorted({signal.exchange for signal in pool.signals} - {exchange})
        if exchange is not None and others:
            named = ", ".join(others)
            self.warnings.append(f"{row.label}: its signals are defined on {named}, they are judged on {exchange} data")
        return self._with_symbols(row, pool, symbols)

    def pool(self, row: StoredPool, may_lack: bool = False) -> SignalPool | None:
        """Return the pool of a row, or None after noting every problem. That a signal cannot be judged here is one; if
        it `may_lack` such signals they are left out, or all of it is where it cannot fire without them.
        """
        before = len(self.problems)
        if row.source_type != MARKET_SIGNALS:
            self.problems.append(f"{row.label}: {_not_market_signals(row)}")
        signals, unknown = self._members(row)
        watched = self._list(row, "symbols", row.symbols, str)
        if not may_lack:
            self.problems += unknown
        elif unknown and len(self.problems) == before and not self._can_lack(row, signals, unknown):
            return None
        if not signals and len(self.problems) == before:
            self.problems.append(f"{row.label}: it has no enabled signal")
        if len(self.problems) > before:
            return None
        try:
            return SignalPool(row.pool_id, row.name, tuple(signals), tuple(watched), row.logic)
        except ConfigurationError as error:
            self.problems += error.problems
            return None

    def _can_lack(self, row: StoredPool, signals: list[SignalDefinition], unknown: list[str]) -> bool:
        """Warn of signals that cannot be judged, and tell whether the pool is run without them: if others remain, of
        which one is enough.
        """
        remains = bool(signals) and str(row.logic).strip().upper() == "OR"
        what = "the signal is left out" if remains else "so the pool is left out"
        self.warnings += [f"{each}; {what}" for each in unknown]
        return remains

    def _members(self, row: StoredPool) -> tuple[list[SignalDefinition], list[str]]:
        """Return the enabled signals of a pool, and what is said of those that cannot be judged here."""
        found: list[SignalDefinition] = []
        unknown: list[str] = []
        for signal_id in dict.fromkeys(self._list(row, "signal_ids", row.signal_ids, int)):
            signal = self._store.signals.get(signal_id)
            if signal is None:
                missing = _missing(self._store.name, "signal", self._store.signals)
                self.problems.append(f"{row.label}: signal {signal_id}: {missing}")
            elif not signal.enabled:
                self.warnings.append(f"{row.label}: {signal.label} is disabled and left out")
            else:
                try:
                    found.append(signal.definition())
                except UnknownMetric as error:  # what else such a condition says is not known here either
                    unknown.append(f"{row.label}: {signal.label}: {error.problems[0]}")
                except ConfigurationError as error:
                    self.problems += [f"{row.label}: {signal.label}: {problem}" for problem in error.problems]
        return found, unknown

    def _list(self, row: StoredPool, name: str, stored: Any, kind: type) -> list[Any]:
        """Return a JSON list of numbers or names, or an empty one after noting what it is instead."""
        try:
            value = stored_json(stored)
        except ValueError as error:
            self.problems.append(f"{row.label}: {name} is no JSON: {error}")
            return []
        if value is None:
            return []
        if isinstance(value, list) and all(isinstance(each, kind) and each is not True for each in value):
            return value
        self.problems.append(f"{row.label}: {name} {shown(value)} is no list of {'ids' if kind is int else 'names'}")
        return []

    def _with_symbols(self, row: StoredPool, pool: SignalPool, symbols: Sequence[str]) -> SignalPool | None:
        if not symbols or not pool.symbols:
            return pool
        watched = tuple(symbol for symbol in pool.symbols if symbol in symbols)
        foreign = ", ".join(symbol for symbol in pool.symbols if symbol not in symbols)
        if foreign:
            self.warnings.append(f"{row.label}: {foreign} ignored, not a configured symbol")
        if not watched:
            self.warnings.append(f"{row.label}: watches no configured symbol and is left out")
            return None
        return SignalPool(pool.pool_id, pool.name, pool.signals, watched, pool.logic)


def said_json(stored: Any) -> Any:
    """Return what stored JSON says, or the text itself when it is none."""
    try:
        return stored_json(stored)
    except ValueError:
        return stored


def _not_market_signals(row: StoredPool) -> str:
    return f'source_type {shown(row.source_type)} is not "{MARKET_SIGNALS}"'


def _columns_of(table: Table) -> list[str]:
    return [c.name for c in table.columns if not c.name.endswith("_at") and c.name != "source_config"]


def _rows(connection: Connection, table: Table) -> list[RowMapping]:
    wanted = [table.c[name] for name in _columns_of(table)]
    rows = connection.execute(select(*wanted).order_by(table.c.id)).mappings()
    return [row for row in rows if not row["is_deleted"]]


def _signal(row: RowMapping) -> StoredSignal:
    about = row["id"], row["signal_name"], row["description"] or "", row["trigger_condition"]
    return StoredSignal(*about, _is_on(row), row["exchange"])


def _pool(row: RowMapping) -> StoredPool:
    about = row["id"], row["pool_name"], row["signal_ids"], row["symbols"], row["logic"] or "OR"
    return StoredPool(*about, _is_on(row), row["exchange"], row["source_type"])


def _is_on(row: RowMapping) -> bool:
    """Tell whether a row is enabled; it is unless it says otherwise."""
    return row["enabled"] is None or bool(row["enabled"])


def _missing(database: str, kind: str, there: Iterable[int]) -> str:
    return f"{database} has no such {kind} (there: {', '.join(map(str, there)) or 'none'})"
