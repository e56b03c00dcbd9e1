"""What a back-test on a database runs on, as far as it is not said: what is stored there tells it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from engine import PERIOD_MS, ConfigurationError
from engine.config import SETTINGS
from engine.instants import FIRST_MS, LAST_MS

from ..database import Database, StoredSeries, describe_series, exchange_name, stored_series

_TOLD = ("exchange", "symbols", "base_period", "start_time", "end_time")


def with_stored_defaults(database: Database, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields of a configuration with those that are missing of exchange, symbols, base period, start and end.

    The exchange is the only one that is stored, or else the default one; the symbols are all of it, the base period 1m
    where all symbols have it and else the shortest that they have in common; start and end are those of the klines.
    Raises `ConfigurationError` where what is stored does not tell.
    """
    if all(name in fields for name in _TOLD):
        return dict(fields)
    stored = [each for each in stored_series(database) if each.period in PERIOD_MS]
    if not stored:
        raise ConfigurationError([f"{database.name} holds no klines: import some (perpsim import, or write_frames)"])
    found = dict(fields) if "exchange" in fields else {"exchange": _exchange(database, stored), **fields}
    of_exchange = [each for each in stored if each.exchange == exchange_name(str(found["exchange"]))]
    found.setdefault("symbols", sorted({each.symbol for each in of_exchange}))
    of_symbols = [each for each in of_exchange if each.symbol in found["symbols"]]
    found.setdefault("base_period", _base_period(of_symbols, found["symbols"]))
    base = [each for each in of_symbols if each.period == found["base_period"]]
    # without any klines the loading of the market says what is missing
    found.setdefault("start_time", min((each.first_ms for each in base), default=FIRST_MS))
    found.setdefault("end_time", max((each.last_ms + PERIOD_MS[each.period] for each in base), default=LAST_MS))
    return found


def _exchange(database: Database, stored: Collection[StoredSeries]) -> str:
    there = sorted({each.exchange for each in stored})
    default: str = SETTINGS["exchange"].default
    if len(there) > 1 and default not in there:
        raise ConfigurationError([f"exchange: {database.name} holds those of several: {describe_series(stored)}"])
    return there[0] if len(there) == 1 else default


def _base_period(stored: Collection[StoredSeries], symbols: Collection[str]) -> str:
    default: str = SETTINGS["base_period"].default
    common = [
        period for period in PERIOD_MS if {each.symbol for each in stored if each.period == period} >= set(symbols)
    ]
    return default if default in common or not common else common[0]
