"""Monte Carlo of the closed trades: in other orders, and drawn with replacement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from engine import DataError
from engine.plain_values import counted
from engine.resampling import TradePaths, reordered_trades, resampled_trades, trade_path
from engine.result import Unit

from ..output import share_text
from ..study_pictures import MeaningRow, ValueSpread, draw_histograms
from .ensemble import Ensemble, Told
from .spread import HEADS, Spread

if TYPE_CHECKING:
    from ..study_pictures import Picture

_FALL, _FALL_PERCENT = "largest drawdown, USD", "largest drawdown, %"
#: What is drawn.
_DRAWN = ("order_max_drawdown_percent", "max_drawdown_percent", "final_equity")


@dataclass(eq=False, repr=False)
class TradeEnsemble(Ensemble):
    """Paths of the account from trade to trade: `real` as it was, `orders` of the same trades in other orders,
    `resampled` of as many trades drawn from them with replacement; see `TradePaths`.

    What a trade brought in USD stays what it was. What positions were worth on the way is not in it: drawdowns are
    those between the ends of trades, also that of `real`.
    """

    kind = "trades"

    trades: int
    initial_balance: float
    seed: int
    real: TradePaths
    orders: TradePaths
    resampled: TradePaths

    @property
    def spreads(self) -> dict[str, Spread]:
        """How each figure spreads, by name: those of other orders, and those of drawn trades."""
        real = self.real
        found = [
            _spread("order_max_drawdown", f"other order: {_FALL}", self.orders.max_drawdown, real.max_drawdown),
            _spread(
                "order_max_drawdown_percent",
                f"other order: {_FALL_PERCENT}",
                self.orders.max_drawdown_percent,
                real.max_drawdown_percent,
                Unit.PERCENT,
            ),
            _spread("final_equity", "drawn: final equity, USD", self.resampled.final_equity, real.final_equity),
            _spread("max_drawdown", f"drawn: {_FALL}", self.resampled.max_drawdown, real.max_drawdown),
            _spread(
                "max_drawdown_percent",
                f"drawn: {_FALL_PERCENT}",
                self.resampled.max_drawdown_percent,
                real.max_drawdown_percent,
                Unit.PERCENT,
            ),
        ]
        return {each.name: each for each in found}

    def told(self) -> Told:
        """Return what is shown of it."""
        count = len(self.orders.ruined)
        notes = [
            f"ruined: {share_text(int(self.orders.ruined.sum()), count)} of the orders, "
            f"{share_text(int(self.resampled.ruined.sum()), count)} of the draws; "
            f"a loss at the end: {self._lost} of the draws",
            "drawdowns between the ends of trades, each trade with the USD that it brought",
        ]
        title = f"Monte Carlo of {counted(self.trades, 'closed trade')}, {counted(count, 'path')}, seed {self.seed}"
        return Told(title, HEADS, [each.cells for each in self.spreads.values()], notes)

    def rows(self) -> list[dict[str, Any]]:
        """Return the paths, one of either kind a row."""
        columns = {
            "order_max_drawdown": self.orders.max_drawdown,
            "order_max_drawdown_percent": self.orders.max_drawdown_percent,
            "order_ruined": self.orders.ruined,
            "final_equity": self.resampled.final_equity,
            "max_drawdown": self.resampled.max_drawdown,
            "max_drawdown_percent": self.resampled.max_drawdown_percent,
            "ruined": self.resampled.ruined,
        }
        values = zip(*(column.tolist() for column in columns.values()), strict=True)
        return [{"path": place, **dict(zip(columns, row, strict=True))} for place, row in enumerate(values, 1)]

    def summary(self) -> dict[str, Any]:
        """Return what it comes to as plain values."""
        return {
            "seed": self.seed,
            "trades": self.trades,
            "paths": len(self.orders.ruined),
            "initial_balance": self.initial_balance,
            "ruined_percent": 100.0 * float(self.resampled.ruined.mean()),
            "order_ruined_percent": 100.0 * float(self.orders.ruined.mean()),
            "loss_percent": 100.0 * float((self.resampled.final_equity < self.initial_balance).mean()),
            "spreads": {name: each.to_dict() for name, each in self.spreads.items()},
        }

    def tiles(self) -> list[MeaningRow]:
        """Return its main figures with what they mean."""
        count = len(self.orders.ruined)
        ruined = share_text(int(self.resampled.ruined.sum()), count)
        return [
            MeaningRow("Closed trades", f"{self.trades:,}", "How many are put in other orders, and drawn from"),
            MeaningRow("Paths", f"{count:,}", "How many orders there are, and how many draws"),
            MeaningRow("Ruined", ruined, "How many of the draws leave the account with 0 or less after a trade"),
            MeaningRow("A loss at the end", self._lost, "How many of the draws end below the initial balance"),
            *self.spreads["order_max_drawdown_percent"].tiles("other orders"),
            *self.spreads["final_equity"].tiles("draws"),
        ]

    @property
    def _lost(self) -> str:
        lost = int((self.resampled.final_equity < self.initial_balance).sum())
        return share_text(lost, len(self.resampled.final_equity))

    def _drawn(self) -> Picture:
        shown = [self.spreads[name] for name in _DRAWN]
        return draw_histograms(
            self.told().title, [ValueSpread(each.title, each.values, each.quantiles, each.real) for each in shown]
        )


def _spread(name: str, title: str, values: Any, real: Any, unit: Unit = Unit.USD) -> Spread:
    return Spread(name, title, unit, values, float(real[0]))


def trade_ensemble(net_pnl: Sequence[float], initial_balance: float, paths: int, seed: int = 0) -> TradeEnsemble:
    """Return `paths` other orders of closed trades with these net results (USD), and as many draws with replacement.

    Raises `DataError` without trades, `ConfigurationError` for no paths.
    """
    pnl = np.asarray(net_pnl, np.float64)
    if not len(pnl):
        raise DataError("the run has no closed trades: there is nothing to put in another order")
    ordering, drawing = (np.random.default_rng(each) for each in np.random.SeedSequence(seed).spawn(2))
    return TradeEnsemble(
        len(pnl),
        initial_balance,
        seed,
        trade_path(pnl, initial_balance),
        reordered_trades(pnl, initial_balance, paths, ordering),
        resampled_trades(pnl, initial_balance, paths, drawing),
    )
