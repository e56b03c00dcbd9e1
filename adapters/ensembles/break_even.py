"""What costs a program bears: net PnL over fee, slippage and latency, each up to where nothing is left of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine import DataError
from engine.plain_values import counted
from engine.result import Unit

from ..results import unit_text
from ..study_pictures import MeaningRow, draw_cost_curves
from ..trials import Job, Trial, TrialOutcome
from ..workers import Workers
from .borne_cost import COSTS, Cost, CostLimit
from .ensemble import Ensemble, Told
from .run_ensemble import outcomes_of

if TYPE_CHECKING:
    from ..study_pictures import Picture


@dataclass(eq=False, repr=False)
class CostLimits(Ensemble):
    """What fee, slippage and latency the program bears, each alone, with the others as they are: `limits` by name.

    The fee is that of every fill, whatever kind it is. Costs change which orders fill, and so the way that a program
    takes: above the break-even there may be costs that are borne again.
    """

    kind = "costs"

    real: TrialOutcome
    limits: dict[str, CostLimit]

    def told(self) -> Told:
        """Return what is shown of it."""
        pnl = unit_text(Unit.USD, self.real.figures["total_pnl"], True)
        count = sum(len(each.runs) for each in self.limits.values())
        rows = [
            [name, each.cost.text(each.now), each.verdict, _room(each.headroom)] for name, each in self.limits.items()
        ]
        title = f"Costs up to break-even, by {counted(count, 'run')}; net PnL now {pnl} USD"
        return Told(
            title, ("", "now", "break-even", ""), rows, ["each alone, the others as they are; fee: of every fill"]
        )

    def rows(self) -> list[dict[str, Any]]:
        """Return the runs, each with its cost, the lowest first."""
        return [
            {
                "cost": name,
                "value": value,
                "unit": limit.cost.unit,
                "total_pnl": run.figures["total_pnl"],
                "total_trades": run.figures["total_trades"],
                "digest": run.digest,
            }
            for name, limit in self.limits.items()
            for value, run in sorted(limit.runs.items())
        ]

    def summary(self) -> dict[str, Any]:
        """Return what it comes to as plain values."""
        limits = {
            name: {
                "now": each.now,
                "break_even": each.break_even,
                "headroom": each.headroom,
                "unit": each.cost.unit,
                "verdict": each.verdict,
                "lost_below": each.lost_below,
                "borne_above": each.borne_above,
            }
            for name, each in self.limits.items()
        }
        return {"total_pnl": self.real.figures["total_pnl"], "limits": limits}

    def tiles(self) -> list[MeaningRow]:
        """Return its main figures with what they mean."""
        pnl = unit_text(Unit.USD, self.real.figures["total_pnl"], True)
        return [MeaningRow("Net PnL, USD", pnl, "Of the run as it was"), *(each.tile for each in self.limits.values())]

    def _drawn(self) -> Picture:
        return draw_cost_curves(self.told().title, [each.curve for each in self.limits.values()])


def _room(headroom: float | None) -> str:
    return "" if headroom is None else f"{headroom:.3g} x now"


def cost_limits(job: Job, workers: Workers, costs: Sequence[Cost] = COSTS) -> CostLimits:
    """Return which costs a job's program bears, found by real runs that close in on where its net PnL is 0 or less.

    First each cost is tried in steps from nothing to the most there can be; then what lies between the last that is
    borne and the first that is not, in parts, until the two are within 0.5 % (or 1 ms, or 0.00001 %). Raises
    `DataError` for a run that fails, and for one without a fill.
    """
    (real,) = outcomes_of(job, [Trial(0)], workers, "running as it is")
    if real.error is not None:
        raise DataError(f"the run itself fails: {real.error}")
    if not real.figures["turnover_usd"]:
        raise DataError("the run has no fills: there is nothing that costs could take")
    search = _Search(job, workers, {each.name: CostLimit(each, each.now(job.config), {}) for each in costs})
    search.run({name: limit.first_points() for name, limit in search.limits.items()}, "trying costs")
    search.close_in()
    search.run({name: each.way_points() for name, each in search.limits.items()}, "filling in the curves")
    search.close_in()  # where a point on the way was not borne
    return CostLimits(real, search.limits)


@dataclass
class _Search:
    """The runs of a search, numbered as they come."""

    job: Job
    workers: Workers
    limits: dict[str, CostLimit]
    number: int = 0

    def run(self, wanted: Mapping[str, Sequence[float]], what: str) -> bool:
        """Run each cost at some values; tell whether there were any."""
        pairs = [(name, value) for name, values in wanted.items() for value in values]
        if not pairs:
            return False
        trials = [*self._trials(pairs)]
        for (name, value), outcome in zip(pairs, outcomes_of(self.job, trials, self.workers, what), strict=True):
            limit = self.limits[name]
            if outcome.error is not None:
                raise DataError(f"the run with a {name} of {limit.cost.text(value)} fails: {outcome.error}")
            limit.runs[value] = outcome
        return True

    def close_in(self) -> None:
        """Run until every break-even is near enough."""
        while self.run(
            {name: each.open_points() for name, each in self.limits.items()}, "closing in on the break-even"
        ):
            pass

    def _trials(self, pairs: Sequence[tuple[str, float]]) -> Iterator[Trial]:
        for name, value in pairs:
            self.number += 1
            yield Trial(self.number, self.limits[name].cost.fields(self.job.config, value))
