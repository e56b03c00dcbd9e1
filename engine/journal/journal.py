"""A journal: the lines of one run, chained by hash, of a run of this process or of a file."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol
from zlib import compress, decompress

from ..errors import DataError
from ..market import MarketHistory
from .chained_lines import canonical, chained, head_of
from .line_making import LineMaking, Recorded

#: What most lines begin with.
_AT = b'{"at":'


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


class Recording:
    """What was recorded of a run: its lines are made when they are asked for, from what the run has left.

    Copies and pickles hold the lines as packed text, a tenth of their length, and nothing of the run.
    """

    def __init__(self, recorded: Recorded) -> None:
        self._recorded: Recorded | None = recorded
        self._packed: list[bytes] = []
        #: The hash of the last line, by the digest that it tells.
        self.heads: dict[str, str] = {}

    def parts(self) -> Iterator[list[str]]:
        """Yield all lines but the last one, each without its hash, many at once."""
        if self._recorded is None:
            return (decompress(part).decode("ascii").split("\n") for part in self._packed)
        return LineMaking(self._recorded).parts()

    @property
    def market(self) -> MarketHistory | None:
        """What the lines are made from, None once they are packed."""
        return None if self._recorded is None else self._recorded.market

    def let_go(self) -> None:
        """Keep the lines themselves, and no longer the market and the log that they are made from."""
        self._packed, self._recorded = self._all_packed(), None

    def _all_packed(self) -> list[bytes]:
        if self._recorded is None:
            return self._packed
        return [compress("\n".join(part).encode("ascii"), 1) for part in self.parts() if part]

    def __getstate__(self) -> dict[str, Any]:
        return {"_recorded": None, "_packed": self._all_packed(), "heads": self.heads}


class Journal:
    """The lines of a run: the first says what was run, the last what it came to; each line is one JSON object, with the
    hash of itself and the line before.

    They are made, or read, as they are asked for: a long journal is never in memory as a whole, but with `lines`.
    """

    def __init__(self, recording: Recording | None, result: Ended | None, path: Path | None = None) -> None:
        self._recording, self._result, self._path = recording, result, path

    @classmethod
    def read(cls, path: str | Path) -> Journal:
        """Return the journal of a file; `replay` says whether it is whole. Raises `DataError` when there is none."""
        path = Path(path)
        if not path.is_file():
            raise DataError(f"{path} is no file: perpsim run --journal FILE writes a journal")
        return cls(None, None, path)

    def __iter__(self) -> Iterator[bytes]:
        """Yield each line, with its line feed."""
        if self._path is not None:
            with self._path.open("rb") as file:
                yield from file
            return
        for lines, _ in chained(self._parts()):
            yield from lines

    def _parts(self) -> Iterator[list[str]]:
        recording, result = self._recording, self._result
        assert recording is not None
        assert result is not None
        count = 0
        for part in recording.parts():
            count += len(part)
            yield part
        yield [_end(result, count)]

    @property
    def lines(self) -> list[bytes]:
        """All lines, each without its line feed."""
        return [line.rstrip(b"\n") for line in self]

    @property
    def head(self) -> str:
        """The hash of the last line: 32 hexadecimal digits that stand for all of them."""
        if self._recording is not None and self._result is not None:
            heads, digest = self._recording.heads, self._result.digest
            if digest not in heads:
                heads[digest] = head_of(self._parts())
            return heads[digest]
        last = deque(self, 1)
        return str(json.loads(last[0])["~hash"])

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


def _instant(line: bytes) -> int:
    """Return the instant of a line, which mostly begins with it: then the rest need not be read."""
    if line.startswith(_AT):
        return int(line[len(_AT) : line.index(b",")])
    return int(json.loads(line)["at"])


def _end(result: Ended, line: int) -> str:
    why = "interrupted" if result.interrupted else "failed" if result.error is not None else "end"
    return canonical(
        {
            "at": result.end_time,
            "cause": None,
            "digest": result.digest,
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
