"""The check that a run comes to the same wherever it is made."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import NamedTuple

from engine.plain_values import shown
from processes import is_hash_random

from ..runs import long_step
from ..trials import Job, Trial, TrialOutcome, run_trials, without_program
from ..workers import NotSendable, ProcessWorkers, Workers, WorkersFailed
from .certificate_check import CertificateCheck, Verdict
from .differing_journals import first_difference
from .proof_subject import ProofSubject, Reruns
from .whole_storage import ThroughDatabase, storable_until

NAME, TITLE = "determinism", "Determinism"
PROVES = (
    "The run comes to the same journal in another process, with another hash seed, in another time zone, and from a "
    "database"
)
#: Far from everywhere, with a quarter of an hour; written so that no table of zones is needed.
_ZONE = "AWAY-12:45"
#: Small sets have the same order under many seeds: two names under every other one.
_SEEDS = ("4711", "271828", "16180")
World = Mapping[str, str]
_PROCESS = "another process"
_OTHER_ZONE = f"another time zone ({_ZONE})"
#: All that is another in them at once: what passes there passes in each. Each has another seed.
_ALL: tuple[World, ...] = tuple({"PYTHONHASHSEED": seed, "TZ": _ZONE} for seed in _SEEDS)
_ALL_WORDS = f"{_PROCESS}, {len(_SEEDS)} other hash seeds ({', '.join(_SEEDS)}), {_OTHER_ZONE}"


_SQLITE = "a database of SQLite"


class Place(NamedTuple):
    """Where the run was made again: its head, how far it was made if not to its end (epoch ms), what differs there,
    and why it could not be made.
    """

    name: str
    head: str | None = None
    until_ms: int | None = None
    differs: str | None = None
    problem: str | None = None


def determinism_check(subject: ProofSubject) -> CertificateCheck:
    """Return the check of a subject: its run in other processes, and from databases that hold its market."""
    places = [*_elsewhere(subject), *_databases(subject)]
    failures = [f"{each.name}: {each.differs}" for each in places if each.differs is not None]
    same = [each.name for each in places if each.differs is None and each.problem is None]
    not_shown = [f"{each.name}: {each.problem}" for each in places if each.problem is not None]
    evidence = {"head": subject.result.journal_head, "places": [each._asdict() for each in places]}
    if failures:
        return CertificateCheck(NAME, TITLE, PROVES, Verdict.FAILED, "; ".join(failures), not_shown, evidence)
    if not same:
        reason = "the run could be made nowhere else"
        return CertificateCheck(NAME, TITLE, PROVES, Verdict.NOT_SHOWN, reason, not_shown, evidence)
    reason = f"the same journal with {', '.join(same)}"
    return CertificateCheck(NAME, TITLE, PROVES, Verdict.PASSED, reason, not_shown, evidence)


class _Run(NamedTuple):
    """What came of one other process: its outcome, or why there is none."""

    outcome: TrialOutcome | None
    problem: str | None = None

    def differs_from(self, other: _Run) -> bool:
        """Whether the two have come to other journals, as far as both have come to any."""
        one, two = self.outcome, other.outcome
        return one is not None and two is not None and one.journal != two.journal


def _elsewhere(subject: ProofSubject) -> Iterator[Place]:
    """Yield what came of other processes: all that can be another at once, and one by one where that differs."""
    place = Place(_ALL_WORDS)
    for number, run in enumerate(_runs(subject, _ALL)):
        place = _place(subject, _ALL_WORDS, run)
        if place.differs is not None:
            yield from [*_blamed(subject, _SEEDS[number])] or [place]
            return
        if place.problem is not None:
            break
    yield place


def _blamed(subject: ProofSubject, seed: str) -> Iterator[Place]:
    """Yield the places of what, by itself, makes the run another one, as all with this seed together do.

    They are held against a process like them, for the hash seed of this one may be one that nobody knows.
    """
    (plain,) = _runs(subject, [{}])
    place = _place(subject, _PROCESS, plain)
    if place.differs is not None and (not is_hash_random() or plain.differs_from(next(_runs(subject, [{}])))):
        yield place  # nothing else can be told
        return
    seeded, zoned = _runs(subject, [{"PYTHONHASHSEED": seed}, {"TZ": _ZONE}])
    if seeded.differs_from(plain):
        yield _place(subject, f"another hash seed ({seed})", seeded, plain)
    elif place.differs is not None:
        yield place
    if zoned.differs_from(plain):
        yield _place(subject, _OTHER_ZONE, zoned, plain)


def _runs(subject: ProofSubject, worlds: Sequence[World]) -> Iterator[_Run]:
    """Yield what came of the run in a process of each world; all of them run at once."""
    end_ms = subject.job.config.end_ms
    trial = Trial(0, stop_ms=end_ms, known_line=subject.line_before(end_ms))
    with ExitStack() as stack, long_step("running elsewhere", len(worlds), "runs") as advance:
        try:
            started = [stack.enter_context(ProcessWorkers(1, world)) for world in worlds]
        except WorkersFailed as error:
            yield from (_Run(None, f"{error}") for _ in worlds)
            return
        for run in [_given_out(subject.job, trial, workers) for workers in started]:
            yield run()
            advance(1)


def _given_out(job: Job, trial: Trial, workers: Workers) -> Callable[[], _Run]:
    """Give out a run; what is returned waits for what comes of it."""
    try:
        outcomes = run_trials(job, [trial], workers)
    except (NotSendable, WorkersFailed) as error:
        problem = f"{error}"
        return lambda: _Run(None, problem)

    def waited() -> _Run:
        try:
            (outcome,) = outcomes
        except WorkersFailed as error:
            return _Run(None, f"{error}")
        return _Run(outcome)

    return waited


def _place(subject: ProofSubject, name: str, run: _Run, against: _Run | None = None) -> Place:
    """Return a place, held against the run here, or another one."""
    if run.outcome is None:
        return Place(name, problem=run.problem)
    ours = None if against is None or against.outcome is None else against.outcome.journal.splitlines() or None
    return _judged(subject, name, run.outcome, None, ours)


def _databases(subject: ProofSubject) -> Iterator[Place]:
    """Yield what came of each kind of database."""
    yield subject.found(stored_reruns(subject))[0]
    name = "a database of PostgreSQL"
    if (subject.job.database or "").startswith("postgresql"):
        yield Place(f"{name}, its own", subject.result.journal_head)
    elif subject.postgresql is not None:
        yield _stored(subject, name, subject.postgresql)
    else:
        yield Place(name, problem="no server was named; --postgresql URL names an empty database of one")


def _stored(subject: ProofSubject, name: str, url: str) -> Place:
    until_ms = storable_until(subject)
    outcome = subject.outcome_here(_trial_through(subject, until_ms, url), f"running from {name}")
    return _judged(subject, name, outcome, until_ms)


def _trial_through(subject: ProofSubject, until_ms: int, url: str | None = None) -> Trial:
    change = ThroughDatabase(without_program(subject.job.config), until_ms, url)
    return Trial(0, change=change, stop_ms=until_ms, known_line=subject.line_before(until_ms))


def stored_reruns(subject: ProofSubject) -> Reruns:
    """Return the run from a file of SQLite."""
    until_ms = storable_until(subject)
    trial = _trial_through(subject, until_ms)
    return Reruns(f"running from {_SQLITE}", [trial], lambda outcome: _judged(subject, _SQLITE, outcome, until_ms))


def _judged(
    subject: ProofSubject,
    name: str,
    outcome: TrialOutcome,
    until_ms: int | None,
    against: Sequence[bytes] | None = None,
) -> Place:
    if outcome.digest is None:
        return Place(name, problem=shown(outcome.error or "it came to no result", 300))
    is_whole = until_ms is None or until_ms >= subject.job.config.end_ms
    here = subject.journal[0] if until_ms is None else subject.upto(until_ms)
    ours = here if against is None else against
    theirs = outcome.journal.splitlines() or here  # none where it ends with the known line
    found = first_difference(ours, theirs, ("here", "there"))
    head = _head(theirs[-1]) if is_whole else None
    differs = None if found is None else f"line {found.line} of the journal differs: {found.words}"
    return Place(name, head, None if is_whole else until_ms, differs)


def _head(line: bytes) -> str:
    head: str = json.loads(line)["~hash"]
    return head
