"""Runs that are recorded, and their lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine import BacktestResult, MarketHistory, Simulation
from engine.journal import replay
from engine.venue import VenueRules
from processes import TriggerSource
from tests.support.runs import MINUTE, START, Script, config, wired

Record = Mapping[str, Any]


@dataclass
class Told:
    """A finished run that was recorded, and the lines of its journal as dicts."""

    sim: Simulation
    result: BacktestResult
    records: list[dict[str, Any]]

    @classmethod
    def of(cls, sim: Simulation, result: BacktestResult) -> Told:
        """Return what a run has told; its journal must be whole, and its money add up."""
        assert result.journal is not None
        replayed = replay(result.journal)
        assert replayed.account.ledger.postings == sim.account.ledger.postings
        return cls(sim, result, [*result.journal.records()])

    def all(self, message: str, **fields: Any) -> list[dict[str, Any]]:
        """Return the lines of a kind that say so."""
        return [each for each in self.records if each["message"] == message and fields.items() <= each.items()]

    def one(self, message: str, **fields: Any) -> dict[str, Any]:
        """Return the one line of a kind that says so."""
        (found,) = self.all(message, **fields)
        return found

    def chain(self, record: Record) -> list[str]:
        """Return what has led to a line, step by step: messages with the events of orders, the line itself last."""
        steps = []
        while True:
            steps.append(record.get("event") or record["message"])
            if record["cause"] is None:
                return steps[::-1]
            record = self.records[record["cause"]]

    def timeline(self) -> list[tuple[float, str, str | None]]:
        """Return minute, message (with the event of an order) and rule of all lines between the first and the last."""
        return [
            ((each["at"] - START) / MINUTE, each.get("event") or each["message"], each["rule"])
            for each in self.records[1:-1]
        ]

    def rules(self) -> set[str]:
        """Return the rules that its lines name."""
        return {each["rule"] for each in self.records if each["rule"] is not None}


def recorded(
    history: MarketHistory,
    decisions: Mapping[float, Any],
    minutes: float,
    prepare: Callable[[Simulation], object] = lambda sim: None,
    signals: Sequence[TriggerSource] = (),
    record_queries: bool = False,
    rules: VenueRules | None = None,
    **fields: Any,
) -> Told:
    """Run a `Script` and record it; `prepare` gets the simulation before it starts, `rules` are the venue's."""
    settings = config(Script(decisions), minutes, tuple(history.symbols), **fields)
    sim = wired(history, settings, signals, record_journal=True, record_queries=record_queries, rules=rules)
    prepare(sim)
    return Told.of(sim, sim.run())
