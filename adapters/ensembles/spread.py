"""How the values of a figure spread over many runs, and where the real one stands among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from engine.market.series import FloatColumn
from engine.resampling import place_among
from engine.result import FIGURES, Unit

from ..results import unit_text
from ..study_pictures import MeaningRow

#: The quantiles that are told, in percent.
QUANTILES = (5.0, 25.0, 50.0, 75.0, 95.0)


@dataclass(frozen=True, eq=False)
class Spread:
    """The `values` of one figure, called `title`, in its `unit`; `real` is that of the run as it was, None where it has
    none. Runs in which the figure is not defined are not among the values.
    """

    name: str
    title: str
    unit: Unit
    values: FloatColumn
    real: float | None
    signed: bool = False

    @classmethod
    def of_figure(cls, name: str, figures: Iterable[Mapping[str, Any]], real: Mapping[str, Any]) -> Spread:
        """Return the spread of a figure of results."""
        figure = FIGURES[name]
        found = [each[name] for each in figures if each[name] is not None]
        title = f"{figure.title}, {figure.unit.label}" if figure.unit in (Unit.PERCENT, Unit.USD) else figure.title
        value = None if real[name] is None else float(real[name])
        return cls(name, title, figure.unit, np.array(found, np.float64), value, bool(figure.sign))

    @cached_property
    def quantiles(self) -> dict[str, float | None]:
        """The quantiles by their percent, linear between two values; None without values."""
        names = [f"{percent:g}" for percent in QUANTILES]
        if not len(self.values):
            return dict.fromkeys(names)
        return dict(zip(names, np.percentile(self.values, QUANTILES).tolist(), strict=True))

    @cached_property
    def place(self) -> float | None:
        """How many of the values, in percent, are below the real one; of the same ones half. None without a value."""
        return None if self.real is None or not len(self.values) else place_among(self.values, self.real)

    @property
    def cells(self) -> list[str]:
        """The row of a table: title, real value, its place, quantiles."""
        place = "-" if self.place is None else f"{self.place:.0f} %"
        return [self.title, self._text(self.real), place, *map(self._text, self.quantiles.values())]

    def placed(self, what: str) -> str:
        """Return in a line where the real one stands among `what` the values are of."""
        real, place = self.cells[1:3]
        return f"{self.title}: real {real}, {'no place' if place == '-' else f'above {place}'} of the {what}"

    def tiles(self, what: str) -> list[MeaningRow]:
        """Return the real one and the median as figures of a page."""
        _, real, place, low, _, middle, _, high = self.cells
        placed = "it has no place among" if place == "-" else f"it is above {place} of"
        return [
            MeaningRow(self.title, real, f"Of the run as it was; {placed} the {what}"),
            MeaningRow(f"{self.title}: median", middle, f"Of the {what}; 5 % are below {low}, 5 % above {high}"),
        ]

    def _text(self, value: float | None) -> str:
        if value is not None and self.unit is Unit.COUNT:
            return f"{value:,.0f}"
        return unit_text(self.unit, value, self.signed).removesuffix(" %")

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {"real": self.real, "place": self.place, "runs": len(self.values), "quantiles": self.quantiles}


#: The heads of a table of spreads.
HEADS = ("", "real", "place", *(f"{percent:g} %" for percent in QUANTILES))
