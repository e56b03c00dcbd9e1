"""What a page shows of a result, wherever that comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.result import FIGURES

from ..results import TriggerFilter
from .prices import Levels, Prices
from .trades import marks_of, whole_trigger

#: More triggers than these are left out: first those at which nothing was decided.
MOST_TRIGGERS = 2_000
#: So many bytes the equity may take.
MOST_CURVE_BYTES = 560_000
#: What the chart shows of a mark.
_MARKS = ("kind", "time", "symbol", "side", "index")


@dataclass(frozen=True)
class DescribedResult:
    """One result. `origin` says in words where it comes from, `prices_from` how prices that are missing could be had;
    `summary` is as `ResultReader.summary` has it, `trades`, `records` and the `tables` of the summary as the API gives
    them, `links` those of its trades to triggers, `rows` are those of its triggers, `brackets` the lines of its trades,
    `equity` and the `prices` by symbol packed levels of detail, `explained` what led to some of its trades, by their
    places, and `unexplained` why nothing is said of that.
    """

    origin: str
    summary: Mapping[str, Any]
    trades: Sequence[Mapping[str, Any]]
    records: Mapping[str, Any]
    tables: Mapping[str, Any]
    links: Sequence[Sequence[Mapping[str, Any]]]
    rows: Sequence[dict[str, Any]]
    brackets: Mapping[str, Sequence[Any]]
    equity: Levels
    prices: Prices
    prices_from: str
    explained: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    unexplained: str = ""

    @property
    def title(self) -> str:
        """What stands in the title of a window."""
        return f"{self.summary['program'] or 'back-test'}: {', '.join(self.summary['symbols'])}"

    @property
    def remarks(self) -> list[str]:
        """What is not on the page, in sentences."""
        total = self.summary["figures"]["total_triggers"] or 0
        shown, missing = len(self.rows), [each for each in self.summary["symbols"] if each not in self.prices]
        remarks = []
        if total > shown:
            unsaved = self.summary["triggers_unsaved"]
            quiet = f", {unsaved:,} of them because nothing came of them" if unsaved else ""
            remarks.append(f"{total - shown:,} of {total:,} triggers are left out{quiet}.")
        if self.unexplained and self.trades:
            remarks.append(f"What led to trades is not told: {self.unexplained}.")
        if missing:
            remarks.append(f"The prices of {', '.join(missing)} are not at hand: {self.prices_from}.")
        explained, trades = len(self.explained), len(self.trades)
        if 0 < explained < trades:
            remarks.append(f"Of {trades:,} trades the {explained:,} that made or lost most are explained.")
        return remarks

    def trade_columns(self) -> dict[str, Any]:
        """Return as columns what is shown of its trades (`items`), their `marks` on a price chart, and the lines of
        their `brackets`; numbers with as many digits as can be shown.
        """
        names = ("index", *(column.key for column in FIGURES["trades"].columns))
        marks = marks_of([*map(dict, self.trades)], (), self.summary["figures"])
        return {
            "items": {name: [_shown(trade.get(name)) for trade in self.trades] for name in names},
            "marks": {name: marks[name].tolist() for name in _MARKS},
            "links": self.links,
            "brackets": {name: [*map(_shown, column)] for name, column in self.brackets.items()},
        }

    def triggers(self) -> dict[str, Any]:
        """Return its triggers, and the indices of those of each kind that can be looked for."""
        kinds = {kind.value: [row["trigger_index"] for row in self.rows if kind.holds(row)] for kind in TriggerFilter}
        return {"items": [whole_trigger(row) for row in self.rows], "kinds": kinds}


def _shown(value: Any) -> Any:
    """Return a value with the digits that a page shows of it at most."""
    return float(f"{value:.10g}") if isinstance(value, float) else value
