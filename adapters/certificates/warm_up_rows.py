"""The check that a longer warm-up changes no decision."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from engine.instants import duration_text
from engine.plain_values import counted, shown

from ..trials import Trial, TrialOutcome
from .certificate_check import CertificateCheck, Verdict
from .futures import moment_text
from .proof_subject import ProofSubject, Reruns
from .reruns import LongerPast

NAME, TITLE = "warm_up", "Warm-up"
PROVES = "Twice the klines before the start change no decision: what was decided does not rest on where the data begin"
#: Numbers of decisions are the same that differ by no more than this part of them: sums over more rows.
_MOST = 1e-9


class Decided(NamedTuple):
    """What was decided, and when (epoch ms)."""

    at_ms: int
    said: Mapping[str, Any]

    @property
    def asked(self) -> dict[str, Any]:
        """What is asked for: all but the reason, which is words for people."""
        return {name: value for name, value in self.said.items() if name != "reason"}

    @property
    def words(self) -> str:
        """The decision in words."""
        return f"{self.said.get('operation', '')} {self.said.get('symbol', '')} at {moment_text(self.at_ms)}"


def warm_up_check(subject: ProofSubject) -> CertificateCheck:
    """Return the check of a subject: its run once more, with twice the klines before its start."""
    before = {name: _before(subject, name) for name in subject.job.config.symbols}
    counts = {name: sum(each.values()) for name, each in before.items()}
    evidence: dict[str, Any] = {"klines": counts}
    without = [name for name in subject.job.config.symbols if not counts[name]]
    if without:
        reason = f"{', '.join(without)}: no klines before the start, and so none to double; start later than the data"
        return CertificateCheck(NAME, TITLE, PROVES, Verdict.NOT_SHOWN, reason, (), evidence)
    outcome = subject.found(longer_reruns(subject))[0]
    not_shown = [*_not_shown(subject)]
    if outcome.digest is None:
        reason = f"the run with a longer warm-up could not be made: {shown(outcome.error, 300)}"
        return CertificateCheck(NAME, TITLE, PROVES, Verdict.NOT_SHOWN, reason, not_shown, evidence)
    ours, theirs = _decisions(subject.journal[0]), _decisions(_lines(outcome))
    other = first_other(ours, theirs)
    evidence |= {"decisions": len(ours), "differs": None if other is None else other[1]}
    if other is not None:
        reason = f"{other[1]}; {_blamed(subject, other[0])}"
        return CertificateCheck(NAME, TITLE, PROVES, Verdict.FAILED, reason, not_shown, evidence)
    first = before[subject.job.config.symbols[0]]
    length = duration_text(max(count * period_ms for period_ms, count in first.items()))
    reason = f"all {len(ours)} decisions are the same with another {length} before the data{_reworded(ours, theirs)}"
    verdict = Verdict.PASSED if subject.result.total_triggers else Verdict.NOT_SHOWN
    return CertificateCheck(NAME, TITLE, PROVES, verdict, reason, not_shown, evidence)


def longer_reruns(subject: ProofSubject) -> Reruns:
    """Return the run with twice the klines before its start; none where there are no klines."""
    trial = Trial(0, change=LongerPast(subject.job.config.start_ms), stop_ms=subject.job.config.end_ms)
    are_there = all(any(_before(subject, name).values()) for name in subject.job.config.symbols)
    return Reruns("running with a longer warm-up", [trial] if are_there else [], lambda outcome: outcome)


def _before(subject: ProofSubject, symbol: str) -> dict[int, int]:
    """Return how many klines of each period (ms) a symbol has before the start, the stored longer ones included."""
    history, start_ms = subject.market.given[symbol], subject.job.config.start_ms
    return {
        columns.period_ms: int(columns.open_ms.searchsorted(start_ms))
        for columns in (history.base.columns, *history.stored)
    }


def _not_shown(subject: ProofSubject) -> Iterator[str]:
    market = subject.market
    names = sorted({name for each in market.given.values() for name in each.feature_names})
    if names:
        yield f"features given as values ({', '.join(names)}): they begin where they begin"
    if any(each.flow.trades is not None or each.flow.book is not None for each in market.given.values()):
        yield "trades and the order book: only klines are doubled"


def _lines(outcome: TrialOutcome) -> list[bytes]:
    return outcome.journal.splitlines()


def _decisions(lines: Sequence[bytes]) -> list[Decided]:
    records = (json.loads(line) for line in lines if b'"message":"decision"' in line)
    return [Decided(each["at"], each["decision"]) for each in records if each["message"] == "decision"]


def first_other(ours: Sequence[Decided], theirs: Sequence[Decided]) -> tuple[int, str] | None:
    """Return when decisions first are not the same (epoch ms), and in words; None where all are."""
    for one, two in zip(ours, theirs, strict=False):
        if one.at_ms != two.at_ms:
            return _only(one, True) if one.at_ms < two.at_ms else _only(two, False)
        if not is_alike(one.asked, two.asked):
            names = [name for name in {**one.said, **two.said} if not is_alike(one.said.get(name), two.said.get(name))]
            told = ", ".join(f"{name} {shown(one.said.get(name))} and {shown(two.said.get(name))}" for name in names)
            return one.at_ms, f"{one.words} has, now and with twice the warm-up, {told}"
    if len(ours) == len(theirs):
        return None
    is_ours = len(ours) > len(theirs)
    return _only((ours if is_ours else theirs)[min(len(ours), len(theirs))], is_ours)


def _reworded(ours: Sequence[Decided], theirs: Sequence[Decided]) -> str:
    """Return how many of the same decisions give another reason, in words, and the first of them."""
    pairs = [(one, two) for one, two in zip(ours, theirs, strict=True) if not is_alike(one.said, two.said)]
    if not pairs:
        return ""
    reasons = [shown(each.said.get("reason")) for each in pairs[0]]
    return (
        f"; {counted(len(pairs), 'reason')} of theirs {'is' if len(pairs) == 1 else 'are'} worded otherwise, first "
        + (f"{reasons[0]}, and with these {reasons[1]}, at {moment_text(pairs[0][0].at_ms)}")
    )


def _only(one: Decided, is_ours: bool) -> tuple[int, str]:
    when = "now, and not with twice the warm-up" if is_ours else "with twice the warm-up only"
    return one.at_ms, f"{one.words} is decided {when}"


def is_alike(one: Any, two: Any) -> bool:
    """Tell whether two values of decisions, or of answers, are the same, numbers but for rounding."""
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(is_alike(one[name], two[name]) for name in one)
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(map(is_alike, one, two))
    if type(one) is float and type(two) is float:
        return math.isclose(one, two, rel_tol=_MOST, abs_tol=0.0) or one == two
    return bool(one == two)


class Answered(NamedTuple):
    """A question, when it was asked (epoch ms), and its answer."""

    at_ms: int
    question: str
    answer: Any


def _blamed(subject: ProofSubject, at_ms: int) -> str:
    """Return what was answered otherwise when the decision was made, or last before it."""
    change = LongerPast(subject.job.config.start_ms)
    trials = [Trial(0, change=each, stop_ms=at_ms, record_queries=True) for each in (None, change)]
    ours, theirs = (_asked(_lines(subject.outcome_here(each, "asking again"))) for each in trials)
    others = {each[:2]: each.answer for each in theirs}
    differing = [each for each in ours if each[:2] in others and not is_alike(each.answer, others[each[:2]])]
    named = [each for each in differing if each.at_ms == at_ms] or differing[-1:]
    if not named:
        return (
            "nothing that was asked before has another answer: it rests on signals, or on what the program itself keeps"
        )
    told = [f"{each.question} is {shown(each.answer, 60)} and {shown(others[each[:2]], 60)}" for each in named[:3]]
    return f"{'; '.join(told)}, asked at {moment_text(named[0].at_ms)}"


def _asked(lines: Sequence[bytes]) -> list[Answered]:
    records = (json.loads(line) for line in lines if b'"message":"asked"' in line)
    return [
        Answered(each["at"], f"{query['query']}({', '.join(map(str, query['arguments']))})", query["answer"])
        for each in records
        if each["message"] == "asked"
        for query in each["queries"]
        if "answer" in query
    ]
