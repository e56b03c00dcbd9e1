"""What a figure of a result is called, its unit, what it means and where it is shown.

A `Figure` stands beside each field of `BacktestResult`: tables, pages, comparisons and documents are made from these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Flag, StrEnum, auto
from typing import Any, get_type_hints

from ..contract import Labelled


class Unit(Labelled):
    """What a value is, and so how it is written."""

    USD = "usd", "USD"
    PERCENT = "percent", "%"
    RATIO = "ratio", "ratio"
    TIMES = "times", "x"
    COUNT = "count", "number"
    MILLISECONDS = "ms", "ms"
    DURATION = "duration", "ms"
    MOMENT = "moment", "time"
    PRICE = "price", "USD"
    SIZE = "size", "coins"
    FLAG = "flag", "true or false"
    TEXT = "text", "text"
    LINES = "lines", "list of texts"
    ROWS = "rows", "list of objects"
    COUNTS = "counts", "number of each"
    PERCENTS = "percents", "% of each"
    TEXTS = "texts", "text of each"
    RECORDS = "records", "records"

    @property
    def is_number(self) -> bool:
        """Whether the value is one number that can be compared."""
        return self in _NUMBERS


_NUMBERS = (Unit.USD, Unit.PERCENT, Unit.RATIO, Unit.TIMES, Unit.COUNT, Unit.MILLISECONDS, Unit.DURATION)


#: Figures of which less is better, by how their names begin. Losses of trades are negative: of them more is.
_LESS_IS_BETTER = (
    "max_drawdown", "longest_drawdown", "recovery_ms", "drawdown_count", "avg_drawdown", "annual_volatility",
    "losing_", "fees_paid", "longest_loss", "exposure", "turnover", "ambiguous", "pnl_width", "strategy_errors",
    "late_wakes", "liquidation_shortfall", "shortfall_covered", "sharpe_error", "return_kurtosis",
)  # fmt: skip


class Group(StrEnum):
    """What figures are about."""

    RUN = "The run"
    MONEY = "Money"
    RISK = "Risk"
    TRADES = "Trades"
    ACTIVITY = "Activity"
    VENUE = "Venue and limits"
    DATA = "Data"
    RECORDS = "Records"


class Place(Flag):
    """Where a figure is shown, apart from where all of them are: on the page, in reports and in comparisons.

    In the terminal: LINE is a line, IF_ANY a line only when it is not 0, BESIDE on the line of the figure before it,
    PARTS a line for each of its parts, TABLE its rows. HEAD is the head of the result's page, LISTED a list of results.
    MAIN and KEY are what the main figures have of these.
    """

    NOWHERE = 0
    LINE = auto()
    IF_ANY = auto()
    BESIDE = auto()
    PARTS = auto()
    TABLE = auto()
    HEAD = auto()
    LISTED = auto()
    MAIN = LINE | HEAD
    KEY = MAIN | LISTED


@dataclass(frozen=True, slots=True)
class Column:
    """One column of what is listed row by row. `words` names the vocabulary of its values; long texts may wrap;
    `meaning` is what stands in it, where its label does not say all of that.
    """

    key: str
    label: str
    unit: Unit = Unit.TEXT
    signed: bool = False
    words: str = ""
    wraps: bool = False
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `sign` is 0 where no sign is written, -1 where it lowers the sum that it is a part of.

    It is not defined where the figure `of` is 0. `line` is its name in the terminal's table where that is not the
    label; `columns` are those of its rows.
    """

    group: Group
    label: str
    unit: Unit
    meaning: str
    places: Place = Place.LINE
    line: str | None = None
    sign: int = 0
    of: str = ""
    columns: Sequence[Column] = ()

    @property
    def title(self) -> str:
        """The label with a capital letter, and the unit where the value is written without."""
        return f"{self.label[0].upper()}{self.label[1:]}{', USD' if self.unit is Unit.USD else ''}"

    def amount(self, value: Any) -> Any:
        """Return a value as one number where it is more: how many rows or lines, the sum of counts."""
        if value is None:
            return None
        if self.unit in (Unit.ROWS, Unit.LINES):
            return len(value)
        return sum(value.values()) if self.unit is Unit.COUNTS else value

    @property
    def absent(self) -> Any:
        """The value in a stored result of a version that did not have the figure."""
        if self.unit in (Unit.COUNTS, Unit.PERCENTS, Unit.TEXTS):
            return {}
        return [] if self.unit in (Unit.ROWS, Unit.LINES) else None


def figures_of(result: type) -> dict[str, Figure]:
    """Return the figures of a class by the names of its fields; a field without one is a `TypeError`."""
    found = {}
    for name, hint in get_type_hints(result, include_extras=True).items():
        figure = next((each for each in getattr(hint, "__metadata__", ()) if isinstance(each, Figure)), None)
        if figure is None:
            raise TypeError(f"{result.__name__}.{name} has no Figure beside it")
        found[name] = figure
    return found


def is_less_better(name: str) -> bool:
    """Tell whether less of a figure is better than more."""
    return name.startswith(_LESS_IS_BETTER)


def figures_text(figures: Mapping[str, Figure]) -> str:
    """Return what each figure is, by group, as a text for a terminal."""
    parts = []
    for group in Group:
        parts.append(f"{group}\n{'-' * len(group)}")
        for name, figure in figures.items():
            if figure.group is group:
                parts.append(f"{name} ({figure.unit.label})\n    {figure.label}: {figure.meaning}")
        parts.append("")
    return "\n".join(parts)
