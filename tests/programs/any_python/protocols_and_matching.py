from __future__ import annotations

import contextlib
import typing as t
from abc import ABC, abstractmethod


class Rule(ABC):
    @abstractmethod
    def holds(self, data: MarketData) -> bool: ...


class Rising(Rule):
    def holds(self, data: MarketData) -> bool:
        return data.get_price_change("X", "5m").get("change_percent", 0) > 0


class Noted(t.Protocol):
    def note(self, text: str) -> None: ...


@contextlib.contextmanager
def noted(notes: list[str]) -> t.Iterator[None]:
    notes.append("begin")
    try:
        yield
    finally:
        notes.append("end")


class Matching:
    rules: t.ClassVar[list[Rule]] = [Rising()]

    def should_trade(self, data: MarketData) -> Decision | None:
        notes: list[str] = []
        with noted(notes), contextlib.suppress(ZeroDivisionError):
            1 / 0
        match [rule.holds(data) for rule in self.rules], data.positions:
            case [True], {"X": position}:
                return Decision("hold", "X", f"{position.side} {notes}")
            case [True], _:
                return Decision("buy", "X", ",".join(notes), target_portion_of_balance=0.2, leverage=1)
            case _, {"X": _}:
                return Decision("close", "X")
