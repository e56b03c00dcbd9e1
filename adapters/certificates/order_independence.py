"""The check that a run does not depend on what no rule puts in order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple

from engine import Simulation
from engine.plain_values import counted

from ..trials import Trial, TrialOutcome
from .certificate_check import CertificateCheck, Verdict
from .differing_journals import Difference, first_difference
from .futures import moment_text
from .proof_subject import ProofSubject, Reruns
from .reordered_events import SameEvents, same_events

NAME, TITLE = "order_independence", "Order independence"
PROVES = (
    "The run comes to the same whatever the order of its symbols, of the starts of its processes, and of what happens "
    "at one instant without a rule that says which comes first"
)
#: Money is the same that differs by no more than so much of the initial balance: sums in another order.
_ROUNDING = 1e-9
#: What a line has another of because the symbols are told in another order: the first line, the last one, and those
#: that list them.
_TOLD_IN_ORDER = {"start": ("symbols", "configuration"), "end": ("digest", "equity"), "fault began": ("symbols",)}
_LISTS_SYMBOLS = b'"message":"fault began"'
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
    Shuffle("the order of what is due at one instant", ties=True),
)


class Shuffling(NamedTuple):
    """One run in another order: its net PnL in USD, where its journal first differs, how where it tells the same
    events (None: it tells others), whether it comes to other money, and why it could not be made.
    """

    words: str
    seed: int
    pnl: float | None = None
    difference: Difference | None = None
    same: SameEvents | None = None
    is_other_money: bool = False
    problem: str | None = None

    @property
    def is_other(self) -> bool:
        """Whether it is another run: of other events, or of other money."""
        return self.problem is None and (self.same is None or self.is_other_money)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        found = None if self.difference is None else self.difference._asdict()
        same = None if self.same is None else self.same._asdict()
        return {**self._asdict(), "difference": found, "same": same, "is_other": self.is_other}


def order_check(subject: ProofSubject) -> CertificateCheck:
    """Return the check of a subject: as many runs as it has ties, each in another order of everything."""
    runs = [found for _, found in sorted(subject.found(shuffled_reruns(subject)).items())]
    others = [each for each in runs if each.is_other]
    causes = _causes(subject, others[0].seed) if others else []
    evidence = {"runs": [each.to_dict() for each in runs], "alone": [each.to_dict() for each in causes]}
    problems = dict.fromkeys(each.problem for each in runs if each.problem is not None)
    not_shown = [f"runs in another order, which could not be made: {problem}" for problem in problems]
    made = [each for each in runs if each.problem is None]
    if others:
        reason = _blame(subject, runs, others[0], causes)
        return CertificateCheck(NAME, TITLE, PROVES, Verdict.FAILED, reason, not_shown, evidence)
    if not made:
        return CertificateCheck(NAME, TITLE, PROVES, Verdict.NOT_SHOWN, "no run could be made", not_shown, evidence)
    return CertificateCheck(NAME, TITLE, PROVES, Verdict.PASSED, _passed(subject, made), not_shown, evidence)


def _causes(subject: ProofSubject, seed: int) -> list[Shuffling]:
    """Return one run for each order by itself."""
    alone = _reruns(subject, "running in one other order", [(each, seed) for each in _EACH])
    return [found for _, found in sorted(subject.found(alone).items())]


def _passed(subject: ProofSubject, runs: Sequence[Shuffling]) -> str:
    """Say how many runs have the same lines, and of the others at which instants they have them in another order."""
    told = counted(len(runs), "run")
    moved = [each for each in runs if each.difference is not None]
    if not moved:
        return f"{told} in other orders have the same lines"
    reordered = {at_ms for each in moved for at_ms in (each.same or SameEvents((), False)).reordered}
    count = len(runs) - len(moved)
    text = f"of {told} in other orders {count} have the same lines, and {len(moved)} the same events and net PnL, with"
    if not reordered:
        return f"{text} numbers that are rounded otherwise"
    return (
        f"{text} those of an instant in another order at {counted(len(reordered), 'instant')}, first "
        f"{_tie_words(subject, min(reordered))}"
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
        return Shuffling(shuffle.words, seed, problem=outcome.error or "it came to no result")
    ours, theirs = _bare(subject.journal[0]), _bare(outcome.journal.splitlines())
    pnl, initial = outcome.figures["total_pnl"], subject.result.initial_balance
    is_moved = abs(pnl - subject.result.total_pnl) > _ROUNDING * initial
    found = first_difference(ours, theirs, _NAMES)
    same = SameEvents((), False) if found is None else same_events(ours, theirs)
    return Shuffling(shuffle.words, seed, pnl, found, same, is_moved)


def _bare(lines: Sequence[bytes]) -> list[bytes]:
    """Return the lines of a journal without their hashes, and without what tells of the order of symbols itself."""
    inner = (_without(line) if _LISTS_SYMBOLS in line else line.rpartition(_HASH)[0] + b"}" for line in lines[1:-1])
    return [_without(lines[0]), *inner, _without(lines[-1])]


def _without(line: bytes) -> bytes:
    told = json.loads(line)
    left_out = ("~hash", *_TOLD_IN_ORDER.get(told["message"], ()))
    return json.dumps({name: value for name, value in told.items() if name not in left_out}).encode()


def _blame(subject: ProofSubject, runs: Sequence[Shuffling], worst: Shuffling, causes: Sequence[Shuffling]) -> str:
    """Say how far the money spreads, what is to blame, and the tie at which it begins."""
    made = [each.pnl for each in runs if each.pnl is not None] + [subject.result.total_pnl]
    alone = [each for each in causes if each.is_other]
    first = (alone or [worst])[0]
    what = ", ".join(each.words for each in alone) or "several orders together"
    count = sum(each.is_other for each in runs)
    money = "money" if any(each.is_other_money for each in runs) else "events"
    text = (
        f"{count} of {counted(len(runs), 'run')} in other orders come to other {money}: net PnL from {min(made):,.2f} "
        f"to {max(made):,.2f} USD, a spread of {max(made) - min(made):,.2f} USD; it depends on {what}"
    )
    found = first.difference
    return text if found is None else f"{text}; {_tie_words(subject, found.at_ms)}: {found.words}"


def _tie_words(subject: ProofSubject, at_ms: int) -> str:
    """Name the tie at an instant: what is due then."""
    together = [_told(line) for line in map(json.loads, subject.upto(at_ms)) if line["at"] == at_ms]
    due = list(dict.fromkeys(filter(None, together)))
    what = f"of {', '.join(due)}" if due else "of what is due then"
    return f"the tie at {moment_text(at_ms)} {what}"


def _told(line: dict[str, Any]) -> str:
    """Return what a line says is due at its instant, "" for what only follows from that."""
    if line["message"] == "trigger":
        pool = (line.get("pool") or {}).get("name", "")
        return " ".join(filter(None, (line["trigger"], line["symbol"], pool)))
    if line["cause"] is None and line["message"] not in ("start", "end"):
        return " ".join(filter(None, (line["message"], line.get("symbol", ""))))
    return ""
