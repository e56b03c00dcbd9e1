"""Plain values as the text of strict JSON, piece by piece."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .plain_values import plain


def json_pieces(entry: Mapping[str, Any]) -> Iterator[str]:
    """Yield the text of an object, keys sorted, one line for each field and for each item of a list. Lists may be
    iterators: a long one is never in memory as a whole.
    """
    yield "{"
    for place, name in enumerate(sorted(entry)):
        yield f"{',' * bool(place)}\n{json.dumps(name)}: "
        value = entry[name]
        if isinstance(value, Sequence | Iterator) and not isinstance(value, str):
            yield from _json_list(value)
        else:
            yield _json_text(value)
    yield "\n}\n"


def _json_list(items: Iterable[Any]) -> Iterator[str]:
    yield "["
    row = -1
    for row, item in enumerate(items):
        yield f"{',' * bool(row)}\n  {_json_text(item)}"
    yield "]" if row < 0 else "\n]"


def _json_text(value: Any) -> str:
    try:
        return json.dumps(value, sort_keys=True, allow_nan=False)
    except ValueError:  # a figure beyond what a float can hold: said as text
        return json.dumps(plain(value), sort_keys=True)
