"""The check that a run comes to the same wherever it is made."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from engine.plain_values import shown

from ..runs import long_step
from ..trials import Trial, TrialOutcome, run_trials, without_program
from ..workers import NotSendable, ProcessWorkers, WorkersFailed
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
_ZONE, _SEED = "AWAY-12:45", "4711"
_WORLDS: Mapping[str, Mapping[str, str]] = {
    "another process": {},
    f"another hash seed ({_SEED})": {"PYTHONHASHSEED": _SEED},
    f"another time zone ({_ZONE})": {"TZ": _ZONE},
}
#: All that is another in them, at once: what passes there passes in each.
_ALL = {name: value for world in _WORLDS.values() for name, value in world.items()}


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


def _elsewhere(subject: ProofSubject) -> Iterator[Place]:
    """Yield what came of other processes: all that can be another at once, and one by one where that differs."""
    together = _in_process(subject, ", ".join(_WORLDS), _ALL)
    if together.differs is None:
        yield together
        return
    alone = []
    for name, world in _WORLDS.items():  # in another process at all first: nothing else can be told where that differs
        alone.append(_in_process(subject, name, world))
        if not world and alone[0].differs is not None:
            break
    yield from alone if any(each.differs is not None for each in alone) else (together,)


def _in_process(subject: ProofSubject, name: str, world: Mapping[str, str]) -> Place:
    job = subject.job
    trial = Trial(0, stop_ms=job.config.end_ms)
    try:
        with ProcessWorkers(1, world) as workers, long_step("running elsewhere", 1, "runs") as advance:
            (outcome,) = run_trials(job, [trial], workers)
            advance(1)
    except (NotSendable, WorkersFailed) as error:
        return Place(name, problem=f"{error}")
    return _judged(subject, name, outcome, None)


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


def _judged(subject: ProofSubject, name: str, outcome: TrialOutcome, until_ms: int | None) -> Place:
    if outcome.digest is None:
        return Place(name, problem=shown(outcome.error or "it came to no result", 300))
    is_whole = until_ms is None or until_ms >= subject.job.config.end_ms
    ours = subject.journal[0] if until_ms is None else subject.upto(until_ms)
    theirs = outcome.journal.splitlines() or ours  # none where it ends with the known line
    found = first_difference(ours, theirs, ("here", "there"))
    head = _head(theirs[-1]) if is_whole else None
    differs = None if found is None else f"line {found.line} of the journal differs: {found.words}"
    return Place(name, head, None if is_whole else until_ms, differs)


def _head(line: bytes) -> str:
    head: str = json.loads(line)["~hash"]
    return head
