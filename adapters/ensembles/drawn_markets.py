"""Monte Carlo of the market: the program runs on recorded minutes in another order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from engine import ConfigurationError, MarketHistory
from engine.durations import duration_name
from engine.market.series import FloatColumn, TimeColumn
from engine.periods import DAY_MS, MINUTE_MS
from engine.resampling import bootstrapped_market
from engine.result import Unit

from ..results import unit_text
from ..study_pictures import draw_equity_fan
from ..trials import Job, Trial
from ..workers import Workers
from .run_ensemble import RunEnsemble, outcomes_of, real_and_others, require_some
from .spread import QUANTILES

if TYPE_CHECKING:
    import pandas

    from ..study_pictures import Picture

#: So many steps the equity curves are kept in.
CURVE_POINTS = 400
#: Blocks are no longer than this part of the range, and no shorter than so many klines, unless it is said.
_LEAST_BLOCKS, _LEAST_KLINES = 10, 10
#: And no longer than this part where it is said.
_FEWEST_BLOCKS = 2


@dataclass(frozen=True, slots=True)
class MarketDraw:
    """Puts the market `number` that is drawn with `seed` in the place of the recorded one: `bootstrapped_market`."""

    seed: int
    number: int
    start_ms: int
    end_ms: int
    mean_block_ms: float

    def applied(self, market: MarketHistory) -> MarketHistory:
        """Return the drawn market."""
        generator = np.random.default_rng([self.seed, self.number])
        return bootstrapped_market(market, self.start_ms, self.end_ms, self.mean_block_ms, generator)


@dataclass(eq=False, repr=False)
class MarketEnsemble(RunEnsemble):
    """The program on markets that were drawn anew from the recorded one, in blocks of `mean_block_ms` on average."""

    kind = "klines"
    what = "markets"

    seed: int
    mean_block_ms: float

    def title(self) -> str:
        """Return what it is, in a line."""
        what = self.what if len(self.runs) > 1 else "market"
        blocks = unit_text(Unit.DURATION, round(self.mean_block_ms))
        return (
            f"Monte Carlo of {len(self.runs):,} {what} drawn anew, in blocks of {blocks} on average, seed {self.seed}"
        )

    @cached_property
    def times_ms(self) -> TimeColumn:
        """The instants of `bands` and `curves`, epoch ms, evenly spaced from start to end."""
        start, end = (self.real.figures[name] for name in ("start_time", "end_time"))
        return np.linspace(start, end, len(self.real.curve)).round().astype(np.int64)

    @cached_property
    def curves(self) -> FloatColumn:
        """The equity in USD of each market (rows) at each instant."""
        return np.stack([each.curve for each in self.done])

    @cached_property
    def bands(self) -> Mapping[str, FloatColumn]:
        """The quantiles of the equity at each instant, in USD, by their percent."""
        found = np.percentile(self.curves, QUANTILES, axis=0)
        return {f"{percent:g}": row for percent, row in zip(QUANTILES, found, strict=True)}

    @property
    def bands_frame(self) -> pandas.DataFrame:
        """The bands and the real equity in USD, under their UTC times."""
        import pandas

        times = pandas.DatetimeIndex(self.times_ms.astype("datetime64[ms]"), tz="UTC", name="time")
        return pandas.DataFrame({"real": self.real.curve, **self.bands}, index=times)

    def summary(self) -> dict[str, Any]:
        """Return what it comes to as plain values, with the bands."""
        bands = {name: row.tolist() for name, row in self.bands.items()}
        return {
            **super().summary(),
            "seed": self.seed,
            "mean_block_ms": self.mean_block_ms,
            "bands": {"timestamp": self.times_ms.tolist(), "real": self.real.curve.tolist(), **bands},
        }

    def _drawn(self) -> Picture:
        return draw_equity_fan(self.title(), self.times_ms, self.curves, self.real.curve, line=self._placed)


def market_ensemble(
    job: Job, markets: int, workers: Workers, seed: int = 0, mean_block_ms: float | None = None
) -> MarketEnsemble:
    """Return what a job's program comes to on so many markets drawn anew; `mean_block_ms` is how long a block lasts on
    average, without it a day, or 10 klines where that is more, and a tenth of the range where that is less.

    Each run is an ordinary one. Raises `ConfigurationError` and `DataError` for what cannot be drawn or run.
    """
    require_some(markets, "klines")
    _require_blocks(job, mean_block_ms)
    job, block = replace(job, curve_points=CURVE_POINTS), mean_block_ms or _usual_block(job)
    start, end = job.config.start_ms, job.config.end_ms
    drawn = [Trial(number, change=MarketDraw(seed, number, start, end, block)) for number in range(1, markets + 1)]
    outcomes = outcomes_of(job, [Trial(0), *drawn], workers, "running on drawn markets")
    return MarketEnsemble(*real_and_others(outcomes), seed, block)


def _require_blocks(job: Job, mean_block_ms: float | None) -> None:
    """Raise `ConfigurationError` for blocks of which less than two make a market: that is the recorded one, begun
    elsewhere.
    """
    range_ms = job.config.end_ms - job.config.start_ms
    most = max(range_ms // _FEWEST_BLOCKS // MINUTE_MS * MINUTE_MS, _longest_kline(job))
    if mean_block_ms is not None and mean_block_ms > most:
        asked, there = (unit_text(Unit.DURATION, round(each)) for each in (mean_block_ms, range_ms))
        raise ConfigurationError(
            [
                f"mean_block: blocks of {asked} in a range of {there} leave the market as it was: give at most "
                f"{duration_name(most)}, of which it takes two, or leave it out for a usual one"
            ]
        )


def _longest_kline(job: Job) -> int:
    return max(each.base.period_ms for ground in job.grounds.values() for each in ground.market.symbols.values())


def _usual_block(job: Job) -> float:
    least = _longest_kline(job)
    usual = max(DAY_MS, _LEAST_KLINES * least)
    return float(max(min(usual, (job.config.end_ms - job.config.start_ms) // _LEAST_BLOCKS), least))
