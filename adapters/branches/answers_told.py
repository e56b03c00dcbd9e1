"""What a branch and a run have come to side by side, and what decisions were worth: in words, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from engine import BacktestResult, DataError, utc_text
from engine.plain_values import counted, plain
from engine.result import FIGURES

from ..results import figure_text, unit_text
from .branching import Branches
from .decision_words import decisions_text
from .leaving_out import DecisionWorth, DecisionWorths

#: What is shown side by side, beside the parts of the net PnL.
_FIGURES = ("total_pnl", "max_drawdown_percent", "sharpe_ratio", "total_trades", "fees_paid")
#: The parts that net PnL is the sum of, and how each counts in it.
_PARTS: Mapping[str, float] = {"price_pnl": 1.0, "fees_paid": -1.0, "funding_received": 1.0, "shortfall_covered": 1.0}
_LONGEST = 60
_USD = FIGURES["total_pnl"].unit

Line = Mapping[str, Any]


def first_difference(base: BacktestResult, branch: BacktestResult) -> tuple[Line | None, Line | None] | None:
    """Return the first lines of two journals that differ, None where none do."""
    if base.journal is None or branch.journal is None:
        raise DataError("a result has no journal: run it with record_journal=True")
    pairs = zip_longest(base.journal.records(), branch.journal.records())
    return next((pair for pair in pairs if pair[0] != pair[1]), None)


def gained_parts(found: Branches) -> dict[str, float]:
    """Return what the change brings in each part of the net PnL, in USD; they add up to `Branches.gained`."""
    return {name: sign * (getattr(found.branch, name) - getattr(found.base, name)) for name, sign in _PARTS.items()}


def branches_text(found: Branches) -> str:
    """Return the answer to a what-if in words."""
    return "\n".join(_branches_lines(found))


def _branches_lines(found: Branches) -> Iterator[str]:
    base, branch = found.base, found.branch
    yield f"What if {found.change.text()}?"
    if found.decided_at is not None:
        yield f"The decision of {utc_text(found.decided_at)} is replaced."
        yield from (f"It was refused: {reason}" for reason in found.refusals)
    yield from found.remarks
    yield ""
    yield f"{'':24}{'as it was':>14}{'what if':>14}"
    for name in _FIGURES:
        texts = [figure_text(name, each.figures()) for each in (base, branch)]
        yield f"{FIGURES[name].label:24}{texts[0]:>14}{'  ' + texts[1]:>14}"  # a reason for no value may be long
    yield ""
    parts = ", ".join(
        f"{FIGURES[name].label} {unit_text(_USD, amount, True)}"
        for name, amount in gained_parts(found).items()
        if amount
    )
    yield f"It brings {unit_text(_USD, found.gained, True)} USD" + (f": {parts}" if parts else "")
    difference = first_difference(base, branch)
    if difference is None:
        yield f"Nothing differs: both journals end with {base.journal_head}"
        return
    yield str(found.difference)
    for name, each in (("as it was", base), ("what if", branch)):
        if each.error is not None:
            yield f"The run {name} did not come to its end: {each.error}"


def branches_entry(found: Branches) -> dict[str, Any]:
    """Return the answer to a what-if as plain values: the difference, and the figures of both runs."""
    change, difference = found.change, first_difference(found.base, found.branch)
    decision = decisions_text(change.decision, whole=True) if change.replaces else None
    return {
        "at": change.at_ms,
        "set": plain(dict(change.fields)),
        "faults": [each.to_dict() for each in change.faults],
        "decision": decision,
        "decided_at": found.decided_at,
        "refused": list(found.refusals),
        "forked": found.is_forked,
        "gained": found.gained,
        "gained_parts": gained_parts(found),
        "difference": found.difference.to_dict(),
        "first_difference": None if difference is None else dict(zip(("base", "branch"), difference, strict=True)),
        **{
            name: {**each.to_dict(timing=False), "journal_head": each.journal_head}
            for name, each in (("base", found.base), ("branch", found.branch))
        },
        "remarks": list(found.remarks),
    }


def worths_text(found: DecisionWorths, most: int | None = None) -> str:
    """Return what decisions were worth as a table: all of them in order of time, or the `most` that were worth most,
    either way.
    """
    return "\n".join(_worths_lines(found, most))


def _worths_lines(found: DecisionWorths, most: int | None) -> Iterator[str]:
    count = counted(len(found.worths), "decision")
    yield f"{count}; net PnL {unit_text(_USD, found.base.total_pnl, True)} USD with all of them"
    yield from found.remarks
    if not found.worths:
        return
    yield "Each is worth what the run brings with it, less what it brings where the program holds there instead."
    yield ""
    yield f"{'#':>5}  {'at (UTC)':16}  {'worth, USD':>12}  {'PnL without':>12}  decision"
    for each in _shown(found, most):
        yield _worth_line(each)
    yield ""
    known = [each.worth for each in found.worths if each.worth is not None]
    yield f"{sum(worth > 0.0 for worth in known)} helped, {sum(worth < 0.0 for worth in known)} hurt"


def _shown(found: DecisionWorths, most: int | None) -> list[DecisionWorth]:
    if most is None or len(found.worths) <= most:
        return list(found.worths)
    return sorted(found.worths, key=lambda each: -abs(each.worth or 0.0))[:most]


def _worth_line(each: DecisionWorth) -> str:
    without = each.without
    pnl = "" if without is None else unit_text(_USD, without.pnl, True)
    worth = "" if each.worth is None else unit_text(_USD, each.worth, True)
    told = "; ".join(filter(None, [decisions_text(each.decisions), each.problem, each.decisions[0].reason]))
    line = f"{each.number:>5}  {utc_text(each.at_ms)[:16]}  {worth:>12}  {pnl:>12}  {told[:_LONGEST]}"
    return line.rstrip()


def worths_entry(found: DecisionWorths) -> dict[str, Any]:
    """Return what decisions were worth as plain values."""
    return {
        "total_pnl": found.base.total_pnl,
        "digest": found.base.digest,
        "forked": found.is_forked,
        "decisions": [
            {
                "number": each.number,
                "at": each.at_ms,
                "decisions": [plain(decision.to_dict()) for decision in each.decisions],
                "pnl_without": None if each.without is None else each.without.pnl,
                "trades_without": None if each.without is None else each.without.trades,
                "worth": each.worth,
                "problem": each.problem,
            }
            for each in found.worths
        ],
        "remarks": list(found.remarks),
    }
