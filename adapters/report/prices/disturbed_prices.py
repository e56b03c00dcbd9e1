"""What a run with faults saw of the market, and when each fault was on: for its chart."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine import KlineColumns, MarketHistory, SymbolHistory
from engine.disturbance import FAULT_LINE, changed_markets
from engine.faults import KINDS, Fault, FaultPlan, plans_of

#: Of more spans of a fault a chart has the first.
MOST_SPANS = 1_000


@dataclass(frozen=True)
class SeenFaults:
    """The faults of a run, made again from what its configuration says of them: chance comes from their seeds. `key`
    tells them apart from those of another run.
    """

    plans: tuple[FaultPlan, ...] = ()
    mark_stale_ms: int = 0
    until_ms: int = 0
    key: str = ""

    @classmethod
    def of(cls, config: Mapping[str, Any], start_ms: int | None, end_ms: int | None) -> SeenFaults:
        """Return those of a configuration as plain values, in a run from one time to another."""
        given = config.get("faults") or ()
        if not given or start_ms is None or end_ms is None:
            return cls()
        faults = [_fault(each) for each in given]
        stale_ms = int(config.get("mark_stale_ms") or 60_000)
        key = json.dumps([given, config["symbols"], start_ms, end_ms, stale_ms], sort_keys=True, default=str)
        return cls(plans_of(faults, config["symbols"], start_ms, end_ms), stale_ms, end_ms, key)

    def market(self, market: MarketHistory) -> MarketHistory:
        """Return a market as it was in the run: the given one where no fault changes it."""
        if not any(plan.fault.changes_market for plan in self.plans):
            return market
        return changed_markets(market, self.plans, self.mark_stale_ms).as_it_is

    def columns(self, symbol: str, columns: KlineColumns) -> KlineColumns:
        """Return the klines of a symbol as the run saw them."""
        return self.market(MarketHistory([SymbolHistory(symbol, columns)])).symbols[symbol].base.columns

    def described(self, warnings: Iterable[str]) -> list[dict[str, Any]]:
        """Return each fault that was on: its name, what it is, what the warnings of the result say that it did, its
        symbols, and its spans in epoch ms.
        """
        did = dict(text.removeprefix(FAULT_LINE).split(": ", 1) for text in warnings if text.startswith(FAULT_LINE))
        return [
            {
                "name": plan.name,
                "about": _about(plan),
                "effect": did.get(plan.name, ""),
                "symbols": list(plan.symbols),
                "starts": [span.start_ms for span in plan.spans[:MOST_SPANS]],
                "ends": [min(span.end_ms, self.until_ms) for span in plan.spans[:MOST_SPANS]],
            }
            for plan in self.plans
            if plan.spans
        ]


def _fault(given: Mapping[str, Any]) -> Fault:
    """Return a fault as a result tells of it; of one of the user's own the process is not known any more."""
    values = {name: value for name, value in given.items() if name not in ("kind", "process")}
    return Fault(given["kind"], values, _forgotten if "process" in given else None)


def _forgotten(*_: Any) -> Sequence[Any]:
    return ()


def _about(plan: FaultPlan) -> str:
    kind = KINDS.get(plan.kind)
    if kind is None:
        return "a fault of one's own"
    size = f"{plan.amount:g} %" if kind.figure == "percent" else f"{plan.amount / 1_000:g} s" if kind.figure else ""
    return ", ".join(filter(None, (kind.about, size, plan.direction)))
