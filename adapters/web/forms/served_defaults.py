"""What a configuration that comes to a server has where it does not say it, other than one of the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import Language
from engine.config import SETTINGS

#: A server's programs are to run on the live platform.
SERVED_DEFAULTS: dict[str, Any] = {"language": "platform"}


#: Where a whole number belongs, by the kind of a field, and by the name in a fault.
_WHOLE_KINDS = ("whole", "time", "interval", "pools", "hours", "faults")
_WHOLE_IN_FAULTS = ("start", "times", "seed")


def with_served_defaults(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a request with what they do not say. Where a whole number belongs, 15.0 is one, as it is in
    JSON.
    """
    found = {**SERVED_DEFAULTS, **values}
    wanted = [name for name in found if name in SETTINGS and SETTINGS[name].kind in _WHOLE_KINDS]
    return {**found, **{name: _whole(found[name]) for name in wanted}}


def _whole(value: Any) -> Any:
    if isinstance(value, list):
        return [_whole(each) for each in value]
    if isinstance(value, dict):
        return {name: _whole(each) if name in _WHOLE_IN_FAULTS else each for name, each in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() else value


def language_of(values: Mapping[str, Any]) -> Language:
    """Return the language of a request's program; where that is none, which is a problem of its own, the usual one."""
    setting = SETTINGS["language"]
    given = with_served_defaults(values)["language"]
    try:
        setting.check(given)
    except ValueError:
        given = SERVED_DEFAULTS["language"]
    language: Language = given
    return language
