"""Where a journal was damaged: a byte that was changed is found by trying what gives the line its hash again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from itertools import chain
from typing import Any

from .chained_lines import HASH_BYTES, canonical, hash_after

_TAIL = re.compile(rb',"~hash":"([0-9a-f]{32})"\}$')
_TAIL_BYTES = len(',"~hash":""}') + 2 * HASH_BYTES
#: What some editors write before the first line.
_MARK = b"\xef\xbb\xbf"
#: In a longer line a changed byte is not looked for: it would take minutes.
_MOST_BYTES = 20_000


def parted(line: bytes) -> tuple[bytes, str] | None:
    """Return a line without its hash, and its hash; None where it has none."""
    found = _TAIL.search(line)
    return None if found is None else (line[: found.start()] + b"}", found[1].decode())


def damage_of(number: int, before: str, line: bytes, following: Iterator[bytes]) -> str:
    """Return what is wrong with line `number` (from 1 on), which has no right hash after one with the hash `before`."""
    if number == 1 and b'"message":"start"' not in line and parted(line.rstrip(b"\n")) is None:
        return "its first line is none of a journal: perpsim run --journal FILE writes one"
    rewritten = _rewritten(number, before, line)
    if rewritten is not None:
        return rewritten
    is_cut = not line.endswith(b"\n")
    line = line.rstrip(b"\n")
    after = next(following, None)
    for found in (
        _merged(number, line),
        _changed_hash(number, before, line, after),
        _torn_hash(number, before, line),
        _changed_byte(number, before, line),
        _broken_in_two(number, before, line, after),
        _moved(number, line, after, following),
    ):
        if found is not None:
            return found
    if is_cut and after is None:
        return f"the file is cut off in the middle of line {number}"
    return f"line {number}{_kind(line)} was changed in more than one byte: it has not its hash any more"


def _rewritten(number: int, before: str, line: bytes) -> str | None:
    """Tell of a line that is as it was, in a file that something has read and written as text."""
    bare = line.removeprefix(_MARK).removesuffix(b"\n").removesuffix(b"\r")
    if not bare:
        return f"line {number} is empty"
    parts = parted(bare)
    if parts is None or hash_after(before, parts[0]) != parts[1]:
        return None
    if line.startswith(_MARK):
        return "the file begins with a byte order mark: take its first three bytes away"
    return f"line {number} ends with CR LF and all else of it is as it was: make the ends of lines LF again (dos2unix)"


def _kind(line: bytes) -> str:
    record = _record(line)
    return f" ({record['message']})" if record and isinstance(record.get("message"), str) else ""


def _record(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _merged(number: int, line: bytes) -> str | None:
    """Tell of two lines that have become one."""
    found = re.search(rb'"~hash":"[0-9a-f]{32}"\}(.)\{"', line, re.DOTALL)
    return None if found is None else f"the line feed after line {number} has become {_byte(found[1][0])}"


def _changed_hash(number: int, before: str, line: bytes, after: bytes | None) -> str | None:
    """Tell of a line whose hash itself was changed: what is before it has the hash that the next line was made after,
    or all but one byte of it is right.
    """
    body, tail = line[:-_TAIL_BYTES] + b"}", line[-_TAIL_BYTES:]
    right = hash_after(before, body)
    expected = f',"~hash":"{right}"}}'.encode()
    if len(tail) != len(expected):
        return None
    wrong = [place for place, (one, other) in enumerate(zip(tail, expected, strict=True)) if one != other]
    follows = after is not None and _is_after(right, after.rstrip(b"\n"))
    if len(wrong) == 1:
        place = wrong[0]
        at = len(line) - _TAIL_BYTES + place
        return (
            f"line {number}, field ~hash: byte {at + 1} is {_byte(tail[place])} and was {_byte(expected[place])}; "
            "all else of the line is as it was"
        )
    if follows and wrong:
        return f"line {number}, field ~hash: it was {right}; all else of the line is as it was"
    return None


def _torn_hash(number: int, before: str, line: bytes) -> str | None:
    """Tell of a line of whose hash, or its name, one byte was lost, or in which one was put."""
    for more in (-1, 1):
        body, tail = line[: -_TAIL_BYTES - more] + b"}", line[-_TAIL_BYTES - more :]
        expected = f',"~hash":"{hash_after(before, body)}"}}'.encode()
        longer, shorter = (tail, expected) if more > 0 else (expected, tail)
        for place, byte in enumerate(longer):
            if longer[:place] + longer[place + 1 :] == shorter:
                was = f"is {_byte(byte)} and was not there" if more > 0 else f"is missing, and was {_byte(byte)}"
                at = len(line) - len(tail) + place + 1
                return f"line {number}, field ~hash: byte {at} {was}; all else of the line is as it was"
    return None


def _is_after(before: str, line: bytes) -> bool:
    parts = parted(line)
    return parts is not None and hash_after(before, parts[0]) == parts[1]


def _changed_byte(number: int, before: str, line: bytes) -> str | None:
    """Tell of the one byte that makes the line have its hash again."""
    parts = parted(line)
    if parts is None or len(line) > _MOST_BYTES:
        return None
    body, wanted = parts
    for place in range(len(body)):
        found = _at(place, before, body, wanted)
        if found is not None:
            whole, was = found
            return (
                f"line {number}, field {field_at(whole, place)}: byte {place + 1} {was}: {_values(whole, body, place)}"
            )
    return None


def _at(place: int, before: str, body: bytes, wanted: str) -> tuple[bytes, str] | None:
    """Return the line as it was, if only the byte at a place was changed, put in or lost."""
    start, rest, lost = body[:place], body[place + 1 :], body[place:]
    begun = blake2b(before.encode() + start, digest_size=HASH_BYTES)
    for byte in range(256):
        for middle, was in ((bytes((byte,)) + rest, "changed"), (bytes((byte,)) + lost, "lost")):
            tried = begun.copy()
            tried.update(middle)
            if tried.hexdigest() == wanted:
                if was == "lost":
                    return start + middle, f"is missing, and was {_byte(byte)}"
                return start + middle, f"is {_byte(body[place])} and was {_byte(byte)}"
    tried = begun.copy()
    tried.update(rest)
    return (start + rest, f"is {_byte(body[place])} and was not there") if tried.hexdigest() == wanted else None


def _values(whole: bytes, body: bytes, place: int) -> str:
    """Return a field as it is and as it was."""
    start, stop = _span(whole, place)
    now = body[start : stop + len(body) - len(whole)].decode("ascii", "backslashreplace")
    return f"now {now}, before {whole[start:stop].decode('ascii', 'backslashreplace')}"


def _broken_in_two(number: int, before: str, line: bytes, after: bytes | None) -> str | None:
    """Tell of a line in which a byte has become a line feed."""
    if after is None or parted(line) is not None:
        return None
    rest = after.rstrip(b"\n")
    for byte in range(256):
        whole = line + bytes((byte,)) + rest
        parts = parted(whole)
        if parts is not None and hash_after(before, parts[0]) == parts[1]:
            place = len(line)
            where = f"line {number}, field {field_at(parts[0], place)}"
            return f"{where}: byte {place + 1} is a line feed and was {_byte(byte)}"
    return None


def _moved(number: int, line: bytes, after: bytes | None, following: Iterator[bytes]) -> str | None:
    """Tell of a line that stands where another one should: of the ids each is one more than the one before."""
    record, wanted = _record(line), number - 1
    found = None if record is None else record.get("id")
    if type(found) is not int or found == wanted:
        return None
    if found < wanted:
        return f"line {number} is the line with the id {found}, which comes before: it stands here a second time"
    place = number
    for each in () if after is None else chain((after,), following):
        place += 1
        other = _record(each)
        if other is not None and other.get("id") == wanted:
            return f"line {number} should have the id {wanted} and has {found}: that line stands at {place}"
    which = (
        f"the line with the id {wanted} is"
        if found == wanted + 1
        else f"the lines with the ids {wanted} to {found - 1} are"
    )
    return f"{which} missing before line {number}"


def field_at(body: bytes, place: int) -> str:
    """Return which field of a line a byte belongs to, such as "fee" or "account.cash"; a comma is of the one before."""
    return _field(body, place)[0]


def _span(body: bytes, place: int) -> tuple[int, int]:
    return _field(body, place)[1:]


def _field(body: bytes, place: int) -> tuple[str, int, int]:
    """Return the innermost field that a byte belongs to, and where it begins and ends."""
    fields = [*_fields(_record(body) or {}, 0, "")]
    for at in (place, place - 1, 1):
        found = [each for each in fields if each[1] <= at < each[2]]
        if found:
            return found[-1]
    return "?", 0, len(body)


def _fields(value: Any, start: int, path: str) -> Iterator[tuple[str, int, int]]:
    """Yield each field of canonical text that begins at a byte, and the fields in it after it: name, first and last."""
    is_object = isinstance(value, Mapping)
    if not is_object and not isinstance(value, list):
        return
    start += 1
    for name, each in value.items() if isinstance(value, Mapping) else enumerate(value):
        key = f"{canonical(name)}:" if is_object else ""
        full = f"{path}.{name}".lstrip(".") if is_object else f"{path}[{name}]"
        stop = start + len(key) + len(canonical(each))
        yield full, start, stop
        yield from _fields(each, start + len(key), full)
        start = stop + 1


def _byte(byte: int) -> str:
    return repr(chr(byte)) if 32 <= byte < 127 else f"0x{byte:02x}"
