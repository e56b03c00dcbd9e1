"""Which stored results a list is to have."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from typing import Any

from ..results import FigureTest, figure_test
from .desk_columns import COMPARED, PARAMETER, value_of
from .run_states import RunState

_NUMBER = r"[+-]?([0-9]{1,20}(\.[0-9]{0,20})?|\.[0-9]{1,20})([eE][+-]?[0-9]{1,2})?"
#: A condition on a figure or a parameter, as a schema says it: what it is, how it compares, a number.
CONDITION = rf"^ *({'|'.join(sorted(COMPARED))}|{PARAMETER}[A-Za-z_][A-Za-z0-9_]{{0,63}}) *(<=|>=|<|>|=) *{_NUMBER} *$"
_CONDITION = re.compile(CONDITION)


class _Names(Container[str]):
    """What a condition may name."""

    def __contains__(self, name: object) -> bool:
        return name in COMPARED or str(name).startswith(PARAMETER)


def condition(text: str) -> FigureTest:
    """Return what a text such as "net_pnl > 0" or "params.period <= 20" states; `ValueError` where it is nothing."""
    if _CONDITION.fullmatch(text) is None:
        raise ValueError(f"{text!r} compares nothing with a number, as net_pnl > 0 or params.NAME <= 20 does")
    found = figure_test(text, _Names())
    return found._replace(name=COMPARED.get(found.name, found.name))


@dataclass(frozen=True, kw_only=True)
class DeskFilter:
    """Which results are wanted; None and () are any. Of `program` a part is enough, whatever its case; `since_ms` and
    `until_ms` are of the time when one was begun, both inclusive; `text` is looked for in its configuration and in what
    is noted of it.
    """

    states: tuple[RunState, ...] = ()
    status: str | None = None
    symbol: str | None = None
    exchange: str | None = None
    program: str | None = None
    tags: tuple[str, ...] = ()
    starred: bool | None = None
    since_ms: int | None = None
    until_ms: int | None = None
    text: str | None = None
    where: tuple[FigureTest, ...] = ()

    @property
    def is_any(self) -> bool:
        """Whether every result is wanted."""
        return self == DeskFilter()

    def accepts(self, item: dict[str, Any], has_text: bool) -> bool:
        """Tell whether an item is wanted; `has_text` says whether its configuration has the text."""
        return (
            self._accepts_run(item)
            and self._accepts_time(item["created_at"])
            and self._accepts_notes(item, has_text)
            and all(_holds(test, value_of(item, test.name)) for test in self.where)
        )

    def _accepts_run(self, item: dict[str, Any]) -> bool:
        return (
            (not self.states or item["state"] in self.states)
            and self.status in (None, item["status"])
            and (self.symbol is None or self.symbol in item["symbols"])
            and (self.exchange is None or self.exchange.lower() == item["exchange"])
            and (self.program is None or self.program.casefold() in (item["program"] or "").casefold())
        )

    def _accepts_time(self, begun: int | None) -> bool:
        if self.since_ms is not None and (begun is None or begun < self.since_ms):
            return False
        return self.until_ms is None or (begun is not None and begun <= self.until_ms)

    def _accepts_notes(self, item: dict[str, Any], has_text: bool) -> bool:
        if self.starred not in (None, item["starred"]) or not {*self.tags}.issubset(item["tags"]):
            return False
        if self.text is None or has_text:
            return True
        wanted = self.text.casefold()
        return any(wanted in text.casefold() for text in (item["label"] or "", item["note"], *item["tags"]))


def _holds(test: FigureTest, value: Any) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and bool(test.holds(value, test.number))
