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


def hash_after(before: str, body: str) -> str:
    """Return the hash of a line without its hash, `body`, after a line with the hash `before` ("" for the first)."""
    return blake2b(f"{before}{body}".encode("ascii"), digest_size=HASH_BYTES).hexdigest()


def chained(bodies: Iterable[str], before: str = "") -> Iterator[tuple[bytes, str]]:
    """Yield each line as bytes, its line feed included, and its hash."""
    for body in bodies:
        text = before + body
        before = blake2b(text.encode("ascii"), digest_size=HASH_BYTES).hexdigest()
        yield f'{body[:-1]},"~hash":"{before}"}}\n'.encode("ascii"), before
