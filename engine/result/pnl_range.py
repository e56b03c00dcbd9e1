"""The range of the net PnL that the rules for ambiguous klines give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .result import BacktestResult

#: The figures of the range.
RANGE_FIGURES = ("pnl_low", "pnl_high", "pnl_width", "pnl_width_percent", "pnl_low_rule", "pnl_high_rule")


@dataclass(frozen=True)
class PnlRange:
    """The least and the most net PnL (USD) of runs by the rules for ambiguous klines, and which gave them."""

    low: float
    high: float
    low_rule: str
    high_rule: str

    @classmethod
    def of(cls, amounts: Mapping[str, float]) -> PnlRange:
        """Return the range of net PnL by rule."""
        low, high = min(amounts.values()), max(amounts.values())
        of_low, of_high = ([rule for rule, amount in amounts.items() if amount == end] for end in (low, high))
        return cls(low, high, ", ".join(of_low), ", ".join(of_high))

    def figures(self, initial_balance: float) -> dict[str, Any]:
        """Return the figures of it; the width in percent is of the initial balance."""
        width = self.high - self.low
        percent = 100.0 * width / initial_balance
        values = self.low, self.high, width, percent, self.low_rule, self.high_rule
        return dict(zip(RANGE_FIGURES, values, strict=True))

    def told_in(self, result: BacktestResult) -> BacktestResult:
        """Return a result with the range."""
        figures = self.figures(result.initial_balance)
        undefined = {name: why for name, why in result.undefined.items() if name not in RANGE_FIGURES}
        warning = (
            f"by the rules for klines that touch two exits the net PnL is {self.low:+,.2f} ({self.low_rule}) to "
            f"{self.high:+,.2f} USD ({self.high_rule}): {figures['pnl_width']:,.2f} USD, "
            f"{figures['pnl_width_percent']:,.2f} % of the initial balance"
        )
        return replace(result, **figures, undefined=undefined, warnings=[*result.warnings, warning])

    @staticmethod
    def unknown(result: BacktestResult, why: str) -> BacktestResult:
        """Return a result that says why the range is not known."""
        warning = f"what other rules for klines that touch two exits make of the net PnL is not known: {why}"
        undefined = {**result.undefined, **dict.fromkeys(RANGE_FIGURES, "not known")}
        return replace(result, undefined=undefined, warnings=[*result.warnings, warning])


def range_of_one(figures: Mapping[str, Any], rule: str, has_others: bool = False) -> dict[str, Any]:
    """Return the range of one run alone: no value where klines were ambiguous, or `has_others` that no rule of
    `intrabar` decides, a width of 0 where none was.
    """
    if figures["ambiguous_klines"] or has_others:
        return dict.fromkeys(RANGE_FIGURES)
    return PnlRange.of({rule: figures["total_pnl"]}).figures(figures["initial_balance"])
