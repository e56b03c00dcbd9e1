"""Fills of a venue in the time of a back-test: without those before and after, and without what was held before."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from engine import utc_text
from engine.plain_values import counted

from .money_of_run import MoneyOfRun, Position, TradedFill, share_of

_NOTHING = Fraction(0)
#: Less than this of what was traded is no position, but a rounding.
_LEAST_SHARE = Fraction(1, 10**9)


def within_range(run: MoneyOfRun, begin_ms: int, end_ms: int) -> MoneyOfRun:
    """Return the fills and payments from one time to another. What was held before is none of theirs: what closes it is
    left out, too, and said.
    """
    before = [each for each in run.fills if each.at < begin_ms]
    fills = [each for each in run.fills if begin_ms <= each.at <= end_ms]
    remarks = [*run.remarks]
    others = len(run.fills) - len(fills)
    if others:
        times = f"{utc_text(begin_ms)} to {utc_text(end_ms)}"
        remarks.append(f"{run.name}: {counted(others, 'fill')} outside of {times} left out")
    held = replace(run, fills=before).positions()
    held |= {key: held.get(key, _NOTHING) + size for key, size in run.before.items()}
    kept, closing = _without_carried(fills, held)
    for (symbol, side), (size, count) in closing.items():
        of = f" {side.lower()}" * bool(side)
        what = f"{float(size):+.10g} {symbol}{of} was held before"
        remarks.append(f"{run.name}: {what}: {counted(count, 'fill')} that closed it left out; funding of it counts")
    funding = [each for each in run.funding if begin_ms <= each.at <= end_ms]
    return replace(run, fills=kept, funding=funding, remarks=tuple(remarks))


def _without_carried(
    fills: list[TradedFill], held: dict[Position, Fraction]
) -> tuple[list[TradedFill], dict[Position, tuple[Fraction, int]]]:
    """Return the fills without what closes the positions that were held, and of each of these what that was."""
    sizes = {(each.symbol, each.position): each.size for each in fills}
    carried = {key: size for key, size in held.items() if abs(size) > sizes.get(key, 1) * _LEAST_SHARE}
    left, counts, kept = dict(carried), dict.fromkeys(carried, 0), []
    for each in fills:
        key = each.symbol, each.position
        rest = left.get(key, _NOTHING)
        if not rest or (rest > 0) == (each.sign > 0):
            kept.append(each)
            continue
        closed = min(abs(rest), each.size)
        left[key] = rest + each.sign * closed
        counts[key] += 1
        if closed < each.size:
            size = each.size - closed
            kept.append(each._replace(size=size, fee=share_of(each.fee, size, each.size)))
    return kept, {key: (size, counts[key]) for key, size in carried.items()}
