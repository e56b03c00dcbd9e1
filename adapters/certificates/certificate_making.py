"""A certificate of a job."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from engine import BacktestResult

from ..trials import Job
from ..workers import Workers
from .ambiguity import ambiguity_check
from .certificate import Certificate
from .certificate_check import CertificateCheck
from .certificate_contents import contents_of
from .determinism import determinism_check, stored_reruns
from .ledger_proof import ledger_check
from .look_ahead import cut_reruns, look_ahead_check
from .metamorphic_laws import idle_reruns, law_reruns, laws_check
from .order_independence import order_check, shuffled_reruns
from .proof_subject import CUTS, TIES, ProofSubject, Reruns
from .warm_up_rows import longer_reruns, warm_up_check

Check: TypeAlias = "Callable[[ProofSubject], CertificateCheck]"
#: What a certificate is made of, in the order in which it is told: a new check is a module and a row here.
CHECKS: tuple[Check, ...] = (
    look_ahead_check,
    determinism_check,
    order_check,
    warm_up_check,
    ledger_check,
    laws_check,
    ambiguity_check,
)
#: What the checks have run whatever comes of it: all of it is made at once, so that no worker waits for the end of one.
_RERUNS: tuple[Callable[[ProofSubject], Reruns], ...] = (
    cut_reruns,
    stored_reruns,
    shuffled_reruns,
    longer_reruns,
    idle_reruns,
    law_reruns,
)


def make_certificate(
    job: Job,
    workers: Workers,
    *,
    title: str = "",
    cuts: int = CUTS,
    ties: int = TIES,
    seed: int = 0,
    result: BacktestResult | None = None,
    postgresql: str | None = None,
) -> Certificate:
    """Return the certificate of a job's configuration, from its run and many like it on workers.

    `title` says what is run (default: the program's name and its symbols), `cuts` how often the future is replaced by
    noise, `ties` how often the order of ties is shuffled, both drawn from `seed`; `result` is that of the job, where it
    was run already, and `postgresql` the URL of an empty database of PostgreSQL to run from, too. Raises
    `ConfigurationError` and `DataError` for what cannot be run, and `StrategyError` where the program does not come to
    its end.
    """
    subject = ProofSubject(job, workers, cuts, ties, seed, result, postgresql)
    run = subject.result
    done: dict[Check, CertificateCheck] = {}

    def done_here() -> None:
        assert subject.repeated is not None
        done[ledger_check] = ledger_check(subject)

    subject.make([reruns(subject) for reruns in _RERUNS], "running again", done_here)
    checks = tuple(done.get(check) or check(subject) for check in CHECKS)
    return Certificate(title or subject.title, run.start_time, run.end_time, run.digest, checks, contents_of(subject))
