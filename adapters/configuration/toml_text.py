"""A configuration as the text of a TOML file that ``perpsim run`` reads."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from engine import ConfigurationError
from engine.config import SETTINGS, of_profile
from engine.instants import instant_ms

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_NO_LITERAL = re.compile(r"'''|[\x00-\x08\x0b-\x1f\x7f]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def config_toml(values: Mapping[str, Any]) -> str:
    """Return valid values of a configuration as TOML: those that are not the (profile's) defaults, the program as a
    block of its own text, the parameters as a table. `ConfigurationError` when they hold what TOML cannot say.
    """
    lines: list[str] = []
    blocks: list[str] = []
    tables: list[str] = []
    for name, setting in SETTINGS.items():
        value = values.get(name)
        if value is None or value == of_profile(values.get("profile")).get(name, setting.default):
            continue
        if setting.kind == "table":
            tables += ["", f"[{name}]", *(f"{_key(key)} = {_value(each)}" for key, each in value.items())]
        elif setting.kind == "program":
            block = _text(value) if _NO_LITERAL.search(value) else f"'''\n{value}'''"
            blocks.append(f"{name} = {block}")
        else:
            lines.append(_line(name, _given(value) if setting.kind == "faults" else value))
    return "\n".join([*lines, *blocks, *tables]) + "\n"


def changed_toml(fields: Mapping[str, Any], params: Mapping[str, Any]) -> str:
    """Return lines to put into the TOML file of a configuration: fields, also those that have their default, and
    parameters of the program under the head of their table. Of a field without a value a comment says so: TOML has no
    word for that, but leaves it out.
    """
    table = ["[params]", *(f"{_key(name)} = {_value(value)}" for name, value in params.items())] if params else []
    times = {name: instant_ms(value) for name, value in fields.items() if SETTINGS[name].kind == "time"}
    return "\n".join([*(_line(name, value) for name, value in {**fields, **times}.items()), *table])


def _given(faults: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Return faults without what they are given as null: that counts as not given."""
    return [{name: value for name, value in each.items() if value is not None} for each in faults]


def _line(name: str, value: Any) -> str:
    if value is None and name in SETTINGS:
        return f"# leave {name} out ({SETTINGS[name].none})"
    if SETTINGS[name].kind == "time" and isinstance(value, int):
        instant = (_EPOCH + timedelta(milliseconds=value)).isoformat()
        return f"{name} = {instant.replace('+00:00', 'Z')}"
    return f"{name} = {_value(value)}"


def _value(value: Any) -> str:
    if value is None:
        raise ConfigurationError(["params: TOML has no null, so these cannot stand in a file"])
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_key(key)} = {_value(each)}' for key, each in value.items())}}}"
    return json.dumps(value)


def _text(text: str) -> str:
    """Return a basic string: JSON's escapes are TOML's, but for the one character that JSON leaves as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _text(str(name))
