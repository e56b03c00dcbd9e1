"""The check that nothing in a run knew its future."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from engine.instants import duration_text
from engine.plain_values import shown
from processes import KnownTriggers, PoolSource, TriggerTimes

from ..trials import Trial, TrialOutcome, TrialRunner, without_program
from ..workers import ThisProcess
from .certificate_check import CertificateCheck, Verdict
from .differing_journals import Difference, first_difference
from .futures import (
    Cut,
    CutGround,
    CutKind,
    Early,
    HeldFuture,
    OtherFuture,
    OtherTables,
    StoredFuture,
    data_in_text,
    data_left,
    early_features,
    early_numbers,
    planned_cuts,
)
from .proof_subject import ProofSubject, Reruns, journal_lines

NAME, TITLE = "look_ahead", "No look-ahead"
PROVES = (
    "What happened up to an instant is the same bytes whatever comes later: nothing that was asked, decided or filled "
    "rests on what was not known then"
)


#: More things are counted, not named.
_MOST_NAMED = 4


class CutRun(NamedTuple):
    """A cut, where its run first differs from the real one (None: nowhere up to it), and why it could not be made."""

    cut: Cut
    difference: Difference | None
    problem: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        found = None if self.difference is None else self.difference._asdict()
        return {"cut": self.cut.at_ms, "kind": self.cut.kind, "differs": found, "problem": self.problem}


def look_ahead_check(subject: ProofSubject) -> CertificateCheck:
    """Return the check of a subject: runs with another future from cuts on, and a look at what cannot be made anew."""
    repeated = first_difference(subject.journal[0], journal_lines(subject.repeated))
    runs = [found for _, found in sorted(subject.found(cut_reruns(subject)).items())]
    config = subject.job.config
    features = _early_features(subject)
    early = [
        *(each.words for each in features if each.is_proved),
        *early_numbers(subject.held_by, subject.market, config.start_ms, config.end_ms),
    ]
    suspicious = [each.words for each in features if not each.is_proved]
    failures = [*_failures(runs, repeated), *dict.fromkeys(early)]
    made = [each for each in runs if each.problem is None]
    evidence = {
        "cuts": [each.to_dict() for each in runs],
        "kinds": dict(Counter(each.cut.kind.value for each in runs)),
        "lines": len(subject.journal[0]),
        "named": failures,
    }
    times = [each.name for each in subject.ground.signals if isinstance(each, (TriggerTimes, KnownTriggers))]
    held = _held_values(subject)
    not_shown = [*_not_shown(subject, runs, times, held)]
    if failures:
        return CertificateCheck(NAME, TITLE, PROVES, Verdict.FAILED, "; ".join(failures[:3]), not_shown, evidence)
    reason = _passed(runs, made)
    if not made or not subject.result.total_triggers:
        why = reason if subject.result.total_triggers else "nothing ever woke the program"
        return CertificateCheck(NAME, TITLE, PROVES, Verdict.NOT_SHOWN, why, not_shown, evidence)
    if suspicious:
        why = f"suspicious: {'; '.join(suspicious[:3])}; give a function of the market in place of the table"
        return CertificateCheck(NAME, TITLE, PROVES, Verdict.NOT_SHOWN, why, not_shown, evidence)
    if times or held:  # a future may be in it
        why = f"{reason}; but {_few([*times, *held])} cannot be worked out anew, and may hold a future"
        return CertificateCheck(NAME, TITLE, PROVES, Verdict.NOT_SHOWN, why, not_shown, evidence)
    return CertificateCheck(NAME, TITLE, PROVES, Verdict.PASSED, reason, not_shown, evidence)


def _passed(runs: Sequence[CutRun], made: Sequence[CutRun]) -> str:
    if not made:
        return next((f"no run with another future could be made: {each.problem}" for each in runs), "no cut was made")
    stored = sum(each.cut.kind is CutKind.STORED for each in made)
    return f"{len(made)} runs with another future, {stored} of them through a database, are the same up to their cuts"


def cut_reruns(subject: ProofSubject) -> Reruns:
    """Return the run of every cut, which is held against the real run."""
    cuts = {cut.number: cut for cut in planned_cuts(_ground(subject), subject.cuts, subject.seed)}
    trials = [_trial(subject, cut) for cut in cuts.values()]
    return Reruns("running with other futures", trials, lambda outcome: _judged(subject, cuts[outcome.number], outcome))


def _ground(subject: ProofSubject) -> CutGround:
    result, period_ms = subject.result, min(each.base.period_ms for each in subject.market.symbols.values())
    records = [record for _, record in result.trigger_log.records.eventful()]
    decided = [record.trigger.timestamp for record in records if record.order is not None]
    times = decided or [record.trigger.timestamp for record in result.trigger_log.records]
    return CutGround(result.start_time, result.end_time, period_ms, sorted(set(times)))


def _trial(subject: ProofSubject, cut: Cut) -> Trial:
    future = OtherFuture(cut.at_ms, cut.seed)
    change = StoredFuture(future, without_program(subject.job.config)) if cut.kind is CutKind.STORED else future
    held = HeldFuture(cut.at_ms, cut.seed)
    known = subject.line_before(cut.at_ms)
    return Trial(cut.number, change=change, surroundings=held, stop_ms=cut.at_ms, known_line=known)


def _judged(subject: ProofSubject, cut: Cut, outcome: TrialOutcome) -> CutRun:
    if outcome.digest is None:
        return CutRun(cut, None, outcome.error or "it came to no result")
    if not outcome.journal:  # the known one
        return CutRun(cut, None)
    return CutRun(cut, first_difference(subject.upto(cut.at_ms), outcome.journal.splitlines()))


def _failures(runs: Sequence[CutRun], repeated: Difference | None) -> Iterator[str]:
    """Yield what was found, the earliest difference of the cuts first."""
    if repeated is not None:
        yield (
            f"the same run once more in this process is another one from line {repeated.line} on ({repeated.words}): "
            "something is kept from an earlier run, in a module, a class or a global, or comes from outside"
        )
    found = [each for each in runs if each.difference is not None]
    if found:
        first = min(found, key=lambda each: each.cut.at_ms - _difference(each).at_ms)
        difference = _difference(first)
        before = first.cut.at_ms - difference.at_ms
        when = f"{duration_text(before)} before it" if before else "at that instant"
        yield (
            f"{len(found)} of {len(runs)} runs with another future differ before their cuts; {first.cut.text}: line "
            f"{difference.line} differs, {when}: {difference.words}"
        )


def _difference(run: CutRun) -> Difference:
    assert run.difference is not None
    return run.difference


def _few(names: Sequence[str]) -> str:
    return f"{', '.join(names[:_MOST_NAMED])}{f' and {len(names) - _MOST_NAMED} more' * (len(names) > _MOST_NAMED)}"


def _not_shown(
    subject: ProofSubject, runs: Sequence[CutRun], times: Sequence[str], held: Sequence[str]
) -> Iterator[str]:
    """Yield what the cuts cannot tell, of signals given as `times` and data that is `held` among it."""
    market = subject.market
    names = sorted({name for each in market.given.values() for name in each.feature_names})
    if names:
        yield (
            f"features given as values ({', '.join(names)}): what they hold before a cut cannot be worked out anew; "
            "they were held against later prices; give a function of the market in place of the table"
        )
    if times:
        yield f"signals given as times ({', '.join(times)}): how they were found is not known; give a trigger source"
    if held:
        yield (
            f"data that the program holds or reads ({_few(held)}): what it is before a cut cannot be worked out anew"
        )
    if isinstance(subject.workers, ThisProcess) and subject.job.config.code is None:
        yield "what is kept between runs of one process: all of them ran in this one; give more workers"
    problems = dict.fromkeys(each.problem for each in runs if each.problem is not None)
    for problem in problems:
        numbers = [str(each.cut.number) for each in runs if each.problem == problem]
        yield f"cut{'s' * (len(numbers) > 1)} {', '.join(numbers)}, which could not be run: {shown(problem, 300)}"


def _held_values(subject: ProofSubject) -> list[str]:
    """Return names of data that the user's objects hold and of which only what comes after a cut can be replaced, or
    nothing, and of what they read.
    """
    middle_ms = (subject.result.start_time + subject.result.end_time) // 2
    tables = OtherTables(subject.market, subject.market, middle_ms, subject.seed)
    in_text = data_in_text(subject.job.config.code or "", subject.job.trust)  # a jailed one reads nothing
    return [*data_left(subject.held_by, tables), *in_text]


def _early_features(subject: ProofSubject) -> list[Early]:
    """Return what is wrong with features that the run asks for, or may: for which it is run again where any is."""
    found = list(early_features(subject.market))
    own = (PoolSource, TriggerTimes, KnownTriggers)
    if (
        not found
        or subject.job.prepare is not None
        or not all(isinstance(each, own) for each in subject.ground.signals)
    ):
        return found  # what is the user's own may look at any
    pools = "".join(repr(each.pool) for each in subject.ground.signals if isinstance(each, PoolSource))
    with TrialRunner(subject.job) as runner:
        records = runner.result(Trial(0, record_queries=True)).trigger_log.records
    queries = (query for each in records for query in each.queries)
    asked = {str(each["arguments"][0]) for each in queries if each["query"] == "get_feature"}
    return [each for each in found if each.name in asked or repr(each.name) in pools]
