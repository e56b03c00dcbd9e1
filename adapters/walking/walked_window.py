"""A window that was gone through: what was chosen in it, and what came of that afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from engine.result import growth_a_year

from ..studies import Metric, StudyTrial
from .window_plan import Window


@dataclass(frozen=True, slots=True, eq=False)
class WalkedWindow:
    """`chosen` is the best of `tried` trainings, of which `failed` ended with an error; `tested` is the run with its
    parameters afterwards. Both are None, and `why_flat` says why, where nothing was tested. Of the `klines` of all
    symbols that the test should have, `gaps` are missing in the data.
    """

    window: Window
    metric: Metric
    names: tuple[str, ...]
    tried: int
    failed: int
    chosen: StudyTrial | None = None
    tested: StudyTrial | None = None
    why_flat: str | None = None
    klines: int = 0
    gaps: int = 0

    @property
    def parameters(self) -> dict[str, Any]:
        """What was chosen, by name; {} where nothing was."""
        return {} if self.chosen is None else {name: self.chosen.values[name] for name in self.names}

    @property
    def in_metric(self) -> float | None:
        """The metric of the training that was chosen."""
        return None if self.chosen is None else self.metric.value(self.chosen.outcome.figures)

    @property
    def out_metric(self) -> float | None:
        """The metric of the test; None also where a test is too short for it."""
        return None if self.tested is None else self.metric.value(self.tested.outcome.figures)

    @property
    def in_growth(self) -> float | None:
        """What a dollar became in the training that was chosen."""
        return _growth(self.chosen)

    @property
    def out_growth(self) -> float:
        """What a dollar became in the test: 1 where nothing was tested."""
        growth = _growth(self.tested)
        return 1.0 if growth is None else growth

    @property
    def in_annual(self) -> float | None:
        """The growth of the training a year, a fraction."""
        growth = self.in_growth
        return None if growth is None else growth_a_year(1.0, growth, self.train_ms)

    @property
    def out_annual(self) -> float | None:
        """The growth of the test a year, a fraction; None where nothing was tested."""
        return None if self.tested is None else growth_a_year(1.0, self.out_growth, self.test_ms)

    @property
    def efficiency(self) -> float | None:
        """The one over the other, see `efficiency_of`."""
        return efficiency_of(self.in_annual, self.out_annual)

    @property
    def train_ms(self) -> int:
        """How long the training is, without what was purged."""
        return self.window.train_to_ms - self.window.train_from_ms

    @property
    def test_ms(self) -> int:
        """How long the test is."""
        return self.window.test_to_ms - self.window.test_from_ms

    @property
    def remark(self) -> str | None:
        """Why nothing was tested, or what ended the test early."""
        return self.why_flat if self.tested is None else self.tested.outcome.error

    @property
    def is_cut_short(self) -> bool:
        """Whether an error ended the test early."""
        return self.tested is not None and self.tested.outcome.error is not None

    def row(self) -> dict[str, Any]:
        """Return it as plain values: times in epoch ms, returns in percent."""
        figures = {} if self.tested is None else self.tested.outcome.figures
        in_growth = self.in_growth
        return {
            "window": self.window.number + 1,
            "train_from": self.window.train_from_ms,
            "train_to": self.window.train_to_ms,
            "test_from": self.window.test_from_ms,
            "test_to": self.window.test_to_ms,
            "parameters": self.parameters,
            "in_metric": self.in_metric,
            "in_return_percent": None if in_growth is None else 100.0 * (in_growth - 1.0),
            "in_annual_percent": _percent(self.in_annual),
            "out_metric": self.out_metric,
            "out_return_percent": 100.0 * (self.out_growth - 1.0),
            "out_annual_percent": _percent(self.out_annual),
            "efficiency": self.efficiency,
            "trades": figures.get("total_trades", 0),
            "open_pnl": figures.get("unrealized_pnl", 0.0),
            "initial_balance": figures.get("initial_balance"),
            "final_equity": figures.get("final_equity"),
            "tried": self.tried,
            "failed": self.failed,
            "missing_klines": self.gaps,
            "remark": self.remark,
        }

    def cells(self) -> dict[str, Any]:
        """Return the same as one flat row, each parameter under its name after the times."""
        row = self.row()
        chosen = row.pop("parameters")
        times = {name: row.pop(name) for name in ("window", "train_from", "train_to", "test_from", "test_to")}
        return {**times, **{name: chosen.get(name) for name in self.names}, **row}


@dataclass(frozen=True, slots=True)
class Stability:
    """How a parameter moved from window to window, over those in which something was chosen: the `distinct` values,
    the one that was chosen most (of equals the first) and in which `share` of the windows, and how often it was not
    that of the window before.
    """

    name: str
    distinct: tuple[Any, ...]
    most_chosen: Any
    share: float
    changes: int

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "distinct": list(self.distinct),
            "most_chosen": self.most_chosen,
            "share": self.share,
            "changes": self.changes,
        }


def stability_of(name: str, windows: Iterable[WalkedWindow]) -> Stability | None:
    """Return how a parameter moved; None where it was never chosen."""
    values = [each.parameters[name] for each in windows if each.chosen is not None]
    if not values:
        return None
    distinct: list[Any] = []
    for value in values:  # they may be of a kind that has no hash
        if value not in distinct:
            distinct.append(value)
    most = max(distinct, key=values.count)
    changes = sum(one != other for one, other in pairwise(values))
    return Stability(name, tuple(distinct), most, values.count(most) / len(values), changes)


def efficiency_of(in_annual: float | None, out_annual: float | None) -> float | None:
    """Return the annual return out of sample over that in sample (Pardo 2008): 1 where the promise was kept. None where
    the training did not gain: of two losses the quotient would look like a success.
    """
    if in_annual is None or out_annual is None or in_annual <= 0.0:
        return None
    return out_annual / in_annual


def overall_efficiency(windows: Sequence[WalkedWindow]) -> float | None:
    """Return the same for all windows: both growths as one after another, over the time that they took together."""
    in_growth, out_growth, in_ms, out_ms = 1.0, 1.0, 0, 0
    for each in windows:
        growth = each.in_growth
        if growth is not None:
            in_growth, in_ms = in_growth * max(growth, 0.0), in_ms + each.train_ms
        out_growth, out_ms = out_growth * max(each.out_growth, 0.0), out_ms + each.test_ms
    return efficiency_of(growth_a_year(1.0, in_growth, in_ms), growth_a_year(1.0, out_growth, out_ms))


def _growth(trial: StudyTrial | None) -> float | None:
    figures = {} if trial is None else trial.outcome.figures
    return figures["final_equity"] / figures["initial_balance"] if figures else None


def _percent(fraction: float | None) -> float | None:
    return None if fraction is None else 100.0 * fraction
