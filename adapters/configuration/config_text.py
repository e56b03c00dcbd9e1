"""The text of a configuration file as plain values, for who has no file: a page, a request."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from engine import ConfigurationError
from engine.config import SETTINGS, no_such_field, of_profile

from .text_files import toml_values


def values_of_toml(text: str) -> tuple[dict[str, Any], list[str]]:
    """Return the values that a TOML text says or leaves at their defaults, as plain JSON with times as ISO texts, and
    what of it cannot be taken: the name of a program's file is only a name here. `ConfigurationError` for what is no
    TOML. The values themselves are not checked.
    """
    try:
        found = _plain(toml_values(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError([f"is no TOML: {error}"]) from error
    except ValueError as error:
        raise ConfigurationError([str(error)]) from error
    notes = [f"{name}: is left out: {no_such_field(name)}" for name in found if name not in SETTINGS]
    found = {name: value for name, value in found.items() if name in SETTINGS}
    if "strategy" in found:
        notes.append(f"strategy: the program stands in a file of its own, {found.pop('strategy')}: open that, too")
    defaults = {each.name: each.default for each in SETTINGS.values() if not each.is_required and each.kind != "object"}
    if "code" not in found:
        defaults.pop("code")
    return {**defaults, **of_profile(found.get("profile")), **found}, notes


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"holds {value}, which is no finite number")
    return value
