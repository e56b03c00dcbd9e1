"""Which ensemble somebody asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine import ConfigurationError
from engine.plain_values import shown

from ..trials import Job, Trial, run_trials
from ..workers import Workers
from .break_even import CostLimits, cost_limits
from .drawn_markets import MarketEnsemble, market_ensemble
from .drawn_trades import TradeEnsemble, trade_ensemble
from .ensemble import Ensemble
from .ensemble_source import ClosedTrades, trades_of_outcome, unlike
from .later_starts import ShiftEnsemble, shift_ensemble

_MODES = ("trades", "klines", "start_shift", "costs")
#: More paths and runs than these no machine holds: each has a row.
_MOST = {"trades": 1_000_000, "klines": 100_000, "start_shift": 100_000}


@dataclass(frozen=True, kw_only=True)
class EnsembleRequest:
    """One of `trades`, `klines` and `start_shift`, each a number of paths or runs, and `costs`; what is drawn is drawn
    with `seed`, blocks of klines last `mean_block_ms` on average. Raises `ConfigurationError` with all that is wrong.
    """

    trades: int | None = None
    klines: int | None = None
    start_shift: int | None = None
    costs: bool = False
    seed: int = 0
    mean_block_ms: float | None = None

    def __post_init__(self) -> None:
        problems = [*self._wrong_numbers()]
        asked = [name for name in _MODES if getattr(self, name) not in (None, False)]
        if len(asked) != 1 and not problems:
            given = f"{' and '.join(asked)} are there" if asked else "none is there"
            problems.append(f"give one of {', '.join(_MODES[:-1])} and {_MODES[-1]}: {given}")
        if self.mean_block_ms is not None and self.klines is None:
            problems.append("mean_block: there are blocks with klines only")
        if self.mean_block_ms is not None and self.mean_block_ms <= 0:
            problems.append("mean_block: a block of no length holds nothing: give 1m or more")
        if problems:
            raise ConfigurationError(problems)

    def _wrong_numbers(self) -> list[str]:
        found = []
        for name, least in (("trades", 1), ("klines", 1), ("start_shift", 1), ("seed", 0)):
            value = getattr(self, name)
            if value is not None and (type(value) is not int or value < least):
                found.append(f"{name}: {shown(value)} is no whole number from {least} on")
            elif value is not None and value > _MOST.get(name, value):
                found.append(f"{name}: {value:,} are too many: at most {_MOST[name]:,} can be")
        return found

    def of_trades(self, trades: ClosedTrades) -> TradeEnsemble:
        """Return the ensemble of closed trades. Raises `DataError` where there are none."""
        assert self.trades is not None
        made = trade_ensemble(trades.net_pnl, trades.initial_balance, self.trades, self.seed)
        made.configuration = trades.configuration
        return made

    def of_job(
        self, job: Job, workers: Workers, figures: Mapping[str, Any] | None = None, what: str = "this result"
    ) -> Ensemble:
        """Return the ensemble of a job's run; where it is that of a result, `what` it is called and its `figures`: a
        remark says where its run gives others now.
        """
        if self.trades is not None:
            (outcome,) = run_trials(replace(job, keep_trades=True), [Trial(0)], workers)
            return self.of_trades(trades_of_outcome(outcome, job.config))
        made = self._of_runs(job, workers)
        made.configuration = job.config.to_dict()
        made.remarks = () if figures is None else unlike(figures, made.real, what)
        return made

    def _of_runs(self, job: Job, workers: Workers) -> MarketEnsemble | ShiftEnsemble | CostLimits:
        if self.klines is not None:
            return market_ensemble(job, self.klines, workers, self.seed, self.mean_block_ms)
        if self.start_shift is not None:
            return shift_ensemble(job, self.start_shift, workers)
        return cost_limits(job, workers)
