"""The check that a run does not depend on what no rule puts in order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple

from engine import Simulation

from ..trials import Trial, TrialOutcome
from .certificate_check import CertificateCheck, Verdict
from .differing_journals import Difference, first_difference
from .futures import moment_text
from .proof_subject import ProofSubject, Reruns

NAME, TITLE = "order_independence", "Order independence"
PROVES = (
    "The run comes to the same whatever the order of its symbols, of the starts of its processes, and of what happens "
    "at one instant without a rule that says which comes first"
)
#: Money is the same that differs by no more than so much of the initial balance: sums in another order.
_ROUNDING = 1e-9
#: What a line has another of because the symbols are told in another order: the first line, and the last one.
_TOLD_BY_ENDS = {"start": ("symbols", "configuration"), "end": ("digest", "equity")}
#: What the hash of a line begins with: it is its last field.
_HASH = b',"~hash":'
_NAMES = ("as configured", "shuffled")


class Shuffle(NamedTuple):
    """What is in another order, and the words for it."""

    words: str
    symbols: bool = False
    starts: bool = False
    ties: bool = False

    def trial(self, subject: ProofSubject, number: int, seed: int) -> Trial:
        """Return the run in an order that is drawn from a seed."""
        fields: dict[str, Any] = {}
        if self.symbols:
            symbols = list(subject.job.config.symbols)
            Random(f"{seed} symbols").shuffle(symbols)
            fields["symbols"] = symbols[1:] + symbols[:1] if symbols == [*subject.job.config.symbols] else symbols
        prepare = Shuffled(seed, self.starts, self.ties) if self.starts or self.ties else None
        return Trial(number, fields, stop_ms=subject.job.config.end_ms, prepare=prepare)


@dataclass(frozen=True, slots=True)
class Shuffled:
    """Shuffles the starts or the ties of a run, drawn from a seed."""

    seed: int
    starts: bool
    ties: bool

    def __call__(self, simulation: Simulation) -> None:
        """Shuffle them, before the run starts."""
        if self.starts:
            simulation.shuffle_starts(self.seed)
        if self.ties:
            simulation.shuffle_ties(self.seed)


_ALL = Shuffle("all of it", True, True, True)
_EACH = (
    Shuffle("the order in which processes start", starts=True),
    Shuffle("the order of the symbols", symbols=True),
    Shuffle("the order of processes and sources of signals at one instant", ties=True),
)


class Shuffling(NamedTuple):
    """One run in another order: its net PnL in USD, where its journal first differs, whether its money does, and why it
    could not be made.
    """

    words: str
    seed: int
    pnl: float | None
    difference: Difference | None
    is_other_money: bool
    problem: str | None

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        found = None if self.difference is None else self.difference._asdict()
        return {**self._asdict(), "difference": found}


def order_check(subject: ProofSubject) -> CertificateCheck:
    """Return the check of a subject: as many runs as it has ties, each in another order of everything."""
    runs = [found for _, found in sorted(subject.found(shuffled_reruns(subject)).items())]
    money = [each for each in runs if each.is_other_money]
    causes = _causes(subject, money[0].seed) if money else []
    evidence = {"runs": [each.to_dict() for each in runs], "alone": [each.to_dict() for each in causes]}
    problems = dict.fromkeys(each.problem for each in runs if each.problem is not None)
    not_shown = [f"runs in another order, which could not be made: {problem}" for problem in problems]
    made = [each for each in runs if each.problem is None]
    if money:
        reason = _blame(subject, runs, money[0], causes)
        return CertificateCheck(NAME, TITLE, PROVES, Verdict.FAILED, reason, not_shown, evidence)
    if not made:
        return CertificateCheck(NAME, TITLE, PROVES, Verdict.NOT_SHOWN, "no run could be made", not_shown, evidence)
    return CertificateCheck(NAME, TITLE, PROVES, Verdict.PASSED, _passed(made), not_shown, evidence)


def _causes(subject: ProofSubject, seed: int) -> list[Shuffling]:
    """Return one run for each order by itself."""
    alone = _reruns(subject, "running in one other order", [(each, seed) for each in _EACH])
    return [found for _, found in sorted(subject.found(alone).items())]


def _passed(runs: Sequence[Shuffling]) -> str:
    same = sum(each.difference is None for each in runs)
    if same == len(runs):
        return f"{len(runs)} runs in other orders have the same lines"
    moved = len(runs) - same
    return (
        f"of {len(runs)} runs in other orders {same} have the same lines, and {moved} the same money, with lines "
        "of one instant in another order"
    )


def shuffled_reruns(subject: ProofSubject) -> Reruns:
    """Return as many runs as a subject has ties, each in another order of everything."""
    seeds = [subject.seed * 1_000 + place + 1 for place in range(subject.ties)]
    return _reruns(subject, "running in other orders", [(_ALL, seed) for seed in seeds])


def _reruns(subject: ProofSubject, what: str, plan: Sequence[tuple[Shuffle, int]]) -> Reruns:
    trials = [shuffle.trial(subject, number, seed) for number, (shuffle, seed) in enumerate(plan)]
    return Reruns(what, trials, lambda outcome: _judged(subject, *plan[outcome.number], outcome))


def _judged(subject: ProofSubject, shuffle: Shuffle, seed: int, outcome: TrialOutcome) -> Shuffling:
    if outcome.digest is None:
        return Shuffling(shuffle.words, seed, None, None, False, outcome.error or "it came to no result")
    ours, theirs = _bare(subject.journal[0]), _bare(outcome.journal.splitlines())
    pnl, initial = outcome.figures["total_pnl"], subject.result.initial_balance
    is_moved = abs(pnl - subject.result.total_pnl) > _ROUNDING * initial
    counts = subject.result.fills, subject.result.orders_submitted, len(subject.result.trades)
    is_other = is_moved or counts != tuple(
        outcome.figures[name] for name in ("fills", "orders_submitted", "total_trades")
    )
    return Shuffling(shuffle.words, seed, pnl, first_difference(ours, theirs, _NAMES), is_other, None)


def _bare(lines: Sequence[bytes]) -> list[bytes]:
    """Return the lines of a journal without their hashes, and without what tells of the order of symbols itself."""
    inner = [line.rpartition(_HASH)[0] + b"}" for line in lines[1:-1]]
    return [_without(lines[0]), *inner, _without(lines[-1])]


def _without(line: bytes) -> bytes:
    told = json.loads(line)
    left_out = ("~hash", *_TOLD_BY_ENDS.get(told["message"], ()))
    return json.dumps({name: value for name, value in told.items() if name not in left_out}).encode()


def _blame(subject: ProofSubject, runs: Sequence[Shuffling], worst: Shuffling, causes: Sequence[Shuffling]) -> str:
    """Say how far the money spreads, what is to blame, and the tie at which it begins."""
    made = [each.pnl for each in runs if each.pnl is not None] + [subject.result.total_pnl]
    alone = [each for each in causes if each.is_other_money]
    first = (alone or [worst])[0]
    what = ", ".join(each.words for each in alone) or "several orders together"
    count = sum(each.is_other_money for each in runs)
    text = (
        f"{count} of {len(runs)} runs in other orders come to other money: net PnL from {min(made):,.2f} to "
        f"{max(made):,.2f} USD, a spread of {max(made) - min(made):,.2f} USD; it depends on {what}"
    )
    return text if first.difference is None else f"{text}; {_tie(subject, first.difference)}"


def _tie(subject: ProofSubject, found: Difference) -> str:
    together = [_told(line) for line in map(json.loads, subject.upto(found.at_ms)) if line["at"] == found.at_ms]
    due = list(dict.fromkeys(filter(None, together)))
    what = f"of {', '.join(due)}" if due else "of what is due then"
    return f"the tie at {moment_text(found.at_ms)} {what}: {found.words}"


def _told(line: dict[str, Any]) -> str:
    """Return what a line says is due at its instant, "" for what only follows from that."""
    if line["message"] == "trigger":
        pool = (line.get("pool") or {}).get("name", "")
        return " ".join(filter(None, (line["trigger"], line["symbol"], pool)))
    if line["cause"] is None and line["message"] not in ("start", "end"):
        return " ".join(filter(None, (line["message"], line.get("symbol", ""))))
    return ""
