"""The lines on what one run is made of: few trades, one month, one side, holes in its data, guesses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from engine import BacktestResult
from engine.plain_values import counted
from engine.result import Unit, parts_by

from ..output import share_text
from ..results import unit_text
from .card_line import CardLine, Grade, allowed

BEST_TRADES = 5
FEWEST_TRADES = 30
FEWEST_MONTHS = 3
FEWEST_OF_A_SIDE = 15

#: A side that loses more than this share of what the other earns pulls it down.
MOST_LOST = 0.5

GOOD_MISSING, DOUBTFUL_MISSING = 0.001, 0.01
GOOD_AMBIGUOUS, DOUBTFUL_AMBIGUOUS = 0.01, 0.05


def record_lines(result: BacktestResult) -> Iterator[CardLine]:
    """Yield the lines on one result."""
    yield _best_trades(result)
    yield _best_month(result)
    yield _sides(result)
    yield _missing(result)
    yield _ambiguous(result)


def _best_trades(result: BacktestResult) -> CardLine:
    meaning = f"Net PnL in USD without the {BEST_TRADES} trades that brought most"
    name, title = "best_trades", "Without the best trades"
    brought = sorted((trade.pnl for trade in result.trades), reverse=True)[:BEST_TRADES]
    if not brought:
        return CardLine(name, title, "-", Grade.NOT_TOLD, "nothing was traded", meaning)
    left = result.total_pnl - sum(brought)
    grade, reason = Grade.BAD, "it loses with them, too"
    if result.total_pnl > 0.0:
        grade, reason = _left(result.total_pnl, left, f"the best {BEST_TRADES} trades")
        grade, reason = allowed(grade, reason, result.total_trades, FEWEST_TRADES, "closed trade")
    facts = {"pnl": result.total_pnl, "pnl_without": left, "trades": result.total_trades}
    return CardLine(name, title, _usd(left), grade, reason, meaning, facts)


def _best_month(result: BacktestResult) -> CardLine:
    meaning = "Net PnL in USD without the UTC month that brought most"
    name, title = "best_month", "Without the best month"
    months = _by_month(result)
    best = max(months, key=lambda month: months[month])
    left = result.total_pnl - months[best]
    if not result.total_trades:
        grade, reason = Grade.NOT_TOLD, "nothing was traded"
    elif result.total_pnl > 0.0:
        grade, reason = allowed(*_left(result.total_pnl, left, best), len(months), FEWEST_MONTHS, "month")
    else:
        grade, reason = Grade.BAD, "it loses with it, too"
    facts = {"pnl": result.total_pnl, "pnl_without": left, "best_month": best, "months": months}
    return CardLine(name, title, _usd(left), grade, reason, meaning, facts)


def _usd(amount: float) -> str:
    return f"{unit_text(Unit.USD, amount, True)} USD"


def _percent(share: float | None) -> str:
    return unit_text(Unit.PERCENT, share, True)


def _by_month(result: BacktestResult) -> dict[str, float]:
    """Return what equity gained in each UTC month, by its name as in 2024-02."""
    times, equity = result.equity.daily()
    found: dict[str, float] = defaultdict(float)
    for begun, gained in zip(times[:-1].astype("datetime64[ms]").astype("datetime64[M]"), np.diff(equity), strict=True):
        found[str(begun)] += float(gained)
    return dict(found) or {"the range": 0.0}


def _left(total: float, left: float, without: str) -> tuple[Grade, str]:
    """Return the verdict on what is left of a profit."""
    if left <= 0.0:
        return Grade.BAD, f"all of the profit is that of {without}"
    share = left / total
    grade = Grade.GOOD if share >= 0.5 else Grade.DOUBTFUL
    return grade, f"{100.0 * (1.0 - share):.0f} % of the profit is that of {without}"


def _sides(result: BacktestResult) -> CardLine:
    meaning = "Net PnL in USD of the closed trades that bought, and of those that sold short"
    name, title = "sides", "Long and short"
    sides = {row["part"]: row for row in parts_by(result.breakdown, "side")}
    if not sides:
        return CardLine(name, title, "-", Grade.NOT_TOLD, "nothing was traded", meaning)
    pnl = {side: row["pnl"] for side, row in sides.items()}
    facts = {side: {"pnl": row["pnl"], "trades": row["total_trades"]} for side, row in sides.items()}
    value = ", ".join(f"{side} {unit_text(Unit.USD, earned, True)}" for side, earned in pnl.items())
    fewest = min(row["total_trades"] for row in sides.values())
    if max(pnl.values()) <= 0.0:
        grade, reason = Grade.BAD, "no side earns"
    elif len(sides) == 1:
        brought = _percent(result.total_pnl_percent)
        holding = f"holding brought {_percent(result.holding_percent)}, the program {brought}"
        grade, reason = (
            Grade.DOUBTFUL,
            f"it only goes {next(iter(sides))}: how it does in another market is open; {holding}",
        )
    elif min(pnl.values()) > 0.0:
        grade, reason = Grade.GOOD, "both sides earn"
    else:
        worst = min(pnl, key=lambda side: pnl[side])
        lost = -pnl[worst] / max(pnl.values())
        grade = Grade.BAD if lost > MOST_LOST else Grade.DOUBTFUL
        reason = f"the {worst} side loses {100.0 * lost:.0f} % of what the other earns"
    grade, reason = allowed(
        grade, reason, fewest, FEWEST_OF_A_SIDE, "closed trade of a side", "closed trades of a side"
    )
    return CardLine(name, title, value, grade, reason, meaning, facts)


def _missing(result: BacktestResult) -> CardLine:
    meaning = "Share of klines that are missing in the data: what happened then nobody knows"
    name, title = "missing", "Missing minutes"
    klines = [row for row in result.data_coverage if row["series"] == "klines" and row["expected"]]
    if not klines:
        return CardLine(name, title, "-", Grade.NOT_TOLD, "there are no klines in the range", meaning)
    worst = max(klines, key=lambda row: row["missing"] / row["expected"])
    share = worst["missing"] / worst["expected"]
    longest = f", {worst['longest_hole']:,} of them in a row" if worst["missing"] else ""
    reason = f"{worst['missing']:,} of {counted(worst['expected'], 'kline')} of {worst['symbol']}{longest}"
    facts = {row["symbol"]: {"missing": row["missing"], "expected": row["expected"]} for row in klines}
    grade = _at_most(share, GOOD_MISSING, DOUBTFUL_MISSING)
    return CardLine(name, title, share_text(worst["missing"], worst["expected"]), grade, reason, meaning, facts)


def _ambiguous(result: BacktestResult) -> CardLine:
    meaning = (
        "Share of exits whose kline touched two of them: which came first is a guess, the worse one unless told; and "
        "how far apart the net PnL lies by the rules for such klines"
    )
    name, title = "ambiguous", "Ambiguous exits"
    if not result.total_trades:
        return CardLine(name, title, "-", Grade.NOT_TOLD, "nothing was traded", meaning)
    count, trades = result.ambiguous_klines, result.total_trades
    grade, reason = (
        _at_most(count / trades, GOOD_AMBIGUOUS, DOUBTFUL_AMBIGUOUS),
        f"{count:,} of {counted(trades, 'closed trade')}",
    )
    grade, reason = allowed(grade, reason, trades, FEWEST_TRADES, "closed trade")
    facts = {"ambiguous_klines": count, "trades": trades, "pnl_low": result.pnl_low, "pnl_high": result.pnl_high}
    return CardLine(name, title, f"{share_text(count, trades)}{_width(result)}", grade, reason, meaning, facts)


def _width(result: BacktestResult) -> str:
    """Return how far the net PnL lies apart by the rules for ambiguous klines, where that is anything."""
    return f", {result.pnl_width:,.2f} USD wide" if result.pnl_width else ""


def _at_most(share: float, good: float, doubtful: float) -> Grade:
    if share <= good:
        return Grade.GOOD
    return Grade.DOUBTFUL if share <= doubtful else Grade.BAD
