"""What the closed trades amount to, all together and part by part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import sqrt
from typing import Any, NamedTuple, Self

import numpy as np

from ..account import Closing
from ..market.series import FloatColumn, TimeColumn
from ..periods import DAY_MS
from .statistics import ROUNDING

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONDAY = 4  # 1970-01-01 was a Thursday


class _Columns(NamedTuple):
    """What is known of each closed trade: net PnL in USD and in percent of the entry, fees, funding, time held."""

    pnl: FloatColumn
    percent: FloatColumn
    fees: FloatColumn
    funding: FloatColumn
    held_ms: TimeColumn

    @classmethod
    def of(cls, closings: Sequence[Closing]) -> Self:
        notional = np.array([each.fill.size * each.held.entry_price for each in closings], np.float64)
        pnl = np.array([each.pnl for each in closings], np.float64)
        return cls(
            pnl,
            np.divide(100.0 * pnl, notional, out=np.zeros(len(pnl)), where=notional > 0.0),
            np.array([each.fee for each in closings], np.float64),
            np.array([each.funding for each in closings], np.float64),
            np.array([each.fill.timestamp - each.held.opened_at for each in closings], np.int64),
        )


def trade_figures(closings: Sequence[Closing], days: float) -> dict[str, Any]:
    """Return the figures of closed trades, in order of their exits, under their names; `days` is how long was run."""
    columns = _Columns.of(closings)
    pnl = columns.pnl
    won, lost = longest_streaks(pnl)
    multiples = [each.pnl / risk for each in closings if (risk := each.risk) is not None]
    return {
        **trade_statistics(pnl),
        "gross_profit": float(pnl[pnl > 0.0].sum()),
        "gross_loss": float(pnl[pnl < 0.0].sum()),
        "payoff_ratio": payoff_ratio(pnl),
        "expectancy": float(pnl.mean()) if len(pnl) else None,
        "expectancy_ratio": expectancy_ratio(pnl),
        "expectancy_r": sum(multiples) / len(multiples) if multiples else None,
        "r_count": len(multiples),
        "sqn": system_quality(pnl),
        "kelly_percent": kelly_percent(pnl),
        **_in_percent(pnl, columns.percent),
        "longest_win_streak": won,
        "longest_loss_streak": lost,
        "trades_per_day": len(pnl) / days,
        **_holding(pnl, columns.held_ms),
        "breakdown": list(breakdown(closings, columns)),
    }


def _in_percent(pnl: FloatColumn, percent: FloatColumn) -> dict[str, Any]:
    return {
        "best_trade_percent": float(percent.max()) if len(percent) else None,
        "worst_trade_percent": float(percent.min()) if len(percent) else None,
        "avg_trade_percent": _mean(percent),
        "avg_win_percent": _mean(percent[pnl > 0.0]),
        "avg_loss_percent": _mean(percent[pnl < 0.0]),
    }


def _holding(pnl: FloatColumn, held_ms: TimeColumn) -> dict[str, Any]:
    return {
        "avg_holding_ms": _mean_ms(held_ms),
        "longest_holding_ms": int(held_ms.max()) if len(held_ms) else None,
        "avg_win_holding_ms": _mean_ms(held_ms[pnl > 0.0]),
        "avg_loss_holding_ms": _mean_ms(held_ms[pnl < 0.0]),
    }


def _mean(values: FloatColumn) -> float | None:
    return float(values.mean()) if len(values) else None


def _mean_ms(spans: TimeColumn) -> int | None:
    return round(int(spans.sum()) / len(spans)) if len(spans) else None


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


def expectancy_ratio(net_pnl: FloatColumn) -> float | None:
    """Return the mean result over the mean loss, positive where trades win: what is expected of each unit that a loss
    costs (as freqtrade has it: (1 + payoff ratio) x share of wins - 1). None without a loss.
    """
    losses = net_pnl[net_pnl < 0.0]
    return float(net_pnl.mean()) / -float(losses.mean()) if len(losses) else None


def kelly_percent(net_pnl: FloatColumn) -> float | None:
    """Return the Kelly criterion W - (1 - W) / R in percent, of the share W of trades that won and the payoff ratio R
    (Kelly 1956): the share of capital to put at risk in each of such trades. None without a win or without a loss.
    """
    payoff = payoff_ratio(net_pnl)
    if payoff is None:
        return None
    won = float((net_pnl > 0.0).mean())
    return 100.0 * (won - (1.0 - won) / payoff)


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
    signs = np.sign(net_pnl)
    last = np.flatnonzero(np.diff(signs, append=np.nan))  # of each streak; after the last trade another sign comes
    lengths = np.diff(last, prepend=-1)
    wins, losses = (int(lengths[signs[last] == sign].max(initial=0)) for sign in (1.0, -1.0))
    return wins, losses


def breakdown(closings: Sequence[Closing], columns: _Columns) -> Iterator[dict[str, Any]]:
    """Return what the trades with one symbol, one side and so on brought, one row for each. A trade belongs to the pool
    that opened it, and to the UTC month and weekday in which it was closed.
    """
    pnl = columns.pnl.tolist()
    for by, (keys_of, label) in _PARTS.items():
        parts: dict[Any, list[float]] = defaultdict(list)
        keys = list(keys_of(closings))
        for key, each in zip(keys, pnl, strict=True):
            parts[key].append(each)
        means = _means([*parts], keys, columns)
        for key in sorted(parts):
            yield {"by": by, "part": label(key), **_part(parts[key]), **means[key]}


def _means(parts: Sequence[Any], keys: Sequence[Any], columns: _Columns) -> dict[Any, dict[str, Any]]:
    """Return of each part what is a sum or a mean of its trades; of all parts at once, as most are small."""
    place_of = {key: place for place, key in enumerate(parts)}
    places = np.array([place_of[key] for key in keys], np.int64)
    counts = np.bincount(places, minlength=len(parts))
    percent, fees, funding, held_ms = (
        np.bincount(places, column, len(parts))
        for column in (columns.percent, columns.fees, columns.funding, columns.held_ms)
    )
    names = "fees", "funding", "avg_holding_ms", "avg_trade_percent"
    rows = zip(
        fees.tolist(), (funding + 0.0).tolist(), (held_ms / counts).tolist(), (percent / counts).tolist(), strict=True
    )
    found = {key: dict(zip(names, row, strict=True)) for key, row in zip(parts, rows, strict=True)}
    for each in found.values():
        each["avg_holding_ms"] = round(each["avg_holding_ms"])
    return found


def parts_by(rows: Iterable[Mapping[str, Any]], by: str) -> list[Mapping[str, Any]]:
    """Return those rows of a breakdown that are by one thing, a word of `PARTS`; another is a `ValueError`."""
    if by not in list(PARTS):  # a list has no hash
        raise ValueError(f"there is no breakdown by {by!r}: by {', '.join(PARTS)}")
    return [each for each in rows if each["by"] == PARTS[by]]


def _part(pnl: Sequence[float]) -> dict[str, Any]:
    figures, total = trade_statistics(pnl), sum(pnl)
    names = (
        "total_trades",
        "winning_trades",
        "losing_trades",
        "win_rate",
        "profit_factor",
        "largest_win",
        "largest_loss",
    )
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
