"""The lines on costs: what may be paid for trading before nothing is left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine import BacktestResult

from ..ensembles import CostLimit
from .card_line import CardLine, Grade, allowed, graded
from .card_runs import CardRuns

#: So many closed trades are needed before a cost that they bear says anything.
FEWEST_TRADES = 30


@dataclass(frozen=True, slots=True)
class _Look:
    """How the break-even of a cost is judged: good from `times` what is paid on, doubtful from that on; what is paid is
    taken to be no less than `least`.
    """

    name: str
    meaning: str
    times: float
    least: float


#: A minute is the step of most markets here; on less than a second nobody can rely.
_LOOKS = (
    _Look(
        "fee", "The flat fee of every fill, in percent of its notional, up to which the net PnL is above 0", 2.0, 0.02
    ),
    _Look("slippage", "The slippage of market orders, in percent of the price, up to which it is above 0", 2.0, 0.02),
    _Look("latency", "How long every order may be under way so that the net PnL is still above 0", 60.0, 1_000.0),
)


def cost_lines(runs: CardRuns) -> Iterator[CardLine]:
    """Yield the lines on fee, slippage and latency."""
    for look in _LOOKS:
        name, title = f"break_even_{look.name}", f"Break-even {look.name}"
        if isinstance(runs.costs, str):
            yield CardLine(name, title, "-", Grade.NOT_TOLD, runs.costs, look.meaning)
            continue
        limit = runs.costs[look.name]
        paid = _paid(runs.result, limit)
        grade, reason = _verdict(runs.result, limit, look, paid)
        facts = {
            "break_even": limit.break_even,
            "paid": paid,
            "unit": limit.cost.unit,
            "is_borne_now": limit.is_borne_now,
            "lost_below": limit.lost_below,
            "borne_above": limit.borne_above,
            "runs": len(limit.runs),
        }
        yield CardLine(name, title, limit.verdict, grade, reason, look.meaning, facts)


def _paid(result: BacktestResult, limit: CostLimit) -> float:
    """Return what the run has paid: of fees the mean of all fills, since not every one is what the field says."""
    if limit.cost.name == "fee" and result.turnover_usd:
        return 100.0 * result.fees_paid / result.turnover_usd
    return limit.now


def _verdict(result: BacktestResult, limit: CostLimit, look: _Look, paid: float) -> tuple[Grade, str]:
    text = limit.cost.text
    if result.total_pnl <= 0.0:
        return Grade.BAD, f"it loses at what is paid, {text(paid)}"
    from_doubtful = max(paid, look.least)
    from_good = look.times * from_doubtful
    borne = limit.break_even if limit.break_even is not None else limit.cost.most if limit.is_borne_now else 0.0
    grade = graded(borne, from_good, from_doubtful)
    wanted = "" if grade is Grade.GOOD else f"; good from {text(from_good)} on"
    if limit.lost_below and grade is Grade.GOOD:
        grade, wanted = Grade.DOUBTFUL, "; it loses at less, so what it bears is by chance"
    return allowed(grade, f"{text(paid)} is paid{wanted}", result.total_trades, FEWEST_TRADES, "closed trade")
