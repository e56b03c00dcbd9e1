"""What a page shows of a result, wherever that comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy.typing as npt

from engine.result import FIGURES, Unit

from ..results import TriggerFilter
from .prices import Levels, Prices
from .trades import Lines, Links, Marks, items_within, with_digits

#: More triggers than these are left out: first those at which nothing was decided.
MOST_TRIGGERS = 2_000
#: And so many bytes they may take: where programs log much these are fewer.
MOST_TRIGGER_BYTES = 600_000
#: So many bytes the equity may take.
MOST_CURVE_BYTES = 560_000
#: To so many digits numbers are told, and what is a part of a whole, of which two decimals are shown.
_DIGITS, _OF_SHARE = 10, 7


@dataclass(frozen=True)
class DescribedResult:
    """One result. `origin` says in words where it comes from, `prices_from` how prices that are missing could be had;
    `summary` is as `ResultReader.summary` has it, `trades`, `records` and the `tables` of the summary as the API gives
    them, `links` those of its trades to triggers, `rows` are those of its triggers, `marks` and `lines` those of its
    chart, `marks_note` says what these leave out, `equity` and the `prices` by symbol packed levels of detail,
    `explained` what led to some of its trades, by their places, and `unexplained` why nothing is said of that; `curves`
    are those beside the equity, as `curves_for_file` has them.
    """

    origin: str
    summary: Mapping[str, Any]
    trades: Sequence[Mapping[str, Any]]
    records: Mapping[str, Any]
    tables: Mapping[str, Any]
    links: Links
    rows: Sequence[dict[str, Any]]
    marks: Marks
    lines: Lines
    marks_note: str
    equity: Levels
    prices: Prices
    prices_from: str
    explained: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    unexplained: str = ""
    curves: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What stands in the title of a window."""
        return f"{self.summary['program'] or 'back-test'}: {', '.join(self.summary['symbols'])}"

    @property
    def remarks(self) -> list[str]:
        """What is not on the page, in sentences."""
        total = self.summary["figures"]["total_triggers"] or 0
        shown, missing = len(self.trigger_items), [each for each in self.summary["symbols"] if each not in self.prices]
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
        """Return as columns what is shown of its trades (`items`), and the `marks` and `lines` of its price chart;
        numbers with as many digits as can be shown. `note` says what marks and lines leave out.
        """
        columns = FIGURES["trades"].columns
        digits = {each.key: _OF_SHARE for each in columns if each.unit in (Unit.PERCENT, Unit.RATIO)}
        return {
            "items": {
                name: [with_digits(trade.get(name), digits.get(name, _DIGITS)) for trade in self.trades]
                for name in ("index", *(column.key for column in columns))
            },
            "marks": {name: _shown(column) for name, column in self.marks.items()},
            "lines": {name: _shown(column) for name, column in self.lines.items()},
            "note": self.marks_note,
            "links": self.links.shown(),
            "links_note": self.links.note,
        }

    @cached_property
    def trigger_items(self) -> list[dict[str, Any]]:
        """Its triggers with what came of them, as many as fit."""
        return items_within(self.rows, MOST_TRIGGER_BYTES)

    def triggers(self) -> dict[str, Any]:
        """Return its triggers, and the indices of those of each kind that can be looked for."""
        rows = self.rows[: len(self.trigger_items)]
        kinds = {kind.value: [row["trigger_index"] for row in rows if kind.holds(row)] for kind in TriggerFilter}
        won = self.links.won
        return {"items": [{**each, "won": won.get(each["index"])} for each in self.trigger_items], "kinds": kinds}


def _shown(column: npt.NDArray[Any]) -> list[Any]:
    return [with_digits(value, _DIGITS) for value in column.tolist()]
