"""A journal read once, checked on the way: its lines by what they are of, and what they come to on an account."""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from engine.journal import Journal, Replayed, replay

Record = Mapping[str, Any]
#: Lines that say little of themselves, and are most of a journal.
_QUIET = ("trigger", "asked")


class NotedLines:
    """The lines of a journal. Raises `DataError` where it is damaged.

    Triggers are kept where something came of them; of the others only the instants.
    """

    def __init__(self, journal: Journal) -> None:
        self._lines: dict[int, Record] = {}
        self._quiet: dict[int, Record] = {}
        self._ids, self._times = array("q"), array("q")
        self._of_orders: dict[int, list[Record]] = {}
        #: All fills in order, and those of them that closed something.
        self.fills: list[Record] = []
        self.closings: list[Record] = []
        self.funding: list[Record] = []
        #: Which lines of other orders a line has led to, by its id.
        self.led_to: dict[int, list[Record]] = {}
        self.replayed: Replayed = replay(self._noted(journal))

    @property
    def head(self) -> str:
        """The hash of the last line."""
        return self.replayed.head

    def _noted(self, journal: Journal) -> Iterator[bytes]:
        for line in journal:
            yield line
            self._note(json.loads(line))  # the line has been checked

    def _note(self, record: Record) -> None:
        number, message, cause = record["id"], record["message"], record["cause"]
        if message in _QUIET:
            if message == "trigger":
                self._quiet.clear()
                self._ids.append(number)
                self._times.append(record["at"])
            self._quiet[number] = record
            return
        if cause in self._quiet:
            self._lines.update(self._quiet)
            self._quiet.clear()
        self._lines[number] = record
        if cause is not None:
            self.led_to.setdefault(cause, []).append(record)
        order = record.get("order", record.get("order_id"))
        if order is not None and message in ("order", "fill", "rejected", "sized"):
            self._of_orders.setdefault(order, []).append(record)
        self._note_money(message, record)

    def _note_money(self, message: str, record: Record) -> None:
        if message == "fill":
            self.fills.append(record)
            if record["pnl"] is not None:
                self.closings.append(record)
        elif message == "funding":
            self.funding.append(record)

    def cause(self, record: Record) -> Record | None:
        """Return the line that led to another; None where none did, or it was a trigger of which nothing else came."""
        return self._lines.get(record["cause"])

    def asked_at(self, trigger: Record) -> Record | None:
        """Return the line of what was asked and logged at a trigger, None without one."""
        found = self._lines.get(trigger["id"] + 1)
        return found if found is not None and found["message"] == "asked" else None

    def time_of(self, trigger: int) -> int | None:
        """Return the instant of a trigger by the id of its line, None for any other line."""
        place = bisect_left(self._ids, trigger)
        return self._times[place] if place < len(self._ids) and self._ids[place] == trigger else None

    def of_order(self, order: int) -> list[Record]:
        """Return what is told of an order, in order: none for one that there is not."""
        return self._of_orders.get(order, [])

    def orders(self) -> list[int]:
        """Return the ids of all orders that are told of."""
        return sorted(self._of_orders)

    def origin(self, record: Record) -> Record | None:
        """Return the decision that led to a line, the nearest one before it; None without one."""
        step: Record | None = record
        while step is not None and step["message"] != "decision":
            step = self.cause(step)
        return step

    def funding_between(self, first: int, last: int) -> list[Record]:
        """Return the funding between two lines, by their ids."""
        begin, end = (bisect_left(self.funding, each, key=_id) for each in (first, last))
        return self.funding[begin:end]

    def position_before(self, closing: Record) -> tuple[list[Record], list[Record]]:
        """Return the entries of the position that a fill closes, and what closed parts of it before."""
        entries, opened, closed, parts = self._positions[closing["id"]]
        return entries[:opened], closed[:parts]

    @cached_property
    def _positions(self) -> dict[int, tuple[list[Record], int, list[Record], int]]:
        """By the id of a closing fill its position's entries and closings, and how many of each came before it."""
        found = {}
        open_now: dict[str, tuple[list[Record], list[Record]]] = {}
        for fill in self.fills:
            entries, closed = open_now.setdefault(fill["symbol"], ([], []))
            if fill["pnl"] is None:
                entries.append(fill)
            else:
                found[fill["id"]] = entries, len(entries), closed, len(closed)
                closed.append(fill)
            if fill["symbol"] not in fill["account"]["positions"]:
                del open_now[fill["symbol"]]
        return found

    def trade_number(self, closing: Record) -> int:
        """Return which trade a closing fill is, from 1 on."""
        return bisect_left(self.closings, closing["id"], key=_id) + 1


def _id(record: Record) -> int:
    number: int = record["id"]
    return number
