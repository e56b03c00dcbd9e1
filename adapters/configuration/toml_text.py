"""A configuration as the text of a TOML file that ``perpsim run`` reads."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_NO_LITERAL = re.compile(r"'''|[\x00-\x08\x0b-\x1f\x7f]")


def config_toml(values: Mapping[str, Any]) -> str:
    """Return plain values as TOML: the program as a block of its own text, tables last. None is left out."""
    lines = [f"{_key(name)} = {_value(value)}" for name, value in values.items() if _is_line(name, value)]
    code = values.get("code")
    if isinstance(code, str):
        lines.append(f"code = {_block(code)}")
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            lines += ["", f"[{_key(name)}]"]
            lines += [f"{_key(key)} = {_value(each)}" for key, each in value.items() if each is not None]
    return "\n".join(lines) + "\n"


def _is_line(name: str, value: Any) -> bool:
    return name != "code" and value is not None and not isinstance(value, Mapping)


def _block(text: str) -> str:
    return _text(text) if _NO_LITERAL.search(text) else f"'''\n{text}'''"


def _value(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_value(each) for each in value if each is not None)}]"
    if isinstance(value, Mapping):
        inside = (f"{_key(key)} = {_value(each)}" for key, each in value.items() if each is not None)
        return f"{{{', '.join(inside)}}}"
    return json.dumps(value)


def _text(text: str) -> str:
    """Return a basic string: JSON's escapes are TOML's, but for the one character that JSON leaves as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _text(str(name))
