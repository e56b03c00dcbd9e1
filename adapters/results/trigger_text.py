"""One stored trigger as lines of text: what the program saw, asked, decided and logged, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from engine import utc_text

_NOTHING = "nothing"


def trigger_lines(entry: Mapping[str, Any], title: str) -> Iterator[str]:
    """Yield the lines of a trigger as `read_trigger` gives it."""
    symbol = f" of {entry['symbol']}" if entry["symbol"] else ""
    yield f"{title}: {entry['trigger_type']}{symbol} at {utc_text(entry['timestamp'])}"
    yield from _part("Saw", [f"{name}: {_text(value)}" for name, value in (entry["saw"] or {}).items()])
    yield from _part("Asked", map(_text, entry["queries"]))
    for answer in entry.get("decisions") or [entry]:
        yield from _part("Decided", [f"{name}: {_text(value)}" for name, value in (answer["decision"] or {}).items()])
        for name, what in (("Too short", "warm_up"), ("Order", "order")):
            if answer.get(what):
                yield from _part(name, [f"{key}: {_text(value)}" for key, value in answer[what].items()])
    yield from _part("Logged", entry["logs"])
    if entry["error"]:
        yield from _part("Error", [entry["error"]])


def _part(name: str, lines: Any) -> Iterator[str]:
    yield f"{name}:"
    found = [*lines] or [_NOTHING]
    yield from (f"  {line}" for line in found)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
