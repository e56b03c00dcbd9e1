"""From a configuration and a database to the market history that the run needs."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields

from engine import PERIOD_MS, BacktestConfig, ConfigurationError, KlineColumns, MarketHistory, SymbolHistory, utc_text
from engine.market import RegimeConfig

from .. import database as stored  # a name of it is imported when it is used: what is in the cache takes few
from ..database import FEATURES, FLOW_COLUMNS, KLINES, REGIMES, Database, exchange_name
from ..runs import long_step
from .column_cache import ColumnCache
from .feature_loader import load_features
from .flow_loader import load_flow, load_mark_klines
from .kline_loader import load_klines

#: What the market of a run is read from.
_TABLES = (KLINES, *FLOW_COLUMNS, FEATURES, REGIMES)

#: Symbols that are loaded at the same time; each takes up to five connections.
_MOST_AT_ONCE = 3


def load_market(database: Database, config: BacktestConfig, cache: ColumnCache | bool = True) -> MarketHistory:
    """Return what is stored of each configured symbol: klines of the base period and of every longer one, those
    of the mark price, the flow, the features, and the thresholds of the market regime; with `drill_down` shorter klines
    too, for what came first inside of the base klines.

    Everything up to the end is loaded, what lies before the start is warm-up; all of it is of one state of the
    database, whatever is written meanwhile. Raises `ConfigurationError`, with what is stored instead, for each symbol
    that has no base klines in the range.
    """
    at_once = _MOST_AT_ONCE if database.reads_in_parallel else 1
    with (
        database.snapshot(*_TABLES) as snapshot,
        ThreadPoolExecutor(at_once) as threads,
        long_step("loading the market", len(config.symbols), "symbols") as advance,
    ):
        loaded = []
        for history in threads.map(lambda symbol: _load_symbol(snapshot, config, symbol, cache), config.symbols):
            loaded.append(history)
            advance(1)
        problems = [each for each in loaded if isinstance(each, str)]
        if problems:
            raise ConfigurationError(problems)
        histories = [each for each in loaded if isinstance(each, SymbolHistory)]
        return MarketHistory(histories, load_regime_config(snapshot, cache))


def _load_symbol(
    database: Database, config: BacktestConfig, symbol: str, cache: ColumnCache | bool
) -> SymbolHistory | str:
    """Return the history of a symbol, or what the matter is."""
    periods = _periods(database, config.exchange, symbol, ColumnCache.chosen(cache))
    if config.base_period not in periods:
        return _nothing_stored(database, config, symbol, periods)
    base = _load(database, config, symbol, config.base_period, cache)
    opened = base.open_ms[base.open_ms < config.end_ms]
    if not len(opened) or opened[-1] + base.period_ms <= config.start_ms:
        return _nothing_in_range(database, config, symbol)
    longer = [period for period in periods if PERIOD_MS[period] > base.period_ms]
    series = [_load(database, config, symbol, period, cache) for period in longer]
    flow = load_flow(database, config.exchange, symbol, config.start_ms, config.end_ms, cache)
    marks = load_mark_klines(database, config.exchange, symbol, config.end_ms, cache)
    features = load_features(database, config.exchange, symbol, config.end_ms, cache)
    shorter = [period for period in periods if PERIOD_MS[period] < base.period_ms] if config.drill_down else []
    finer = [_load(database, config, symbol, period, cache) for period in shorter]
    return SymbolHistory(symbol, base, series, flow, marks, features, finer)


def _periods(database: Database, exchange: str, symbol: str, store: ColumnCache | None) -> list[str]:
    """Return the periods of which klines of a symbol are stored."""

    def ask(held: Database) -> list[str]:
        return stored.stored_periods(held, exchange, symbol)

    key = {"database": database.identity, "table": KLINES, "exchange": exchange_name(exchange), "symbol": symbol}
    return ask(database) if store is None else list(store.answer(database, key, ask))


def _load(
    database: Database, config: BacktestConfig, symbol: str, period: str, cache: ColumnCache | bool
) -> KlineColumns:
    # a kline that opens exactly at the end counts: an order that waits for an open may fill there
    return load_klines(database, config.exchange, symbol, period, end_ms=config.end_ms + 1, cache=cache)


def _nothing_stored(database: Database, config: BacktestConfig, symbol: str, periods: Sequence[str]) -> str:
    """Say why there are no base klines of a symbol and what could be meant instead."""
    if periods:
        usable = [period for period in periods if PERIOD_MS[period] > PERIOD_MS[config.base_period]] or periods
        return (
            f"symbols: {symbol} has no {config.base_period} klines on {config.exchange} in {database.name}; "
            f'stored: {", ".join(periods)} (base_period = "{usable[0]}" would use those)'
        )
    known = stored.stored_series(database)
    elsewhere = sorted({series.exchange for series in known if series.symbol == symbol})
    if elsewhere:
        hint = f'exchange = "{elsewhere[0]}" would use those'
        there = stored.describe_series(series for series in known if series.symbol == symbol)
        return f"exchange: {database.name} holds no klines of {symbol} on {config.exchange}, only on {there} ({hint})"
    there = stored.describe_series(known)
    return f"symbols: {database.name} holds no klines of {symbol} on {config.exchange}; stored: {there}"


def _nothing_in_range(database: Database, config: BacktestConfig, symbol: str) -> str:
    ranges = "; ".join(
        f"{series.period} from {utc_text(series.first_ms)} to {utc_text(series.last_ms)}"
        for series in stored.stored_series(database)
        if (series.exchange, series.symbol) == (config.exchange, symbol)
    )
    return (
        f"symbols: {symbol} has no {config.base_period} klines on {config.exchange} between "
        f"{utc_text(config.start_ms)} and {utc_text(config.end_ms)}; stored: {ranges}"
    )


def load_regime_config(database: Database, cache: ColumnCache | bool = True) -> RegimeConfig:
    """Return the thresholds of the row that is marked default (of several: the one with the lowest id).

    What is NULL there, or everything without such a row or table, is the contract's default.
    """
    store = ColumnCache.chosen(cache)
    key = {"database": database.identity, "table": REGIMES}
    found = _thresholds(database) if store is None else store.answer(database, key, _thresholds)
    return RegimeConfig(**found)


def _thresholds(database: Database) -> dict[str, float]:
    from sqlalchemy import select  # what is noted takes none of it

    c = stored.market_regime_configs.c
    names = [field.name for field in fields(RegimeConfig)]
    statement = select(*(c[name] for name in names)).where(c.is_default.is_(True)).order_by(c.id).limit(1)
    with database.reading() as connection:
        if not database.has_table(connection, stored.market_regime_configs):
            return {}
        database.require_table(connection, stored.market_regime_configs, ["id", "is_default", *names])
        row = connection.execute(statement).mappings().one_or_none()
    return {name: float(row[name]) for name in names if row is not None and row[name] is not None}
