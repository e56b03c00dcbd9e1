"""What a configuration that comes to a server has where it does not say it, other than one of the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import Language
from engine.config import SETTINGS

#: A server's programs are to run on the live platform.
SERVED_DEFAULTS: dict[str, Any] = {"language": "platform"}


def with_served_defaults(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a request with what they do not say."""
    return {**SERVED_DEFAULTS, **values}


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
