"""What `get_factor` answers: a factor as of an instant, of the klines that are known then."""

from __future__ import annotations

from math import isnan
from typing import Any

from ..factors import FACTOR_WINDOW, FEWEST_FACTOR_KLINES, Factor, FactorCatalogue, FactorError, factor_value
from ..market import SymbolHistory
from ..near_names import near
from .seen_klines import KlinesUpTo

_NO_FACTOR = "no such factor"
#: To how many decimals a value is told.
_DECIMALS = 6
#: What an answer tells of a factor beside its value.
_DESCRIBED = ("id", "expression", "description", "category")


class FactorAnswers:
    """The factors of `catalogue` as a program gets them."""

    def __init__(self, catalogue: FactorCatalogue | None = None) -> None:
        self._catalogue = FactorCatalogue() if catalogue is None else catalogue

    def find(self, name: object) -> Factor | None:
        """Return the factor that a program asks for, or None."""
        return self._catalogue.get(name) if isinstance(name, str) else None

    def missing(self, name: object) -> str:
        """Return why a program does not get a factor that there is not."""
        hint = near(name, [each.name for each in self._catalogue]) if isinstance(name, str) else ""
        return f"{_NO_FACTOR}; {hint}" if hint else _NO_FACTOR

    def fill(self, answer: dict[str, Any], factor: Factor, history: SymbolHistory, seen: KlinesUpTo) -> bool:
        """Put the value (six decimals; None where it is unknown) and what is known of a factor into an answer, and
        "error" where it fails; `seen` are the klines at its instant. Return whether there are enough of them.
        """
        klines = seen.columns(FACTOR_WINDOW)
        enough = len(klines) >= FEWEST_FACTOR_KLINES
        answer.update({name: getattr(factor, name) for name in _DESCRIBED})
        if enough:
            try:
                value = factor_value(factor, klines, history, seen.at)
                answer["value"] = None if isnan(value) else round(value, _DECIMALS)
            except FactorError as error:
                answer["error"] = str(error)
        return enough
