"""What sets the programs and the configurations of two results apart, as the lines of unified diffs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import unified_diff
from typing import Any

from engine import utc_text

from .stored_results import StoredResult

_TIMES = ("start_time", "end_time")


def code_diff(first: StoredResult, second: StoredResult) -> list[str] | None:
    """Return the lines of a unified diff of two source texts, none where they are the same; None where one of them is
    not stored: that of a class or an object of one's own is not, nor is that of a run of the platform.
    """
    texts = [each.config.get("code") for each in (first, second)]
    if not all(isinstance(text, str) for text in texts):
        return None
    return text_diff((str(texts[0]), str(texts[1])), (_name(first), _name(second)))


def text_diff(texts: tuple[str, str], names: tuple[str, str]) -> list[str]:
    """Return the lines of a unified diff of two texts, none where they are the same."""
    before, after = (text.splitlines() for text in texts)
    return [*unified_diff(before, after, *names, lineterm="")]


def config_diff(first: StoredResult, second: StoredResult) -> list[str]:
    """Return the lines of a unified diff of two configurations without their programs: a setting a line, and none of
    those that are the same.
    """
    return settings_diff((first.config, second.config), (_name(first), _name(second)))


def settings_diff(configs: tuple[Mapping[str, Any], Mapping[str, Any]], names: tuple[str, str]) -> list[str]:
    """Return the same of two configurations that have these names."""
    before, after = map(_settings, configs)
    found = unified_diff(before, after, *names, n=0, lineterm="")
    return [line for line in found if not line.startswith("@@")]


def _name(result: StoredResult) -> str:
    return f"result {result.run_id}" if result.label is None else f"result {result.run_id} ({result.label})"


def _settings(config: Mapping[str, Any]) -> list[str]:
    """Return a line for each setting and each parameter, in order of their names."""
    params = config.get("params") or {}
    named = {name: value for name, value in config.items() if name not in ("code", "params")}
    named |= {f"params.{name}": value for name, value in params.items()}
    return [f"{name} = {_value(name, named[name])}" for name in sorted(named)]


def _value(name: str, value: Any) -> str:
    return utc_text(value) if name in _TIMES and isinstance(value, int) else json.dumps(value, ensure_ascii=False)
