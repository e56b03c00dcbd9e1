"""Files that hold one object: its big arrays first, then the rest, then where each of them stands.

They are written once and never changed, so that all processes of a machine can map them.
"""

from __future__ import annotations

import json
import mmap
from pathlib import Path
from typing import IO, Any
from weakref import WeakSet

from .sent_objects import Packed, unpacked

#: Where arrays begin: at a cache line.
_ALIGNMENT = 64
_TAIL_BYTES = 8
#: Smaller files are read instead, and those beyond so many: whoever maps one keeps a descriptor of it.
_MAPPED_BYTES = 1 << 20
_MOST_MAPPED = 400

_mapped: WeakSet[mmap.mmap] = WeakSet()


def write_object(path: Path, sent: Packed) -> int:
    """Write an object to a new file and return how many bytes it takes. Raises `OSError`, and leaves nothing then."""
    try:
        with open(path, "xb") as file:
            places = [_written(file, part) for part in sent.parts]
            tail = json.dumps(places).encode()
            file.write(tail + len(tail).to_bytes(_TAIL_BYTES, "little"))
            return file.tell()
    except OSError:
        path.unlink(missing_ok=True)
        raise


def columns_bytes(sent: Packed) -> int:
    """Return at which byte of the file of an object its big arrays end."""
    end = 0
    for column in sent.buffers:
        end += -end % _ALIGNMENT + column.nbytes
    return end


def write_columns(path: Path, sent: Packed) -> None:
    """Write what the file of an object has of it up to there."""
    with open(path, "xb") as file:
        for column in sent.buffers:
            _written(file, column)


def _written(file: IO[bytes], part: memoryview | bytes) -> tuple[int, int]:
    """Write a part at the next place for arrays, and return place and size."""
    file.write(bytes(-file.tell() % _ALIGNMENT))
    place = file.tell()
    file.write(part)
    return place, file.tell() - place


def read_object(path: Path) -> Any:
    """Return the object in a file, with arrays that cannot be written to and, in a large file, lie in the file itself.

    Raises `OSError` where there is none.
    """
    whole = _content(path)
    tail_at = len(whole) - _TAIL_BYTES
    tail = whole[tail_at - int.from_bytes(whole[tail_at:], "little") : tail_at]
    *buffers, stream = (whole[place : place + size] for place, size in json.loads(bytes(tail)))
    return unpacked(stream, buffers)


def _content(path: Path) -> memoryview:
    with open(path, "rb") as file:
        if path.stat().st_size < _MAPPED_BYTES or len(_mapped) >= _MOST_MAPPED:
            return memoryview(file.read())
        whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    _mapped.add(whole)
    return memoryview(whole)
