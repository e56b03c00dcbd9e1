"""Signals and pools in TOML files.

[[signal]]
name = "CVD 5m surge"
condition = { metric = "cvd", operator = "abs_gt", threshold = 1600000, time_window = "5m" }

[[pool]]
name = "Surges"
signals = ["CVD 5m surge"]     # names in this file or in the database, or ids there
symbols = ["BTC", "ETH"]       # empty or absent: all
logic = "OR"
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import ConfigurationError, parse_condition
from engine.plain_values import printable, shown
from engine.signals import LOGICS

from ..configuration import read_toml

_LONGEST_NAME = 100
_SIGNAL_KEYS = {"name": str, "description": str, "condition": dict, "enabled": bool, "exchange": str}
_POOL_KEYS = {"name": str, "signals": list, "symbols": list, "logic": str, "enabled": bool, "exchange": str}


@dataclass(frozen=True)
class SignalFile:
    """The signals and pools that a TOML file defines, checked by themselves."""

    path: Path
    signals: tuple[Mapping[str, Any], ...]
    pools: tuple[Mapping[str, Any], ...]


def read_signal_file(path: str | Path) -> SignalFile:
    """Return what a TOML file defines; `ConfigurationError` with every problem, each naming the signal or pool."""
    place = Path(path)
    values = read_toml(place)
    problems = [
        f"{place}: {printable(name, 100)}: is no list of tables [[signal]] or [[pool]]"
        for name, value in values.items()
        if name not in ("signal", "pool") or not _is_table_list(value)
    ]
    entries: dict[str, list[Mapping[str, Any]]] = {}
    for kind, keys in (("signal", _SIGNAL_KEYS), ("pool", _POOL_KEYS)):
        tables = values.get(kind, [])
        entries[kind] = [entry for entry in tables if isinstance(entry, dict)] if isinstance(tables, list) else []
        for number, entry in enumerate(entries[kind], 1):
            label = f"{place}: {kind} {shown(entry.get('name', number))}"
            problems += [f"{label}: {problem}" for problem in _entry_problems(entry, keys)]
        names = [entry["name"] for entry in entries[kind] if isinstance(entry.get("name"), str)]
        twice = sorted({name for name in names if names.count(name) > 1})
        problems += [f"{place}: {kind} {shown(name)}: is defined twice" for name in twice]
    if not problems and not any(entries.values()):
        problems.append(f"{place}: defines no [[signal]] and no [[pool]]")
    if problems:
        raise ConfigurationError(problems)
    return SignalFile(place, tuple(entries["signal"]), tuple(entries["pool"]))


def _is_table_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def _entry_problems(entry: Mapping[str, Any], keys: Mapping[str, type]) -> list[str]:
    problems = [f"there is no key {shown(key)} (there: {', '.join(keys)})" for key in entry if key not in keys]
    problems += [
        f"{key} {shown(value)} is no {_KIND_NAMES[keys[key]]}"
        for key, value in entry.items()
        if key in keys and not isinstance(value, keys[key])
    ]
    required = ("name", "condition") if "condition" in keys else ("name", "signals")
    problems += [f"{key} is missing" for key in required if key not in entry]
    if problems:
        return problems
    if not 1 <= len(entry["name"]) <= _LONGEST_NAME:
        problems.append(f"its name has {len(entry['name'])} characters, not 1 to {_LONGEST_NAME}")
    return problems + (_condition_problems(entry) if "condition" in keys else _pool_problems(entry))


_KIND_NAMES = {str: "text", bool: "true or false", list: "list", dict: "table"}


def _condition_problems(entry: Mapping[str, Any]) -> list[str]:
    try:
        parse_condition(entry["condition"])
        json.dumps(entry["condition"])
    except ConfigurationError as error:
        return list(error.problems)
    except TypeError as error:
        return [f"the condition cannot be stored as JSON: {error}"]
    return []


def _pool_problems(entry: Mapping[str, Any]) -> list[str]:
    problems = []
    members = entry["signals"]
    if not members or not all(isinstance(each, (str, int)) and not isinstance(each, bool) for each in members):
        problems.append(f"signals {shown(members)} is no list of one or more names or ids")
    if not all(isinstance(each, str) and each for each in entry.get("symbols", [])):
        problems.append(f"symbols {shown(entry['symbols'])} is no list of names")
    if entry.get("logic", "OR").upper() not in LOGICS:
        problems.append(f"logic {shown(entry['logic'])} is not one of {', '.join(LOGICS)}")
    return problems
