"""Why a figure has no value, in a few words that stand in its place, and what to know of one that has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..periods import DAY_MS
from .pnl_range import RANGE_FIGURES
from .statistics import FEWEST_FOR_LINE, FEWEST_FOR_SHAPE

#: What a shorter run brought is not taken to a year.
FEWEST_DAYS_OF_A_YEAR = 30

#: A ratio of fewer daily returns has a remark.
FEWEST_TO_TELL = 30
_OF_RETURNS = ("sharpe_ratio", "sortino_ratio", "omega_ratio", "annual_volatility_percent")

Figures = Mapping[str, Any]
_Why = tuple[str, Callable[[Figures], bool]]


def undefined(figures: Figures) -> dict[str, str]:
    """Return for each figure that is None, by its name, the first reason that holds."""
    missing = (name for name in REASONS if figures[name] is None)
    return {name: next(why for why, holds in REASONS[name] if holds(figures)) for name in missing}


def remarks(figures: Figures) -> dict[str, str]:
    """Return for each ratio of so few daily returns that chance decides it, by its name, of how many it is."""
    count = figures["return_count"]
    names = _OF_RETURNS if count < FEWEST_TO_TELL else ()
    text = f"of {count} daily return{'' if count == 1 else 's'}: chance decides it"
    return {name: text for name in names if figures[name] is not None}


def is_short(start_ms: int, end_ms: int) -> bool:
    """Tell whether a run is too short to be taken to a year."""
    return end_ms - start_ms < FEWEST_DAYS_OF_A_YEAR * DAY_MS


def _fewer(count: int) -> _Why:
    return f"under {count} returns", lambda figures: figures["return_count"] < count


_SHORT: _Why = (
    f"under {FEWEST_DAYS_OF_A_YEAR} days",
    lambda figures: is_short(figures["start_time"], figures["end_time"]),
)
_IDLE: _Why = "nothing traded", lambda figures: figures["fills"] == 0
_NO_TRADES: _Why = "no trades", lambda figures: figures["total_trades"] == 0
_NO_WIN: _Why = "no win", lambda figures: figures["winning_trades"] == 0
_NO_FALL: _Why = "no drawdown", lambda figures: figures["max_drawdown"] <= 0.0
_NO_RULE: _Why = "no rule to vary", lambda figures: not figures["ambiguous_klines"]


def _else(why: str) -> _Why:
    return why, lambda _: True


REASONS: Mapping[str, tuple[_Why, ...]] = {
    **dict.fromkeys(RANGE_FIGURES, (_NO_RULE, _else("not asked for"))),
    "recovery_ms": (_NO_FALL, _else("not recovered")),
    "max_drawdown_from": (_else("no drawdown"),),
    "max_drawdown_at": (_else("no drawdown"),),
    "avg_drawdown_percent": (_else("no drawdown"),),
    "avg_drawdown_ms": (_else("no drawdown"),),
    "recovery_factor": (_else("no drawdown"),),
    "sharpe_ratio": (_IDLE, _fewer(2), _else("no deviation")),
    "sharpe_error": (_IDLE, _fewer(FEWEST_FOR_SHAPE), _else("no deviation")),
    "sortino_ratio": (_IDLE, _fewer(2), _else("no negative day")),
    "omega_ratio": (_IDLE, _fewer(2), _else("no negative day")),
    "best_day_percent": (_else("no returns"),),
    "worst_day_percent": (_else("no returns"),),
    "return_skew": (_IDLE, _fewer(FEWEST_FOR_SHAPE), _else("no deviation")),
    "return_kurtosis": (_IDLE, _fewer(FEWEST_FOR_SHAPE), _else("no deviation")),
    "beta": (_fewer(FEWEST_FOR_LINE), _else("prices flat")),
    "annual_alpha_percent": (_SHORT, _fewer(FEWEST_FOR_LINE), _else("prices flat")),
    "calmar_ratio": (_SHORT, _NO_FALL, _else("too large")),
    "annual_return_percent": (_SHORT, _else("too large")),
    "annual_volatility_percent": (_IDLE, _fewer(2)),
    "profit_factor": (_NO_TRADES, _else("no loss")),
    "payoff_ratio": (_NO_TRADES, _NO_WIN, _else("no loss")),
    "expectancy": (_else("no trades"),),
    "expectancy_ratio": (_NO_TRADES, _else("no loss")),
    "kelly_percent": (_NO_TRADES, _NO_WIN, _else("no loss")),
    "best_trade_percent": (_else("no trades"),),
    "worst_trade_percent": (_else("no trades"),),
    "avg_trade_percent": (_else("no trades"),),
    "avg_win_percent": (_NO_TRADES, _else("no win")),
    "avg_loss_percent": (_NO_TRADES, _else("no loss")),
    "avg_win_holding_ms": (_NO_TRADES, _else("no win")),
    "avg_loss_holding_ms": (_NO_TRADES, _else("no loss")),
    "expectancy_r": (_NO_TRADES, _else("no stop")),
    "sqn": (_NO_TRADES, ("under 2 trades", lambda figures: figures["total_trades"] < 2), _else("no deviation")),
    "avg_holding_ms": (_else("no trades"),),
    "longest_holding_ms": (_else("no trades"),),
}
