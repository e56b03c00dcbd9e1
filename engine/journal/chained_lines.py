"""Lines of canonical JSON, each with a hash of itself and of the line before."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from json.encoder import encode_basestring_ascii
from typing import Any

from ..plain_values import plain

HASH_BYTES = 16
#: Returns a text as JSON has it.
quoted = encode_basestring_ascii


def canonical(value: Any) -> str:
    """Return plain values as the one text that stands for them: keys sorted, no spaces, floats by repr, ASCII. What
    JSON does not know is told as a text.
    """
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except ValueError:
        return json.dumps(plain(value), sort_keys=True, separators=(",", ":"))


def number(value: object) -> str:
    """Return a number as it stands in a line; the float that a subclass of it (numpy's) holds."""
    if type(value) is float and value - value == 0.0:
        return repr(value)
    return canonical(plain(value))


def hash_after(before: str, body: bytes) -> str:
    """Return the hash of a line without its hash, `body`, after a line with the hash `before` ("" for the first)."""
    return blake2b(before.encode() + body, digest_size=HASH_BYTES).hexdigest()


def chained(parts: Iterable[list[str]]) -> Iterator[tuple[list[bytes], str]]:
    """Yield the lines of each part, with their hashes and line feeds, and the hash of the last of them."""
    before = ""
    for part in parts:
        lines = []
        for body in part:
            before = blake2b((before + body).encode("ascii"), digest_size=HASH_BYTES).hexdigest()
            lines.append(f'{body[:-1]},"~hash":"{before}"}}\n'.encode("ascii"))
        yield lines, before


def head_of(parts: Iterable[list[str]]) -> str:
    """Return the hash of the last line alone."""
    before = ""
    for part in parts:
        for body in part:
            before = blake2b((before + body).encode("ascii"), digest_size=HASH_BYTES).hexdigest()
    return before
