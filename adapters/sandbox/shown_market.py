"""The market as a worker is shown it: parts that it asks for are laid out, and filled as time advances."""

from __future__ import annotations

from typing import Any

from engine import DataError, MarketHistory, SymbolHistory
from engine.market.flow import LATEST_VALUES
from engine.market.past import KnownColumns, PartName, Revealing, hidden_columns, known_columns

from .arena import Arena, Place
from .job import MEBIBYTE

#: Of a large market so many times its size may be worked out from it.
_TIMES_THE_MARKET = 4
#: Room for alignment and the rows that stand for times that never come.
_SPARE_BYTES = MEBIBYTE
_NEVER_MS = float("inf")
#: What is never looked at and comes to nothing: a program can invent names of parts.
_MOST_PARTS = 5_000


class NoRoom(Exception):
    """A program has asked for more than may be worked out for one run."""


class ShownMarket:
    """Shows a market's parts in an arena. `derived_bytes` may be worked out beside what is recorded.

    What is worked out is worked out for this run alone, and goes with it, unless the market has a store for it.
    """

    def __init__(self, market: MarketHistory, derived_bytes: int) -> None:
        self._market = MarketHistory([each.anew() for each in market.symbols.values()], market.regime)
        recorded = sum(_recorded_bytes(each) for each in market.symbols.values())
        self.derived_bytes = max(derived_bytes, _TIMES_THE_MARKET * recorded)
        self._arena = Arena(recorded + self.derived_bytes + _SPARE_BYTES)
        self._parts: list[Revealing] = []
        self._names: set[PartName] = set()
        #: Up to when (epoch ms) it is shown.
        self.now = 0
        #: When something more becomes known.
        self.next_ms = _NEVER_MS

    @property
    def descriptor(self) -> int:
        """The memory file, for a worker."""
        return self._arena.descriptor

    def advance(self, time_ms: int) -> None:
        """Show what has become known up to `time_ms`."""
        self.now = time_ms
        if time_ms < self.next_ms:
            return
        next_ms = _NEVER_MS
        for part in self._parts:
            if part.next_ms <= time_ms:
                part.advance(time_ms)
            if part.next_ms < next_ms:
                next_ms = part.next_ms
        self.next_ms = next_ms

    def show(self, name: Any) -> list[Place] | None:
        """Lay a part out and return where its columns are; None where there is no such data.

        Raises `DataError` for what is no part or was asked for before, and `NoRoom` when there is too much.
        """
        if type(name) is not list or any(type(each) not in (str, int) for each in name):
            raise DataError("a part without a name")
        key = tuple(name)
        if key in self._names:
            raise DataError("a part that is there already")
        if len(self._names) >= _MOST_PARTS:
            raise NoRoom(f"it asked for more than {_MOST_PARTS:,} different columns")
        self._names.add(key)
        part = known_columns(self._market, key)
        return None if part is None else self._laid_out(part)

    def _laid_out(self, part: KnownColumns) -> list[Place]:
        places: list[Place] = []

        def make_room(kind: str, rows: int) -> Any:
            found = self._arena.take(kind, rows)
            if found is None:
                megabytes = self.derived_bytes // MEBIBYTE
                raise NoRoom(f"it asked for more than {megabytes:,} MB of indicators and other columns")
            places.append(found[1])
            return found[0]

        revealing = self._revealing(part)
        revealing.add(part, hidden_columns(part, make_room))
        self.next_ms = min(self.next_ms, revealing.next_ms)
        return places

    def _revealing(self, part: KnownColumns) -> Revealing:
        """Return what shows a part: with others of the same times it takes one step for all of them."""
        for each in self._parts:
            if each.is_for(part):
                return each
        new = Revealing(part)
        new.advance(self.now)
        self._parts.append(new)
        return new

    def close(self) -> None:
        """Give the memory back, and what was worked out: a result can outlive its run."""
        self._parts, self.next_ms = [], _NEVER_MS
        self._market = MarketHistory(())
        self._arena.close()


def _recorded_bytes(history: SymbolHistory) -> int:
    """Return about how much the recorded columns of a symbol take, in every form in which they are shown."""
    flow = history.flow
    rows = [flow.trades, flow.ranged, flow.priced, flow.book]
    counts = [8 * len(each) for each in rows if each is not None]
    latest = [*(getattr(flow, name) for name in LATEST_VALUES), history.marks.all]
    counts += [2 * len(each.rows) for each in latest if each is not None]
    features = (history.feature(name) for name in history.feature_names)
    counts += [2 * len(each.rows) for each in features if each is not None]
    return 8 * (sum(counts) + 6 * len(history.base.columns))
