"""What people give as data: frames, a database, a market; with what of the configuration it tells."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from engine import BacktestConfig, ConfigurationError, MarketHistory
from engine.config import SETTINGS
from engine.market import ONE_SYMBOL, own_features
from engine.periods import PERIOD_MS, period_name
from engine.plain_values import shown

from ..database import Database, open_database
from ..market import load_market
from ..signals import PoolSources, load_pool_sources
from .stored_defaults import with_stored_defaults

#: What files of market data end in: those of databases may end in anything else.
_FILES_OF_DATA = (".csv", ".gz", ".zip", ".parquet", ".feather", ".json", ".jsonl", ".xlsx")


class GivenFrames(NamedTuple):
    """What comes with frames of klines: their period, and frames of what else is recorded."""

    period: str | None = None
    funding: Any = None
    flow: Any = None
    mark: Any = None


class GivenMarket(NamedTuple):
    """The configuration of a run, its market and the sources of its stored signal pools."""

    config: BacktestConfig
    market: MarketHistory
    pools: PoolSources


def given_market(
    data: Any, fields: Mapping[str, Any], frames: GivenFrames, features: Mapping[str, Any] | None
) -> GivenMarket:
    """Return what is run on: `data` is a pandas frame or a dict of them by symbol, a `MarketHistory`, or a database, as
    it is or as its URL. Raises `ConfigurationError` and `DataError` for what cannot be run.
    """
    if isinstance(fields.get("symbols"), str):
        fields = {**fields, "symbols": [fields["symbols"]]}
    _check_names(fields)
    if isinstance(data, (str, Path)) and Path(data).suffix.lower() in _FILES_OF_DATA:
        raise ConfigurationError(
            [f"data: {data} is a file: read it into a frame (pd.read_csv, pd.read_parquet), or perpsim import it"]
        )
    if isinstance(data, (str, Path, Database)):
        _refuse_frames("a database", frames)
        return _of_database(
            data if isinstance(data, Database) else open_database(data, read_only=True), fields, features
        )
    if isinstance(data, MarketHistory):
        _refuse_frames("a MarketHistory", frames)
        market = data
    elif isinstance(data, Mapping) or any(hasattr(data, name) for name in ("columns", "to_frame", "to_pandas")):
        market = MarketHistory.from_frames(data, _symbol_of_one(data, fields), *frames)
    else:
        taken = "a pandas frame, a dict of them by symbol, the URL of a database, or a MarketHistory"
        raise ConfigurationError([f"data: {shown(data)} is none of {taken}"])
    config = BacktestConfig.from_dict(_with_defaults(market, fields))
    return GivenMarket(config, with_features(market, features), PoolSources((), ()))


def _check_names(fields: Mapping[str, Any]) -> None:
    """Raise `ConfigurationError` for what cannot stand in the fields that are looked up in the data."""
    problems = []
    for name in ("symbols", "base_period", "exchange"):
        if name in fields:
            try:
                SETTINGS[name].check(fields[name])
            except ValueError as error:
                problems.append(f"{name}: {error}")
    if problems:
        raise ConfigurationError(problems)


def with_features(market: MarketHistory, features: Mapping[str, Any] | None) -> MarketHistory:
    """Return a market with data of one's own beside its own."""
    own = own_features(features)
    if not own:
        return market
    return MarketHistory(market.given, market.regime, {**market.feature_functions, **own}, market.remarks)


def _of_database(database: Database, fields: Mapping[str, Any], features: Mapping[str, Any] | None) -> GivenMarket:
    config = BacktestConfig.from_dict(with_schedule(with_stored_defaults(database, fields)))
    pools = load_pool_sources(database, config)
    return GivenMarket(config, with_features(load_market(database, config), features), pools)


def _refuse_frames(what: str, frames: GivenFrames) -> None:
    given = next((name for name, value in frames._asdict().items() if value is not None), None)
    if given is not None:
        raise ConfigurationError([f"{given}: belongs to frames; {what} has its own"])


def _symbol_of_one(data: Any, fields: Mapping[str, Any]) -> str | None:
    """Return the symbol of a frame alone, None where that has to tell it."""
    symbols = fields.get("symbols")
    if isinstance(data, Mapping) or not symbols:
        return None
    if len(symbols) > 1:
        raise ConfigurationError([f"symbols: one frame holds one symbol, not {shown(symbols)}: give {{symbol: frame}}"])
    return str(symbols[0])


def _with_defaults(market: MarketHistory, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields with those of symbols, base period, start and end that are missing: all of the market."""
    found = {"symbols": list(market.symbols), **fields}
    unknown = [each for each in found["symbols"] if each not in market.symbols]
    if unknown:
        hint = " (one frame is named by symbols=)" if ONE_SYMBOL in market.symbols else ""
        there = ", ".join(market.symbols) or "nothing"
        raise ConfigurationError([f"symbols: there are no klines of {shown(unknown[0])}; there are {there}{hint}"])
    series = [market.symbols[name].base for name in found["symbols"]]
    opened = [each.columns.open_ms for each in series if len(each.columns)]
    if not opened:
        raise ConfigurationError(["symbols: the market holds no klines of them"])
    length = series[0].period_ms
    if "base_period" in found and PERIOD_MS.get(found["base_period"], length) != length:
        problem = f"the klines are {period_name(length)} ones: leave it out, or give {period_name(length)}"
        raise ConfigurationError([f"base_period: {problem}"])
    found.setdefault("base_period", period_name(length))
    found.setdefault("start_time", min(int(each[0]) for each in opened))
    found.setdefault("end_time", max(int(each[-1]) for each in opened) + length)
    return with_schedule(found)


def with_schedule(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields with a schedule at every kline where nothing else is said to wake the program."""
    if any(fields.get(name) for name in ("signal_pool_ids", "wake_on")) or "scheduled_interval" in fields:
        return dict(fields)
    return {**fields, "scheduled_interval": fields["base_period"]}
