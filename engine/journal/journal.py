"""A journal: the lines of one run, chained by hash, of a run of this process or of a file."""

from __future__ import annotations

import gzip
import json
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, Self

from ..errors import DataError
from ..market import MarketHistory
from .chained_lines import canonical, chained, head_of
from .line_making import LineMaking, Recorded

#: What most lines begin with, and what a file that gzip has packed does.
_AT, _GZIP = b'{"at":', b"\x1f\x8b"


class Ended(Protocol):
    """What the last line tells of a result."""

    @property
    def digest(self) -> str:
        """What it came to."""

    @property
    def interrupted(self) -> bool:
        """Whether it was stopped before its end."""

    @property
    def error(self) -> str | None:
        """Why it did not come to its end."""

    @property
    def end_time(self) -> int:
        """When it ended, epoch ms."""

    @property
    def final_equity(self) -> float:
        """What the account was worth then, in USD."""

    @property
    def open_positions(self) -> list[dict[str, Any]]:
        """What was held then, with the prices that it is marked at."""


#: How well lines are packed: about a tenth of their length is left, in a sixth of the time that making them takes.
_LEVEL = 1


class Recording:
    """What was recorded of a run: its lines are made when they are asked for, from what the run has left.

    Copies and pickles hold the lines as packed text, a tenth of their length, and nothing of the run; so does what
    `kept` makes of lines that somebody has stored, the last one among them: it `has_end`.
    """

    def __init__(self, recorded: Recorded | None) -> None:
        self._recorded, self.has_end = recorded, False
        self._packed: Sequence[bytes] = ()
        #: The hash of the last line, by the digest that it tells.
        self.heads: dict[str, str] = {}

    @classmethod
    def kept(cls, packed: Sequence[bytes]) -> Self:
        """Return that of a journal from what its `packed` has given."""
        found = cls(None)
        found._packed, found.has_end = packed, True
        return found

    def parts(self) -> Iterator[list[str]]:
        """Yield all lines, but the last one unless it `has_end`, each without its hash, many at once."""
        if self._packed:
            return map(_unpacked, self._packed)
        return iter(()) if self._recorded is None else LineMaking(self._recorded).parts()

    @property
    def market(self) -> MarketHistory | None:
        """What the lines are made from, None once they are packed."""
        return None if self._recorded is None else self._recorded.market

    def let_go(self) -> None:
        """Keep the lines themselves, and no longer the market and the log that they are made from."""
        self._packed, self._recorded = self.packed(), None

    def packed(self) -> Sequence[bytes]:
        """Return the lines of `parts` as they are kept: from now on they are made of these, and not anew."""
        if not self._packed:
            self._packed = [*map(_packed, filter(None, self.parts()))]
        return self._packed

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_recorded": None, "_packed": self.packed()}


def _packed(part: Sequence[str]) -> bytes:
    return zlib.compress("\n".join(part).encode("ascii"), _LEVEL)


def _unpacked(part: bytes) -> list[str]:
    try:
        return zlib.decompress(part).decode("ascii").split("\n")
    except (zlib.error, UnicodeDecodeError) as problem:
        raise DataError(f"the journal that is kept is damaged: its lines cannot be unpacked ({problem})") from problem


class Journal:
    """The lines of a run: the first says what was run, the last what it came to; each line is one JSON object, with the
    hash of itself and the line before.

    They are made, or read, as they are asked for: a long journal is never in memory as a whole, but with `lines`.
    """

    def __init__(self, recording: Recording | None, result: Ended | None, path: Path | None = None) -> None:
        self._recording, self._result, self._path = recording, result, path

    @classmethod
    def read(cls, path: str | Path) -> Journal:
        """Return the journal of a file, which gzip may have packed; `replay` says whether it is whole. Raises
        `DataError` when there is none.
        """
        path = Path(path)
        if not path.is_file():
            raise DataError(f"{path} is no file: perpsim run --journal FILE writes a journal")
        return cls(None, None, path)

    def __iter__(self) -> Iterator[bytes]:
        """Yield each line, with its line feed."""
        if self._path is not None:
            yield from journal_file_lines(self._path)
            return
        last = ""
        for lines, head in chained(self._parts()):
            last = head
            yield from lines
        self._note(last)

    def _parts(self) -> Iterator[list[str]]:
        recording, result = self._recording, self._result
        assert recording is not None
        count = 0
        for part in recording.parts():
            count += len(part)
            yield part
        if not recording.has_end:
            assert result is not None
            yield [_end(result, self._digest, count)]

    @cached_property
    def _digest(self) -> str:
        """The digest of the result, which takes a while."""
        assert self._result is not None
        return self._result.digest

    def packed(self) -> Iterator[bytes]:
        """Yield all lines of a run, packed, many at once, which `Recording.kept` takes: a tenth of their length."""
        recording, result = self._recording, self._result
        assert recording is not None
        yield from recording.packed()
        if not recording.has_end:
            assert result is not None
            yield _packed([_end(result, self._digest, sum(map(len, recording.parts())))])

    @property
    def lines(self) -> list[bytes]:
        """All lines, each without its line feed."""
        return [line.rstrip(b"\n") for line in self]

    @property
    def head(self) -> str:
        """The hash of the last line: 32 hexadecimal digits that stand for all of them."""
        if self._recording is None or self._result is None:
            return str(json.loads(deque(self, 1)[0])["~hash"])
        heads = self._recording.heads
        if self._digest not in heads:
            heads[self._digest] = head_of(self._parts())
        return heads[self._digest]

    def _note(self, head: str) -> None:
        """Keep the hash of the last line of what has been made, for who asks for it."""
        if self._recording is not None and self._result is not None:
            self._recording.heads[self._digest] = head

    @property
    def market(self) -> MarketHistory | None:
        """The market of its run while that is at hand: neither that of a file nor that of a copy is."""
        return None if self._recording is None else self._recording.market

    def upto(self, time_ms: int) -> bytes:
        """Return all lines of messages before or at an instant (epoch ms)."""
        found = []
        for line in self:
            if _instant(line) > time_ms:
                break
            found.append(line)
        return b"".join(found)

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield each line as a dict."""
        return map(json.loads, self)

    def write(self, path: str | Path) -> None:
        """Write it to a file; `DataError` when that cannot be."""
        try:
            with Path(path).open("wb") as file:
                file.writelines(self)
        except OSError as error:
            raise DataError(f"{path} cannot be written: {error.strerror or error}") from error


def journal_file_lines(path: Path, most_bytes: int = -1) -> Iterator[bytes]:
    """Yield the lines of a file, which gzip may have packed, one after another; of each at most so many bytes. Raises
    `DataError` where what gzip has packed is damaged, or the file cannot be read.
    """
    number = 0
    try:
        with path.open("rb") as plain:
            is_packed = plain.read(len(_GZIP)) == _GZIP
            plain.seek(0)
            with gzip.open(plain) if is_packed else nullcontext(plain) as file:
                while line := file.readline(most_bytes):
                    number += 1
                    yield line
    except (EOFError, zlib.error, gzip.BadGzipFile) as problem:
        raise DataError(f"what gzip has packed is damaged after line {number}: {problem}") from problem
    except OSError as problem:
        raise DataError(f"{path} cannot be read: {problem.strerror or problem}") from problem


def _instant(line: bytes) -> int:
    """Return the instant of a line, which mostly begins with it: then the rest need not be read."""
    if line.startswith(_AT):
        return int(line[len(_AT) : line.index(b",")])
    return int(json.loads(line)["at"])


def _end(result: Ended, digest: str, line: int) -> str:
    why = "interrupted" if result.interrupted else "failed" if result.error is not None else "end"
    return canonical(
        {
            "at": result.end_time,
            "cause": None,
            "digest": digest,
            "equity": result.final_equity,
            "error": result.error,
            "id": line,
            "message": "end",
            "prices": {each["symbol"]: each["mark_price"] for each in result.open_positions},
            "row": None,
            "rule": "end-of-run" if why == "end" else "stopped",
            "why": why,
        }
    )
