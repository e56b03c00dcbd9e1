"""What the closed trades amount to, all together and part by part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from math import sqrt
from typing import Any

import numpy as np

from ..account import Closing
from ..market.series import FloatColumn, TimeColumn
from ..periods import DAY_MS
from .statistics import ROUNDING

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONDAY = 4  # 1970-01-01 was a Thursday


def trade_figures(closings: Sequence[Closing]) -> dict[str, Any]:
    """Return the figures of closed trades, in order of their exits, under their names."""
    pnl = np.array([each.pnl for each in closings], np.float64)
    won, lost = longest_streaks(pnl)
    multiples = [each.pnl / risk for each in closings if (risk := each.risk) is not None]
    held = [each.fill.timestamp - each.held.opened_at for each in closings]
    return {
        **trade_statistics(pnl),
        "payoff_ratio": payoff_ratio(pnl),
        "expectancy": float(pnl.mean()) if len(pnl) else None,
        "expectancy_r": sum(multiples) / len(multiples) if multiples else None,
        "r_count": len(multiples),
        "sqn": system_quality(pnl),
        "longest_win_streak": won,
        "longest_loss_streak": lost,
        "avg_holding_ms": round(sum(held) / len(held)) if held else None,
        "longest_holding_ms": max(held, default=None),
        "breakdown": list(breakdown(closings)),
    }


def trade_statistics(net_pnl: Sequence[float] | FloatColumn) -> dict[str, Any]:
    """Return what closed trades with these net results in USD amount to, under the names of the figures; 0 where there
    is no such trade. One of exactly 0 neither wins nor loses.

    `win_rate` is in percent of all trades; `avg_loss` and `largest_loss` are negative; `profit_factor` is gross profit
    over gross loss, None without a loss.
    """
    pnl = np.asarray(net_pnl, np.float64)
    wins, losses = pnl[pnl > 0.0], pnl[pnl < 0.0]
    gross_profit, gross_loss = float(wins.sum()), float(losses.sum())
    return {
        "total_trades": len(pnl),
        "winning_trades": len(wins),
        "losing_trades": len(losses),
        "win_rate": 100.0 * len(wins) / len(pnl) if len(pnl) else 0.0,
        "profit_factor": gross_profit / -gross_loss if len(losses) else None,
        "avg_win": gross_profit / len(wins) if len(wins) else 0.0,
        "avg_loss": gross_loss / len(losses) if len(losses) else 0.0,
        "largest_win": float(wins.max(initial=0.0)),
        "largest_loss": float(losses.min(initial=0.0)),
    }


def payoff_ratio(net_pnl: FloatColumn) -> float | None:
    """Return the mean win over the mean loss, positive; None without a win or without a loss."""
    wins, losses = net_pnl[net_pnl > 0.0], net_pnl[net_pnl < 0.0]
    return float(wins.mean()) / -float(losses.mean()) if len(wins) and len(losses) else None


def system_quality(net_pnl: FloatColumn) -> float | None:
    """Return the system quality number sqrt(n) x mean / sample deviation (ddof 1) of net results (Tharp 2008, there of
    R multiples; of USD as most back-testers have it).

    None with fewer than two trades, or when all of them are equal.
    """
    if len(net_pnl) < 2:
        return None
    deviation = float(net_pnl.std(ddof=1))
    is_rounding = deviation <= ROUNDING * float(np.abs(net_pnl).max())
    return None if is_rounding else sqrt(len(net_pnl)) * float(net_pnl.mean()) / deviation


def longest_streaks(net_pnl: FloatColumn) -> tuple[int, int]:
    """Return how many wins, and how many losses, came one after another at most; exactly 0 ends either."""
    longest = {1.0: 0, -1.0: 0, 0.0: 0}
    for sign, run in groupby(np.sign(net_pnl).tolist()):
        longest[sign] = max(longest[sign], sum(1 for _ in run))
    return longest[1.0], longest[-1.0]


def breakdown(closings: Sequence[Closing]) -> Iterator[dict[str, Any]]:
    """Return what the trades with one symbol, one side and so on brought, one row for each. A trade belongs to the pool
    that opened it, and to the UTC month and weekday in which it was closed.
    """
    pnl = [each.pnl for each in closings]
    for by, (keys_of, label) in _PARTS.items():
        parts: dict[Any, list[float]] = defaultdict(list)
        for key, each in zip(keys_of(closings), pnl, strict=True):
            parts[key].append(each)
        for key in sorted(parts):
            yield {"by": by, "part": label(key), **_part(parts[key])}


def parts_by(rows: Iterable[Mapping[str, Any]], by: str) -> list[Mapping[str, Any]]:
    """Return those rows of a breakdown that are by one thing, a word of `PARTS`; another is a `ValueError`."""
    if by not in PARTS:
        raise ValueError(f"there is no breakdown by {by!r}: by {', '.join(PARTS)}")
    return [each for each in rows if each["by"] == PARTS[by]]


def _part(pnl: Sequence[float]) -> dict[str, Any]:
    figures, total = trade_statistics(pnl), sum(pnl)
    names = ("total_trades", "winning_trades", "win_rate", "profit_factor")
    return {**{name: figures[name] for name in names}, "pnl": total, "avg_pnl": total / len(pnl)}


def _symbols(closings: Sequence[Closing]) -> list[str]:
    return [each.held.symbol for each in closings]


def _sides(closings: Sequence[Closing]) -> list[str]:
    return [each.held.side for each in closings]


def _purposes(closings: Sequence[Closing]) -> list[Any]:
    return [each.fill.purpose for each in closings]


def _pools(closings: Sequence[Closing]) -> list[str]:
    triggers = [each.held.origin.trigger for each in closings]
    return ["" if trigger is None else trigger.pool_name or trigger.trigger_type for trigger in triggers]


def _months(closings: Sequence[Closing]) -> list[int]:
    """Return for each trade in which month since the start of 1970 it was closed, UTC."""
    months: list[int] = _exits(closings).astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64).tolist()
    return months


def _weekdays(closings: Sequence[Closing]) -> list[int]:
    """Return for each trade on which day of the week it was closed, UTC, from Monday on."""
    days: list[int] = ((_exits(closings) // DAY_MS - _MONDAY) % 7).tolist()
    return days


def _exits(closings: Sequence[Closing]) -> TimeColumn:
    return np.array([each.fill.timestamp for each in closings], np.int64)


#: By what the trades are parted: the key of each trade, by which the parts are sorted, and the text of a key.
_PARTS: Mapping[str, tuple[Callable[[Sequence[Closing]], Iterable[Any]], Callable[[Any], str]]] = {
    "symbol": (_symbols, str),
    "side": (_sides, str),
    "exit": (_purposes, lambda reason: reason.label),
    "pool": (_pools, str),
    "month": (_months, lambda month: f"{1970 + month // 12}-{month % 12 + 1:02}"),
    "weekday": (_weekdays, lambda day: _WEEKDAYS[day]),
}
#: The words for what trades can be parted by, and what that is called in a breakdown.
PARTS: Mapping[str, str] = {"exit_reason" if by == "exit" else by: by for by in _PARTS}
