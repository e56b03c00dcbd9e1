"""The lines on what changes with parameters and starts that nobody has chosen for a reason."""

from __future__ import annotations

from statistics import median

from engine.plain_values import counted
from engine.result import Unit

from ..results import unit_text
from ..studies import sharpe_ratios
from .card_line import CardLine, Grade, allowed, graded
from .card_runs import CardRuns
from .one_record import FEWEST_TRADES

#: A neighbour stands on the plateau when its Sharpe ratio is at most this share below the best.
NEAR_THE_BEST = 0.2
FEWEST_NEIGHBOURS = 4
GOOD_SHARE, DOUBTFUL_SHARE = 0.6, 0.3

FEWEST_SHIFTS = 6
#: The net PnL of later starts may differ by so much of what is typical.
MOST_SPREAD = 1.0
DOUBTFUL_EARNING = 0.8


def plateau_line(runs: CardRuns) -> CardLine:
    """Return the line on the neighbours of the parameters."""
    meaning = (
        "Share of parameter sets one or two steps beside this one whose Sharpe ratio is within 20 % of the best of "
        "all: a plateau, or a needle"
    )
    name, title = "plateau", "Parameter plateau"
    own, others = runs.result.sharpe_ratio, sharpe_ratios(outcome for _, outcome in runs.neighbours)
    if not others:
        return CardLine(name, title, "-", Grade.NOT_TOLD, "there is no number in [params] to vary", meaning)
    known = [each for each in (own, *others) if each is not None]
    best = max(known, default=None)
    if best is None:
        why, found = "no run has a Sharpe ratio", {"neighbours": len(others)}
        return CardLine(name, title, "-", Grade.NOT_TOLD, why, meaning, found)
    inside = sum(each is not None and each >= (1.0 - NEAR_THE_BEST) * best for each in others)
    facts = {"neighbours": len(others), "near_the_best": inside, "best": best, "own": own}
    value = f"{inside} of {len(others)}"
    if best <= 0.0:
        return CardLine(name, title, value, Grade.BAD, "none of them earns", meaning, facts)
    ranked = sum(each is not None and own is not None and each > own for each in others)
    place = (
        "this one is the best"
        if not ranked
        else f"{ranked} of them {'is' if ranked == 1 else 'are'} better than this one"
    )
    grade, reason = allowed(
        graded(inside / len(others), GOOD_SHARE, DOUBTFUL_SHARE), f"{place}, the best has {best:.2f}", len(others),
        FEWEST_NEIGHBOURS, "neighbour",
    )  # fmt: skip
    grade, reason = allowed(grade, reason, runs.result.total_trades, FEWEST_TRADES, "closed trade")
    return CardLine(name, title, value, grade, reason, meaning, facts)


def start_line(runs: CardRuns) -> CardLine:
    """Return the line on later starts."""
    meaning = "Net PnL, in percent of the balance, when the run begins later, by one interval of its schedule, two, ..."
    name, title = "start_shift", "Start-shift spread"
    if isinstance(runs.shifts, str) or not runs.result.total_trades:
        why = runs.shifts if isinstance(runs.shifts, str) else "nothing was traded"
        return CardLine(name, title, "-", Grade.NOT_TOLD, why, meaning)
    found = [outcome.figures["total_pnl_percent"] for outcome in runs.shifts.done]
    low, typical, high = min(found), median(found), max(found)
    earning, shifts = sum(each > 0.0 for each in found), len(runs.shifts.runs)
    facts = {"lowest_percent": low, "median_percent": typical, "highest_percent": high, "earning": earning,
             "shifts": shifts, "interval_ms": runs.shifts.interval_ms}  # fmt: skip
    value = f"{unit_text(Unit.RATIO, low, True)} to {unit_text(Unit.PERCENT, high, True)}"
    earn = f"{earning} of {counted(shifts, 'later start')} earn{'s' if earning == 1 else ''}"
    reason = f"{earn}; {unit_text(Unit.PERCENT, typical, True)} is typical"
    grade = Grade.BAD
    if earning == shifts and high - low <= MOST_SPREAD * typical:
        grade = Grade.GOOD
    elif earning >= DOUBTFUL_EARNING * shifts:
        grade = Grade.DOUBTFUL
    grade, reason = allowed(grade, reason, len(found), FEWEST_SHIFTS, "later start")
    if grade is not Grade.BAD:  # few trades that lose are no reason to believe in it
        grade, reason = allowed(grade, reason, runs.result.total_trades, FEWEST_TRADES, "closed trade")
    return CardLine(name, title, value, grade, reason, meaning, facts)
