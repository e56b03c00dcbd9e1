"""The line on faults: whether what may go wrong takes the profit."""

from __future__ import annotations

from engine import BacktestResult

from ..stress import StressReport
from .card_line import CardLine, Grade, allowed, graded

FEWEST_TRADES = 30
#: Of the faults that did anything, with so many of 100 the program still earns.
GOOD_SHARE, DOUBTFUL_SHARE = 100.0, 80.0


def fault_line(result: BacktestResult, report: StressReport) -> CardLine:
    """Return the line of a stress test of the program that came to `result`."""
    meaning = (
        "In how many of the faults that did anything (outages, late data, crashes, costs, restarts) the net PnL is "
        "above 0, each in a run of its own"
    )
    name, title = "faults", "Faults"
    acted = [
        each for each in report.runs if each.outcome.error is not None or each.outcome.digest != report.plain.digest
    ]
    if not acted:
        return CardLine(name, title, "-", Grade.NOT_TOLD, "no fault did anything to it", meaning)
    earning = [each for each in acted if each.outcome.error is None and each.figures["total_pnl_percent"] > 0.0]
    liquidated = [each.name for each in acted if each.outcome.liquidations > report.plain.liquidations]
    broken = [each.name for each in acted if each.outcome.error is not None]
    grade, reason = graded(100.0 * len(earning) / len(acted), GOOD_SHARE, DOUBTFUL_SHARE), _worst(report)
    if result.total_pnl <= 0.0:
        grade, reason = Grade.BAD, "it loses without any"
    elif broken:
        grade, reason = Grade.BAD, f"it does not come to its end with: {', '.join(broken)}"
    elif liquidated:
        grade, reason = Grade.BAD, f"it is liquidated with: {', '.join(liquidated)}"
    grade, reason = allowed(grade, reason, result.total_trades, FEWEST_TRADES, "closed trades")
    facts = {"faults": {each.name: each.figures for each in report.runs}, "liquidated": liquidated, "failed": broken}
    return CardLine(name, title, f"{len(earning)} of {len(acted)} with a profit", grade, reason, meaning, facts)


def _worst(report: StressReport) -> str:
    worst = report.worst
    if worst is None:
        return "no run came to its end"
    return f"the worst is {worst.name}: {worst.figures['total_pnl_percent']:+.2f} %"
